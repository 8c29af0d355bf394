#include "services/config/native/application_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/config/native/version.h"
#include "services/config/readers/application_parts.h"
#include "services/config/readers/image.h"
#include "services/config/readers/values.h"
#include "services/config/values/mountpoint.h"
#include "services/config/values/name.h"
#include "services/config/values/uuid.h"
#include "services/config/yaml/excerpt.h"
#include "services/config/yaml/field.h"

namespace drover::config {
namespace {

absl::StatusOr<RestartPolicy::Mode> ParsePolicyName(absl::string_view name) {
  if (name == "never") return RestartPolicy::Mode::kNever;
  if (name == "always") return RestartPolicy::Mode::kAlways;
  if (name == "on-failure") return RestartPolicy::Mode::kOnFailure;
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Excerpt(name), "\" is not a policy; allowed are never, always, on-failure"));
}

absl::StatusOr<std::string> CheckedHttpPath(absl::string_view path) {
  const bool has_blanks = std::any_of(path.begin(), path.end(),
                                      [](char c) { return absl::ascii_iscntrl(c) || c == ' '; });
  if (absl::StartsWith(path, "/") && !has_blanks) return std::string(path);
  return absl::InvalidArgumentError(
      "must be a path that begins with `/` and has no blanks, such as /health");
}

// Reads the applications of one file. What must be unique in the whole file is kept between them.
class Reader {
 public:
  Application ReadApplication(const NamedField& member);

 private:
  void ReadPorts(const Field& field, Application& application);
  void ReadLinks(const Field& field, Application& application);
  void ReadVolume(const Field& field, Application& application);
  void ReadVolumes(const Field& field, Application& application);
  void ReadEnvironment(const Field& field, Application& application);
  void ReadRestartPolicy(const Field& field, Application& application);
  void ReadReadiness(const Field& field, Application& application);
  void ReadProcess(const Mapping& mapping, Application& application);

  ExternalPorts external_ports_;
  DatasetIds dataset_ids_;
};

Application Reader::ReadApplication(const NamedField& member) {
  Application application;
  application.name = ApplicationName(member.name);
  std::optional<Mapping> mapping = member.value.MappingOf(
      {"image", "ports", "links", "volume", "volumes", "environment", "mem_limit", "cpu_shares",
       "restart_policy", "command", "entrypoint", "ready", "stop_timeout"},
      {kBuildNote});
  if (!mapping.has_value()) return application;
  application.image = ReadImage(*mapping);
  if (auto ports = mapping->Find("ports")) ReadPorts(*ports, application);
  if (auto links = mapping->Find("links")) ReadLinks(*links, application);
  auto volumes = mapping->Find("volumes");
  if (auto volume = mapping->Find("volume")) {
    if (volumes.has_value()) volumes->Refuse("give either `volume` or `volumes`, not both");
    ReadVolume(*volume, application);
  } else if (volumes.has_value()) {
    ReadVolumes(*volumes, application);
  }
  if (auto environment = mapping->Find("environment")) ReadEnvironment(*environment, application);
  if (auto limit = mapping->Find("mem_limit")) {
    application.memory_limit_bytes = ReadMemoryLimit(*limit);
  }
  if (auto shares = mapping->Find("cpu_shares")) {
    application.cpu_shares = ReadCpuShares(*shares);
  }
  if (auto policy = mapping->Find("restart_policy")) ReadRestartPolicy(*policy, application);
  ReadProcess(*mapping, application);
  if (auto ready = mapping->Find("ready")) ReadReadiness(*ready, application);
  if (auto timeout = mapping->Find("stop_timeout")) {
    application.stop_timeout = ReadDuration(*timeout).value_or(application.stop_timeout);
  }
  return application;
}

void Reader::ReadPorts(const Field& field, Application& application) {
  const auto mappings = field.MappingList({"internal", "external"});
  if (!mappings.has_value()) return;
  for (const Mapping& mapping : *mappings) {
    std::optional<int> internal = ReadPort(mapping.Require("internal"));
    std::optional<Field> external_field = mapping.Require("external");
    std::optional<int> external = ReadPort(external_field);
    if (internal.has_value() && external.has_value()) {
      external_ports_.Add(*external_field, {*internal, *external}, application);
    }
  }
}

void Reader::ReadLinks(const Field& field, Application& application) {
  const auto mappings = field.MappingList({"local_port", "remote_port", "alias"});
  if (!mappings.has_value()) return;
  Links links(application);
  for (const Mapping& mapping : *mappings) {
    std::optional<int> local = ReadPort(mapping.Require("local_port"));
    std::optional<int> remote = ReadPort(mapping.Require("remote_port"));
    std::optional<Field> alias_field = mapping.Require("alias");
    std::optional<std::string> alias =
        alias_field.has_value() ? alias_field->Parsed(&CheckedLinkAlias) : std::nullopt;
    if (!local.has_value() || !remote.has_value() || !alias.has_value()) continue;
    links.Add(*alias_field, {*local, *remote, *alias});
  }
}

