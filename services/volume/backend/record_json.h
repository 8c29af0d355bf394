// The text form of a group's record, as it lies in the pool. Later versions must read earlier ones.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_RECORD_JSON_H_
#define DROVER_SERVICES_VOLUME_BACKEND_RECORD_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/volume/domain/group_record.h"

namespace drover::volume {

// One line of JSON; equal records give equal text.
std::string RecordToJson(const GroupRecord& record);

// DATA_LOSS if `text` is not such a record: a pool with a record that cannot be read must not
// serve.
absl::StatusOr<GroupRecord> RecordFromJson(absl::string_view text);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_RECORD_JSON_H_
