// One command at a time changes a lab.
#ifndef DROVER_TESTING_LAB_LAB_LOCK_H_
#define DROVER_TESTING_LAB_LAB_LOCK_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/common/process/spawn.h"

namespace drover::lab {

// Holds the lock of the lab whose folder is `root` until destroyed. The kernel releases it when the
// holder dies. It is on the folder itself, so that nothing is left when the lab is removed.
class LabLock {
 public:
  // Waits for other holders. NOT_FOUND if there is no such folder (any more). Blocks.
  static absl::StatusOr<LabLock> Acquire(const std::string& root);

 private:
  explicit LabLock(UniqueFd folder) : folder_(std::move(folder)) {}

  UniqueFd folder_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_LOCK_H_
