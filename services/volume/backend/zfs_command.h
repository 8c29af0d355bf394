// The `zfs` and `zpool` programs.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_ZFS_COMMAND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_ZFS_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace drover::volume::zfs {

// Runs `zfs ARGUMENTS…`, and answers its output. NOT_FOUND for a dataset that does not exist,
// RESOURCE_EXHAUSTED (POOL_FULL), else the program's words.
absl::StatusOr<std::string> Zfs(std::vector<std::string> arguments);
// Such an answer.
bool IsBusy(const absl::Status& status);
// The same for what needs the dataset for itself: zfs-fuse lets go of it only a moment after it was
// unmounted, and says that it is busy until then.
absl::StatusOr<std::string> ZfsOnceIdle(const std::vector<std::string>& arguments);
absl::StatusOr<bool> Exists(const std::string& dataset);

// One property, as exactly as the program says it.
absl::StatusOr<std::string> Get(const std::string& dataset, const std::string& property);
absl::StatusOr<int64_t> GetNumber(const std::string& dataset, const std::string& property);
absl::Status Set(const std::string& dataset, const std::string& property, const std::string& value);

// A line of `zfs get`.
struct Property {
  std::string dataset;
  std::string name;
  std::string value;
};
// Of `dataset` and all below. `options`: further options of `zfs get`.
absl::StatusOr<std::vector<Property>> GetAll(const std::string& dataset,
                                             const std::string& properties,
                                             std::vector<std::string> options);

}  // namespace drover::volume::zfs

#endif  // DROVER_SERVICES_VOLUME_BACKEND_ZFS_COMMAND_H_
