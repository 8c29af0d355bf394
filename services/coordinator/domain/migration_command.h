// What a move asks of the nodes. A command carries nothing that the record holds already.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_COMMAND_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_COMMAND_H_

#include <variant>

#include "absl/time/time.h"

namespace drover::coordinator {

namespace command {

// Before anything is changed: ports free on every reachable node, both ends there.
struct CheckAdmission {};
// Source: the group's lock, in its record. Destination: space, generations, RECEIVING.
struct LockSource {};
struct ReserveDestination {};
// Destination: the very image that the source runs; the container, gated.
struct EnsureImage {};
struct StageContainer {};
// Before a round: until the pause is over. After one: until it is its turn to be cut over.
struct WaitForCalm {
  absl::Duration pause;
};
struct AwaitTurn {};
// Source to destination, while the application runs.
struct PushRound {
  int round;
};
// All reachable nodes: new connections wait.
struct SetHold {};
// Source: stop, proof, final snapshots.
struct Seal {};
struct PushFinal {};
// Destination.
struct Prepare {};
struct Activate {};
struct AwaitReady {};
// All reachable nodes.
struct ApplyRoutes {};
struct ReleaseHold {};
// Source, after the switch.
struct RetireSource {};
struct RemoveSourceContainer {};
// Destination, at the end.
struct FinishDestination {};
// Undoing.
struct AbortSource {};
struct StartAtSource {};
struct AbortDestination {};

}  // namespace command

using Command =
    std::variant<command::CheckAdmission, command::LockSource, command::ReserveDestination,
                 command::EnsureImage, command::StageContainer, command::WaitForCalm,
                 command::AwaitTurn, command::PushRound, command::SetHold, command::Seal,
                 command::PushFinal, command::Prepare, command::Activate, command::AwaitReady,
                 command::ApplyRoutes, command::ReleaseHold, command::RetireSource,
                 command::RemoveSourceContainer, command::FinishDestination, command::AbortSource,
                 command::StartAtSource, command::AbortDestination>;

// `PushRound`.
const char* CommandName(const Command& command);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_MIGRATION_COMMAND_H_
