#include "services/container/backend/docker_json.h"

#include <boost/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"

namespace drover::container::docker_json {
namespace {

namespace json = boost::json;

absl::StatusOr<json::value> Parse(absl::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    return absl::InternalError(
        absl::StrCat("the container engine answered what is not JSON: ", text.substr(0, 200)));
  }
  return value;
}

// The member, or null: engines leave out, or send as null, what is empty.
const json::value& At(const json::value& value, absl::string_view key) {
  static const json::value kNull;
  const json::object* object = value.if_object();
  if (object == nullptr) return kNull;
  const json::value* member = object->if_contains(json::string_view(key.data(), key.size()));
  return member == nullptr ? kNull : *member;
}

std::string Text(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

int64_t Number(const json::value& value) {
  if (const int64_t* number = value.if_int64()) return *number;
  if (const uint64_t* number = value.if_uint64()) return static_cast<int64_t>(*number);
  if (const double* number = value.if_double()) return static_cast<int64_t>(*number);
  return 0;
}

bool True(const json::value& value) { return value.is_bool() && value.get_bool(); }

std::vector<std::string> Texts(const json::value& value) {
  std::vector<std::string> texts;
  const json::array* array = value.if_array();
  if (array == nullptr) return texts;
  for (const json::value& element : *array) texts.push_back(Text(element));
  return texts;
}

std::map<std::string, std::string> TextMap(const json::value& value) {
  std::map<std::string, std::string> map;
  const json::object* object = value.if_object();
  if (object == nullptr) return map;
  for (const auto& member : *object) map[std::string(member.key())] = Text(member.value());
  return map;
}

json::array ToArray(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

absl::Status Missing(absl::string_view what) {
  return absl::InternalError(absl::StrCat("the container engine's answer has no ", what));
}

// Engines before API 1.44 also give the default bridge's address beside the networks; newer ones
// only there.
std::string Address(const json::value& settings) {
  if (const json::object* networks = At(settings, "Networks").if_object()) {
    for (const auto& network : *networks) {
      std::string address = Text(At(network.value(), "IPAddress"));
      if (!address.empty()) return address;
    }
  }
  return Text(At(settings, "IPAddress"));
}

std::optional<HealthCheck> ReadHealthCheck(const json::value& check) {
  return MakeHealthCheck(Texts(At(check, "Test")), absl::Nanoseconds(Number(At(check, "Timeout"))));
}

absl::Time StartedAt(const json::value& state) {
  absl::Time time;
  const std::string text = Text(At(state, "StartedAt"));
  // "0001-01-01T00:00:00Z" and, in newer engines, nothing: never.
  if (text.empty() || text.substr(0, 4) == "0001") return absl::InfinitePast();
  return absl::ParseTime(absl::RFC3339_full, text, &time, nullptr) ? time : absl::InfinitePast();
}

json::object FormatMount(const BindMount& mount) {
  json::object result = {{"Type", "bind"},
                         {"Source", mount.source},
                         {"Target", mount.target},
                         {"ReadOnly", mount.read_only}};
  if (mount.follows_mounts) result["BindOptions"] = {{"Propagation", "rslave"}};
  return result;
}

}  // namespace

absl::StatusOr<ServerVersion> ParseVersion(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  ServerVersion version{.version = Text(At(value, "Version")),
                        .api = Text(At(value, "ApiVersion")),
                        .oldest_api = Text(At(value, "MinAPIVersion"))};
  if (const json::array* components = At(value, "Components").if_array()) {
    for (const json::value& component : *components) {
      version.is_podman |= Text(At(component, "Name")) == "Podman Engine";
    }
  }
  if (version.api.empty()) return Missing("ApiVersion");
  return version;
}

absl::StatusOr<ImageInfo> ParseImage(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  ImageInfo image;
  image.digest = Text(At(value, "Id"));
  if (image.digest.empty()) return Missing("image Id");
  const json::value& config = At(value, "Config");
  image.config.entrypoint = Texts(At(config, "Entrypoint"));
  image.config.command = Texts(At(config, "Cmd"));
  image.config.environment = Texts(At(config, "Env"));
  image.config.working_directory = Text(At(config, "WorkingDir"));
  image.config.stop_signal = Text(At(config, "StopSignal"));
  image.config.health_check = ReadHealthCheck(At(config, "Healthcheck"));
  if (const json::object* volumes = At(config, "Volumes").if_object()) {
    for (const auto& volume : *volumes) image.config.volumes.emplace_back(volume.key());
  }
  return image;
}

absl::StatusOr<std::optional<HealthCheck>> ParsePodmanHealthCheck(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  return ReadHealthCheck(At(value, "Healthcheck"));
}

std::string FormatCreate(const ContainerOptions& options) {
  json::object labels;
  for (const auto& [name, value] : options.labels) labels[name] = value;
  json::object exposed;
  json::object bindings;
  for (int port : options.ports) {
    const std::string name = absl::StrCat(port, "/tcp");
    exposed[name] = json::object();
    // Port "" lets the engine choose.
    bindings[name] = json::array({json::object({{"HostIp", "127.0.0.1"}, {"HostPort", ""}})});
  }
  json::array mounts;
  for (const BindMount& mount : options.mounts) mounts.push_back(FormatMount(mount));
  json::object host = {{"RestartPolicy", {{"Name", "no"}}},
                       {"Mounts", mounts},
                       {"PortBindings", bindings},
                       {"Memory", options.memory_limit},
                       {"CpuShares", options.cpu_shares}};
  json::object body = {{"Image", options.image},
                       {"Env", ToArray(options.environment)},
                       {"Labels", labels},
                       {"WorkingDir", "/"},
                       {"Healthcheck", {{"Test", json::array({"NONE"})}}},
                       {"ExposedPorts", exposed},
                       {"HostConfig", host}};
  if (!options.entrypoint.empty()) body["Entrypoint"] = ToArray(options.entrypoint);
  if (!options.command.empty()) body["Cmd"] = ToArray(options.command);
  return json::serialize(body);
}

absl::StatusOr<std::string> ParseId(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  std::string id = Text(At(value, "Id"));
  if (id.empty()) return Missing("Id");
  return id;
}

absl::StatusOr<ContainerInfo> ParseContainer(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  ContainerInfo container;
  container.id = ContainerId(Text(At(value, "Id")));
  if (container.id.empty()) return Missing("container Id");
  container.name = Text(At(value, "Name"));
  if (container.name.starts_with('/')) container.name.erase(0, 1);
  const json::value& config = At(value, "Config");
  container.labels = TextMap(At(config, "Labels"));
  container.image = Text(At(config, "Image"));
  container.stop_signal = Text(At(config, "StopSignal"));
  container.image_digest = Text(At(value, "Image"));
  const json::value& state = At(value, "State");
  container.running = True(At(state, "Running"));
  container.pid = static_cast<int>(Number(At(state, "Pid")));
  container.exit_code = static_cast<int>(Number(At(state, "ExitCode")));
  container.started_at = StartedAt(state);
  if (container.running) container.address = Address(At(value, "NetworkSettings"));
  return container;
}

absl::StatusOr<std::vector<ContainerId>> ParseContainerIds(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  const json::array* array = value.if_array();
  if (array == nullptr) return Missing("list of containers");
  std::vector<ContainerId> ids;
  for (const json::value& element : *array) ids.emplace_back(Text(At(element, "Id")));
  return ids;
}

std::string FormatExec(const ExecOptions& options) {
  json::object body = {
      {"Cmd", ToArray(options.command)}, {"AttachStdout", true}, {"AttachStderr", true}};
  if (!options.working_directory.empty()) body["WorkingDir"] = options.working_directory;
  return json::serialize(body);
}

absl::StatusOr<int> ParseExecExitCode(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  const json::value& exit_code = At(value, "ExitCode");
  if (exit_code.is_null()) return absl::UnavailableError("the command has not ended");
  return static_cast<int>(Number(exit_code));
}

absl::StatusOr<std::optional<ContainerEvent>> ParseEvent(absl::string_view text,
                                                         absl::string_view label) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  // `status` and `id` beside these are for engines older than any we talk to, and newer ones
  // dropped them.
  const std::string action = Text(At(value, "Action"));
  const json::value& actor = At(value, "Actor");
  // Among them are the container's labels.
  const json::value& attributes = At(actor, "Attributes");
  if (At(attributes, label).is_null()) return std::nullopt;
  ContainerEvent event;
  event.id = ContainerId(Text(At(actor, "ID")));
  if (action == "start") {
    event.kind = ContainerEvent::Kind::kStarted;
  } else if (action == "die") {
    event.kind = ContainerEvent::Kind::kEnded;
    if (!absl::SimpleAtoi(Text(At(attributes, "exitCode")), &event.exit_code)) {
      event.exit_code = 255;
    }
  } else {
    return std::nullopt;
  }
  return event;
}

std::string FormatLabelFilter(const std::string& label) {
  return json::serialize(json::object({{"label", json::array({label})}}));
}

std::string FormatEventFilter() {
  // What Podman tells as `die` it lets pass only as `died`.
  return json::serialize(json::object(
      {{"type", json::array({"container"})}, {"event", json::array({"start", "die", "died"})}}));
}

absl::StatusOr<ProgressLine> ParseProgress(absl::string_view text) {
  DROVER_ASSIGN_OR_RETURN(json::value value, Parse(text));
  ProgressLine line;
  line.layer = Text(At(value, "id"));
  line.done_bytes = Number(At(At(value, "progressDetail"), "current"));
  line.total_bytes = Number(At(At(value, "progressDetail"), "total"));
  line.error = Text(At(At(value, "errorDetail"), "message"));
  if (line.error.empty()) line.error = Text(At(value, "error"));
  return line;
}

std::string ParseErrorMessage(absl::string_view body) {
  auto value = Parse(body);
  std::string message = value.ok() ? Text(At(*value, "message")) : std::string();
  if (message.empty()) message = std::string(body.substr(0, 200));
  return std::string(absl::StripAsciiWhitespace(message));
}

std::string ParseErrorCause(absl::string_view body) {
  auto value = Parse(body);
  return value.ok() ? Text(At(*value, "cause")) : std::string();
}

}  // namespace drover::container::docker_json
