// A copy of the store, on its way to somebody.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_STORE_COPY_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_STORE_COPY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/common/async/task.h"
#include "services/common/file/unique_fd.h"

namespace drover::coordinator {

// Goes with this object. Not thread-safe; `pool` outlives it.
class StoreCopy {
 public:
  StoreCopy(UniqueFd file, BlockingPool& pool) : file_(std::move(file)), pool_(pool) {}

  Task<absl::StatusOr<int64_t>> Size() const;

  // What comes at `offset`, at most 256 KiB; empty at the end.
  Task<absl::StatusOr<std::string>> Read(int64_t offset) const;

 private:
  const UniqueFd file_;
  BlockingPool& pool_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_STORE_COPY_H_
