// A child process driven by coroutines: its pipes are read and written without blocking, its end is
// awaited.
#ifndef DROVER_SERVICES_COMMON_PROCESS_CHILD_H_
#define DROVER_SERVICES_COMMON_PROCESS_CHILD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/common/async/task.h"

namespace drover {

struct ChildOptions {
  // Which of the child's descriptors are pipes to us; the others are /dev/null. The error output is
  // always collected.
  bool pipe_input = false;
  bool pipe_output = false;
  // How much those two pipes hold; 0 = what the system gives, 64 KiB. Best effort.
  int pipe_bytes = 0;
};

// Not thread-safe: used on the executor it was started with. Destroyed while it runs, the child is
// killed and reaped.
class Child {
 public:
  // NOT_FOUND if there is no such program.
  static absl::StatusOr<std::unique_ptr<Child>> Start(boost::asio::any_io_executor executor,
                                                      std::vector<std::string> command,
                                                      ChildOptions options);
  virtual ~Child() = default;

  // Up to `size` bytes of the output; 0 at its end.
  virtual Task<absl::StatusOr<size_t>> Read(char* buffer, size_t size) = 0;
  // Writes all of it. UNAVAILABLE if the child does not read any more.
  virtual Task<absl::Status> Write(const char* data, size_t size) = 0;
  virtual void CloseInput() = 0;
  // OK only if the exit code is 0; else INTERNAL naming the command, the code and what it said.
  // Call it once, after the output was read to its end.
  virtual Task<absl::Status> Wait() = 0;
  virtual void Kill() = 0;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_PROCESS_CHILD_H_