void Reader::ReadVolume(const Field& field, Application& application) {
  std::optional<Mapping> mapping = field.MappingOf({"mountpoint", "maximum_size", "dataset_id"});
  if (!mapping.has_value()) return;
  Volume volume;
  if (auto mountpoint = mapping->Require("mountpoint")) {
    volume.mountpoint = mountpoint->Parsed(&NormalizeMountpoint).value_or("");
  }
  if (auto size = mapping->Find("maximum_size")) volume.maximum_size_bytes = ReadSize(*size, 1);
  if (auto dataset = mapping->Find("dataset_id")) {
    volume.dataset_id = dataset->Parsed(&NormalizeUuid).value_or("");
    if (!volume.dataset_id.empty()) dataset_ids_.Claim(*dataset, volume.dataset_id, application);
  }
  application.volumes.push_back(std::move(volume));
}

void Reader::ReadVolumes(const Field& field, Application& application) {
  const auto mappings = field.MappingList({"name", "mountpoint", "maximum_size"});
  if (!mappings.has_value()) return;
  Volumes volumes(application);
  for (const Mapping& mapping : *mappings) {
    Volume volume;
    const std::optional<Field> name = mapping.Require("name");
    if (name.has_value()) volume.id = name->Parsed(&CheckedVolumeName).value_or("");
    if (auto size = mapping.Find("maximum_size")) volume.maximum_size_bytes = ReadSize(*size, 1);
    const std::optional<Field> mountpoint = mapping.Require("mountpoint");
    if (mountpoint.has_value()) {
      volume.mountpoint = mountpoint->Parsed(&NormalizeMountpoint).value_or("");
      volumes.Add({name, *mountpoint}, std::move(volume));
    }
  }
}

void Reader::ReadEnvironment(const Field& field, Application& application) {
  if (field.IsNull()) return;
  auto members = field.NamedMembers();
  if (!members.has_value()) return;
  for (const auto& [name, key, value] : *members) {
    std::optional<std::string> text = value.String();
    if (text.has_value()) AddVariable(key, value, name, *std::move(text), application);
  }
}

void Reader::ReadRestartPolicy(const Field& field, Application& application) {
  if (!field.IsMapping()) {
    field.RefuseKind("a mapping with the keys name, maximum_retry_count, such as {name: always}");
    return;
  }
  const std::optional<Mapping> mapping = field.MappingOf({"name", "maximum_retry_count"});
  RestartPolicy& policy = application.restart_policy;
  // Where the name is unusable nothing more can be said.
  bool may_be_limited = true;
  if (const auto name = mapping->Require("name")) {
    if (const auto mode = name->Parsed(&ParsePolicyName)) {
      policy.mode = *mode;
      may_be_limited = *mode == RestartPolicy::Mode::kOnFailure;
    }
  }
  if (auto count = mapping->Find("maximum_retry_count")) {
    policy.maximum_retry_count = count->Integer(1, kMaxRetryCount);
    if (!may_be_limited) count->Refuse("only allowed with the policy on-failure");
  }
}

void Reader::ReadProcess(const Mapping& mapping, Application& application) {
  if (auto command = mapping.Find("command")) application.command = command->StringList();
  const std::optional<Field> entrypoint = mapping.Find("entrypoint");
  if (entrypoint.has_value()) application.entrypoint = entrypoint->StringList();
  CheckProcess(entrypoint, application);
}

void Reader::ReadReadiness(const Field& field, Application& application) {
  std::optional<Mapping> mapping = field.MappingOf({"port", "http", "timeout"});
  if (!mapping.has_value()) return;
  Readiness readiness;
  auto port = mapping->Find("port");
  if (port.has_value()) readiness.port = ReadPort(port);
  if (auto http = mapping->Find("http")) {
    readiness.http_path = http->Parsed(&CheckedHttpPath).value_or("/");
    if (!port.has_value() && application.ports.empty()) {
      http->Refuse("no port to ask: give `port` here, or publish one under `ports`");
    }
  }
  if (auto timeout = mapping->Find("timeout")) {
    readiness.timeout = ReadDuration(*timeout).value_or(readiness.timeout);
  }
  application.readiness = readiness;
}

}  // namespace

ApplicationFile ReadNativeApplications(const Node& root, Problems& problems) {
  ApplicationFile result;
  std::optional<Mapping> top = Field(root, "", problems).MappingOf({"version", "applications"});
  if (!top.has_value()) return result;
  ReadVersion(*top);
  std::optional<Field> applications = top->Require("applications");
  if (!applications.has_value()) return result;
  auto members = applications->NamedMembers(CheckApplicationName);
  if (!members.has_value()) return result;
  Reader reader;
  for (const NamedField& member : *members) {
    result.names.insert(member.name);
    result.applications.push_back(reader.ReadApplication(member));
  }
  return result;
}

}  // namespace drover::config
