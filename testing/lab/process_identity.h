// Which process was meant, even after its number has been given to another one.
#ifndef DROVER_TESTING_LAB_PROCESS_IDENTITY_H_
#define DROVER_TESTING_LAB_PROCESS_IDENTITY_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/common/process/spawn.h"

namespace drover::lab {

// A process of this boot. pid 0 = none.
struct ProcessIdentity {
  pid_t pid = 0;
  // Field 22 of /proc/PID/stat: when it started, in clock ticks since boot.
  int64_t start_ticks = 0;

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// The identity of the process that has `pid` now. NOT_FOUND if there is none or it has ended
// (a zombie waiting for its parent has ended).
absl::StatusOr<ProcessIdentity> IdentifyProcess(pid_t pid);

bool IsAlive(const ProcessIdentity& process);

// A descriptor that stands for exactly this process. NOT_FOUND if it has ended.
absl::StatusOr<UniqueFd> OpenProcess(const ProcessIdentity& process);

// NOT_FOUND if the process has ended: never signals another one with the same number.
absl::Status SignalProcess(const ProcessIdentity& process, int signal);

// Blocks until it has ended. DEADLINE_EXCEEDED after `timeout`.
absl::Status WaitUntilGone(const ProcessIdentity& process, absl::Duration timeout);

// Blocks until not even a zombie of it is left: collects it if it is a child of ours, else waits
// for its parent to do so (that of an orphan is process 1 of this computer). DEADLINE_EXCEEDED
// after `timeout`.
absl::Status WaitUntilCollected(const ProcessIdentity& process, absl::Duration timeout);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_PROCESS_IDENTITY_H_
