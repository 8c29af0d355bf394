// How the coordinator ends when it must not go on.
#ifndef DROVER_SERVICES_COORDINATOR_END_PROCESS_H_
#define DROVER_SERVICES_COORDINATOR_END_PROCESS_H_

#include "absl/status/status.h"

namespace drover::coordinator {

// The exit code that no supervisor may answer by a restart (RestartPreventExitStatus= in
// packaging/systemd/drover-coordinator.service).
inline constexpr int kSupersededExitCode = 3;

// Never returns.
//
// STALE_EPOCH: a node has obeyed a newer coordinator, so that one is at work, or our store is an
// old copy and its journal decides what was decided otherwise since. Each start takes the next
// epoch, so starting again and again would end with one that the nodes accept. Hence
// kSupersededExitCode, and a person has to look.
//
// Anything else: what is on the disk is not known any more. The next start reads it and goes on
// from there, so the process aborts like one that crashed.
[[noreturn]] void EndProcess(const absl::Status& why);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_END_PROCESS_H_
