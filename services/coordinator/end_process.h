// How the coordinator ends when it must not go on.
#ifndef DROVER_SERVICES_COORDINATOR_END_PROCESS_H_
#define DROVER_SERVICES_COORDINATOR_END_PROCESS_H_

#include "absl/status/status.h"

namespace drover::coordinator {

// The exit code that no supervisor may answer by a restart (RestartPreventExitStatus= in
// packaging/systemd/drover-coordinator.service).
inline constexpr int kSupersededExitCode = 3;

// To be started again, in recovery mode.
inline constexpr int kRecoveryExitCode = 1;

// Never returns.
//
// RECOVERY_MODE: while work was under way a node turned out to know more than our journal. That is
// recorded, and the next start resumes nothing.
//
// STALE_EPOCH: a node has obeyed a newer coordinator since we compared it with our journal, so that
// one is at work now. Two that are started again and again would take turns. Hence
// kSupersededExitCode, and a person has to look.
//
// Anything else: what is on the disk is not known any more. The next start reads it and goes on
// from there, so the process aborts like one that crashed.
[[noreturn]] void EndProcess(const absl::Status& why);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_END_PROCESS_H_
