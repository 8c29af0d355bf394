// Pipes for moving bytes inside the kernel, used by one connection after the other.
#ifndef DROVER_SERVICES_PROXY_BACKEND_PIPE_POOL_H_
#define DROVER_SERVICES_PROXY_BACKEND_PIPE_POOL_H_

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/process/spawn.h"

namespace drover::proxy {

// A connection needs a pipe only while it has bytes on the way, so thousands of quiet ones share a
// few. Not thread-safe.
class PipePool {
 public:
  // An empty one: of those returned, or a new one. An error if no more descriptors can be opened.
  absl::StatusOr<Pipe> Take() {
    if (free_.empty()) return MakePipe();
    Pipe pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  // `pipe` must be empty again: drop it otherwise.
  void Return(Pipe pipe) {
    if (free_.size() < kKept) free_.push_back(std::move(pipe));
  }

 private:
  static constexpr size_t kKept = 256;

  std::vector<Pipe> free_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_PIPE_POOL_H_
