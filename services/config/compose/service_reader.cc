#include "services/config/compose/service_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/status/status_macros.h"
#include "services/config/compose/health_check.h"
#include "services/config/compose/mappings.h"
#include "services/config/compose/shell_words.h"
#include "services/config/compose/word_lists.h"
#include "services/config/readers/image.h"
#include "services/config/readers/values.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr absl::string_view kKeys[] = {
    "image",       "environment",       "ports",     "links",      "volumes",
    "mem_limit",   "cpu_shares",        "command",   "entrypoint", "restart",
    "healthcheck", "stop_grace_period", "depends_on"};

constexpr KeyNote kNotes[] = {
    kBuildNote,
    {"env_file", "not supported: write the variables under `environment`"},
    {"networks", "not supported: applications reach each other by `links`, from every node"},
    {"container_name", "not supported: containers are named drover--APPLICATION"},
    {"expose", "not needed: `links` lead to the ports that are published under `ports`"},
    {"deploy", "not supported: where an application runs is said by the deployment file"},
};

std::optional<std::vector<std::string>> ReadWords(const Field& field) {
  if (field.IsList()) return field.StringList();
  return field.Parsed(&SplitShellWords);
}

void ReadVariables(const Field& field, Application& application) {
  if (field.IsNull()) return;
  if (!field.IsList()) {
    const auto members = field.NamedMembers();
    if (!members.has_value()) return;
    for (const auto& [name, key, value] : *members) {
      std::optional<std::string> text = value.String();
      if (text.has_value()) AddVariable(key, value, name, *std::move(text), application);
    }
    return;
  }
  const std::vector<Field> items = *field.List();
  for (const Field& item : items) {
    const std::optional<std::string> text = item.String();
    if (!text.has_value()) continue;
    const std::pair<std::string, std::string> variable =
        absl::StrSplit(*text, absl::MaxSplits('=', 1));
    AddVariable(item, item, variable.first, variable.second, application);
  }
}

absl::StatusOr<std::string> CheckedProtocol(absl::string_view name) {
  if (name == "tcp") return std::string(name);
  return absl::InvalidArgumentError(
      absl::StrCat("\"", Excerpt(name), "\" is not supported yet, only tcp"));
}

// Compose's long form.
std::optional<PortMapping> ReadPortMapping(const Field& field) {
  const std::optional<Mapping> mapping =
      field.MappingOf({"target", "published", "protocol"},
                      {{"host_ip", "not supported: every node answers on the external port"}});
  if (!mapping.has_value()) return std::nullopt;
  if (const auto protocol = mapping->Find("protocol")) protocol->Parsed(&CheckedProtocol);
  const std::optional<int> target = ReadPort(mapping->Require("target"));
  const std::optional<Field> published_field = mapping->Require("published");
  if (!target.has_value() || !published_field.has_value()) return std::nullopt;
  // Compose writes it as a string as well, for its ranges.
  const std::optional<int> published = published_field->IsPlainNumber()
                                           ? ReadPort(published_field)
                                           : published_field->Parsed(&ParsePort);
  if (!published.has_value()) return std::nullopt;
  return PortMapping{*target, *published};
}

void ReadPorts(const Field& field, ExternalPorts& external_ports, Application& application) {
  const auto items =
      field.WordList([&](Words words) { return ArePortMappings(words, external_ports); });
  if (!items.has_value()) return;
  for (const Field& item : *items) {
    const std::optional<PortMapping> port =
        item.IsMapping() ? ReadPortMapping(item) : item.Parsed(&ParsePortMapping);
    if (port.has_value()) external_ports.Add(item, *port, application);
  }
}

// Being started and being ready is one here: a start ends with its application ready.
absl::StatusOr<std::string> CheckedCondition(absl::string_view condition) {
  if (condition == "service_started" || condition == "service_healthy") {
    return std::string(condition);
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", Excerpt(condition),
                                                 "\" is not supported; allowed are "
                                                 "service_started and service_healthy, which are "
                                                 "the same here"));
}

void ReadDependencyList(const Field& field, ApplicationNames& names, Service& service) {
  const std::string& own_name = service.application.name.value();
  const auto items =
      field.WordList([&](Words words) { return AreOtherApplications(words, names, own_name); });
  if (!items.has_value()) return;
  const auto parse = [&names](absl::string_view name) -> absl::StatusOr<std::string> {
    DROVER_RETURN_IF_ERROR(names.Check(name));
    return std::string(name);
  };
  for (const Field& item : *items) {
    std::optional<std::string> name = item.Parsed(parse);
    if (name.has_value()) service.dependencies.push_back({item, *std::move(name)});
  }
}

