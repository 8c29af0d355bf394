// A group's record as properties of its dataset.
//
// zfs-fuse dies of a value above 1023 bytes. A longer record is split over the properties of one of
// two sets (`drover:record-a0`, …-a1, or -b0, …), and `drover:record` names the set that counts:
// writing that one property is the atomic step.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_ZFS_RECORD_H_
#define DROVER_SERVICES_VOLUME_BACKEND_ZFS_RECORD_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace drover::volume {

inline constexpr char kRecordProperty[] = "drover:record";

// The properties to be written for `text`, in this order. `present`: the value of `drover:record`
// now, empty if there is none.
std::vector<std::pair<std::string, std::string>> SplitRecord(const std::string& text,
                                                             const std::string& present);

// The text in `properties` of one dataset. DATA_LOSS if a part is missing.
absl::StatusOr<std::string> JoinRecord(const std::map<std::string, std::string>& properties);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_ZFS_RECORD_H_
