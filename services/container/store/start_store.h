// Where the records of this node's applications are kept.
#ifndef DROVER_SERVICES_CONTAINER_STORE_START_STORE_H_
#define DROVER_SERVICES_CONTAINER_STORE_START_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "drover/container/v1/record.pb.h"

namespace drover::container {

// One record per application. All calls block; they are made from a pool, one at a time per
// application.
class StartStore {
 public:
  virtual ~StartStore() = default;
  virtual absl::StatusOr<std::vector<v1::StartRecord>> Load() = 0;
  // On disk when it returns.
  virtual absl::Status Put(const v1::StartRecord& record) = 0;
  // OK if there is none.
  virtual absl::Status Delete(const std::string& application) = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_STORE_START_STORE_H_
