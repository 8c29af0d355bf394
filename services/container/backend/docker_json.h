// Docker Engine's JSON <-> our types. Understands API 1.41 up to what current engines answer:
// fields that older engines send and newer ones dropped are never needed.
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
};
absl::StatusOr<ServerVersion> ParseVersion(absl::string_view json);

// GET /images/NAME/json.
absl::StatusOr<ImageInfo> ParseImage(absl::string_view json);

// POST /containers/create: body and answer.
std::string FormatCreate(const ContainerOptions& options);
absl::StatusOr<std::string> ParseId(absl::string_view json);

// GET /containers/ID/json and the ids in GET /containers/json.
absl::StatusOr<ContainerInfo> ParseContainer(absl::string_view json);
absl::StatusOr<std::vector<ContainerId>> ParseContainerIds(absl::string_view json);

// POST /containers/ID/exec: body; GET /exec/ID/json: the exit code.
std::string FormatExec(const ExecOptions& options);
absl::StatusOr<int> ParseExecExitCode(absl::string_view json);

// One line of GET /events; none if it is of no interest.
absl::StatusOr<std::optional<ContainerEvent>> ParseEvent(absl::string_view json);
// The `filters` parameter for a label, for events of containers only if `events`.
std::string FormatLabelFilter(const std::string& label, bool events);

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

}  // namespace drover::container::docker_json

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_DOCKER_JSON_H_
