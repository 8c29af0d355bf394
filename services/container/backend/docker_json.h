// Docker Engine's JSON <-> our types. Understands API 1.41 up to what current engines answer:
// fields that older engines send and newer ones dropped are never needed. Podman answers in the
// same form.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_JSON_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/container/backend/container_engine.h"

namespace drover::container::docker_json {

// GET /version.
struct ServerVersion {
  std::string version;
  std::string api;
  std::string oldest_api;
  // Podman in Docker's place.
  bool is_podman = false;
};
absl::StatusOr<ServerVersion> ParseVersion(absl::string_view json);

// GET /images/NAME/json.
absl::StatusOr<ImageInfo> ParseImage(absl::string_view json);
// The image's health check in Podman's own form of that, GET /libpod/images/NAME/json.
absl::StatusOr<std::optional<HealthCheck>> ParsePodmanHealthCheck(absl::string_view json);

// POST /containers/create: body and answer.
std::string FormatCreate(const ContainerOptions& options);
absl::StatusOr<std::string> ParseId(absl::string_view json);

// GET /containers/ID/json and the ids in GET /containers/json.
absl::StatusOr<ContainerInfo> ParseContainer(absl::string_view json);
absl::StatusOr<std::vector<ContainerId>> ParseContainerIds(absl::string_view json);

// POST /containers/ID/exec: body; GET /exec/ID/json: the exit code.
std::string FormatExec(const ExecOptions& options);
absl::StatusOr<int> ParseExecExitCode(absl::string_view json);

// One line of GET /events; none if it is not about a container that carries the label, or of no
// interest.
absl::StatusOr<std::optional<ContainerEvent>> ParseEvent(absl::string_view json,
                                                         absl::string_view label);
// The `filters` parameter of GET /containers/json for a label.
std::string FormatLabelFilter(const std::string& label);
// That of GET /events for those that ParseEvent knows. It names no label: Podman finds none by its
// name alone.
std::string FormatEventFilter();

// One line of POST /images/create or /images/load.
struct ProgressLine {
  // Which layer; empty for lines about the whole.
  std::string layer;
  int64_t done_bytes = 0;
  int64_t total_bytes = 0;
  // Not empty if it failed.
  std::string error;
};
absl::StatusOr<ProgressLine> ParseProgress(absl::string_view json);

// The engine's words in the body of an error answer.
std::string ParseErrorMessage(absl::string_view body);
// What Podman adds to them: the kind of the error, always in the same words. Empty if it does not.
std::string ParseErrorCause(absl::string_view body);

}  // namespace drover::container::docker_json

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_JSON_H_
