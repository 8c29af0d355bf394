// The text form of what was attached for one start of a container.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_START_JSON_H_
#define DROVER_SERVICES_VOLUME_BACKEND_START_JSON_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::volume {

struct StartFile {
  std::string application;
  // Of the container whose gate has reported itself; empty before.
  std::string container_id;
  // Volume id and mountpoint, in the order of the slots.
  std::vector<std::pair<std::string, std::string>> volumes;
  // The program behind its gate was executed.
  bool executed = false;
  // Its container is gone, but something else still used a slot.
  bool released = false;
};

std::string StartToJson(const StartFile& start);
// DATA_LOSS if `text` is not one.
absl::StatusOr<StartFile> StartFromJson(absl::string_view text);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_START_JSON_H_
