// The first process of a container: when it ends, the kernel has ended all others.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_INIT_PROCESS_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_INIT_PROCESS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/async/task.h"
#include "services/common/ids/ids.h"

namespace drover::container {

// One such process, held so that its number cannot come to mean another one. Used on one executor.
class InitProcess {
 public:
  virtual ~InitProcess() = default;
  // OK if it has ended.
  virtual absl::Status Signal(int signal) = 0;
  // Answers once it has ended and has left its namespaces: what the engine still does then
  // (network, root file system) is not waited for. DEADLINE_EXCEEDED after `timeout`.
  virtual Task<absl::Status> AwaitEnd(absl::Duration timeout) = 0;
};

// The kernel's word about them, which counts with a dead engine, too.
class InitProcesses {
 public:
  virtual ~InitProcesses() = default;
  // `pid` as this machine counts. Null if no process of that number is the first of container `id`:
  // then it has ended.
  virtual absl::StatusOr<std::unique_ptr<InitProcess>> Find(int pid, const ContainerId& id) = 0;
  // The same if nobody knows the number: looks at each process of the machine.
  virtual Task<absl::StatusOr<std::unique_ptr<InitProcess>>> Search(ContainerId id) = 0;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_INIT_PROCESS_H_