void ReadDependencies(const Field& field, ApplicationNames& names, Service& service) {
  if (!field.IsMapping()) {
    ReadDependencyList(field, names, service);
    return;
  }
  const std::vector<NamedField> members =
      *field.NamedMembers([&names](absl::string_view name) { return names.Check(name); });
  for (const auto& [name, key, value] : members) {
    if (names.Contains(name)) service.dependencies.push_back({key, name});
    const std::optional<Mapping> options = value.MappingOf(
        {"condition"},
        {{"required", "not supported: one that this file does not place is not waited for"},
         {"restart", "not supported: an application goes on when another one is restarted"}});
    if (!options.has_value()) continue;
    if (const auto condition = options->Find("condition")) {
      condition->Parsed(&CheckedCondition);
    }
  }
}

void ReadVolumes(const Field& field, VolumeNames& names, Application& application) {
  const auto items = field.WordList([&](Words words) { return AreVolumeMappings(words, names); });
  if (!items.has_value()) return;
  Volumes volumes(application);
  for (const Field& item : *items) {
    std::optional<Volume> volume = item.Parsed(&ParseVolumeMapping);
    if (!volume.has_value()) continue;
    if (volume->id.empty() && items->size() > 1) {
      item.Refuse("an application with several volumes needs a name for each: NAME:/PATH");
    }
    if (!volume->id.empty()) names.Claim(item, volume->id, application);
    volumes.Add({item, item}, *std::move(volume));
  }
}

absl::StatusOr<RestartPolicy> ParseRestart(absl::string_view text) {
  using Mode = RestartPolicy::Mode;
  if (text == "no") return RestartPolicy{Mode::kNever};
  // One that the user stopped stays so either way.
  if (text == "always" || text == "unless-stopped") return RestartPolicy{Mode::kAlways};
  if (text == "on-failure") return RestartPolicy{Mode::kOnFailure};
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "on-failure")) {
    return absl::InvalidArgumentError(absl::StrCat("\"", Excerpt(text),
                                                   "\" is not a policy; allowed are \"no\", "
                                                   "always, on-failure[:N], unless-stopped"));
  }
  int count = 0;
  const bool is_number = absl::ConsumePrefix(&rest, ":") &&
                         std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit) &&
                         absl::SimpleAtoi(rest, &count);
  if (is_number && count >= 1 && count <= kMaxRetryCount) {
    return RestartPolicy{Mode::kOnFailure, count};
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", Excerpt(text),
                                                 "\" is not a policy; write on-failure:N, N "
                                                 "from 1 to ",
                                                 kMaxRetryCount));
}

}  // namespace

Service ReadService(const NamedField& member, ApplicationNames& names, VolumeNames& volume_names,
                    ExternalPorts& external_ports) {
  Service service;
  Application& application = service.application;
  application.name = ApplicationName(member.name);
  const std::optional<Mapping> mapping = member.value.MappingOf(kKeys, kNotes);
  if (!mapping.has_value()) return service;
  application.image = ReadImage(*mapping);
  if (const auto variables = mapping->Find("environment")) ReadVariables(*variables, application);
  if (const auto ports = mapping->Find("ports")) ReadPorts(*ports, external_ports, application);
  service.links = mapping->Find("links");
  if (const auto volumes = mapping->Find("volumes")) {
    ReadVolumes(*volumes, volume_names, application);
  }
  if (const auto limit = mapping->Find("mem_limit")) {
    application.memory_limit_bytes = ReadMemoryLimit(*limit);
  }
  if (const auto shares = mapping->Find("cpu_shares")) {
    application.cpu_shares = ReadCpuShares(*shares);
  }
  if (const auto command = mapping->Find("command")) application.command = ReadWords(*command);
  const auto entrypoint = mapping->Find("entrypoint");
  if (entrypoint.has_value()) application.entrypoint = ReadWords(*entrypoint);
  CheckProcess(entrypoint, application);
  if (const auto restart = mapping->Find("restart")) {
    application.restart_policy =
        restart->Parsed(&ParseRestart).value_or(application.restart_policy);
  }
  if (const auto check = mapping->Find("healthcheck")) {
    application.readiness = ReadHealthCheck(*check);
  }
  if (const auto dependencies = mapping->Find("depends_on")) {
    ReadDependencies(*dependencies, names, service);
  }
  if (const auto period = mapping->Find("stop_grace_period")) {
    application.stop_timeout = ReadDuration(*period).value_or(application.stop_timeout);
  }
  return service;
}

std::vector<ServiceLink> ReadLinks(const Field& field, ApplicationNames& names,
                                   absl::FunctionRef<bool(const std::string&)> publishes) {
  std::vector<ServiceLink> links;
  const auto items = field.WordList([&](Words words) { return AreLinks(words, publishes); });
  if (!items.has_value()) return links;
  const auto parse = [&names](absl::string_view text) -> absl::StatusOr<NamedLink> {
    DROVER_ASSIGN_OR_RETURN(NamedLink link, ParseLink(text));
    DROVER_RETURN_IF_ERROR(names.Check(link.target));
    return link;
  };
  for (const Field& item : *items) {
    std::optional<NamedLink> link = item.Parsed(parse);
    if (link.has_value()) links.push_back({item, *std::move(link)});
  }
  return links;
}

}  // namespace drover::config
