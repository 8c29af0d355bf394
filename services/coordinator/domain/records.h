// What the coordinator remembers beside the journal of moves.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_RECORDS_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"
#include "services/coordinator/domain/application_spec.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/prediction.h"

namespace drover::coordinator {

struct NodeRecord {
  NodeName name;
  std::string address;
  bool cordoned = false;
  // The store was adopted without it: coordinators up to this epoch whom it has obeyed are no sign
  // of a newer store. 0 if it never was.
  int64_t given_up_epoch = 0;
  // When it was cordoned last, whether it still is or not.
  absl::Time cordon_time = absl::InfinitePast();
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

// Where an application's external ports lead.
struct RouteTarget {
  NodeName node;
  ContainerId container_id;
  friend bool operator==(const RouteTarget&, const RouteTarget&) = default;
};

struct ApplicationRecord {
  ApplicationName name;
  // What was asked for last and begun to be carried out.
  ApplicationSpec spec;
  // The owner of its volumes; changes with COMMIT.
  NodeName node;
  // 0 until its volumes exist.
  Generation generation;
  // Other nodes that own them under an earlier generation than this are not their owners, though it
  // may be later than `generation`: the store was adopted without what they know.
  Generation refused_generation;
  // False after STOP: application and volumes are kept.
  bool running = false;
  // Absent while nothing answers for its ports.
  std::optional<RouteTarget> route;
  // What went wrong last, in words; empty if it is as asked.
  std::string problem;
  int64_t revision = 0;
  friend bool operator==(const ApplicationRecord&, const ApplicationRecord&) = default;
};

// Whether the application, if it could not be started at the source when the move was undone, is
// still to be started there: nobody has stopped it or moved it away since. `application` is null if
// it is gone.
bool IsWantedAtSource(const MigrationRecord& migration, const ApplicationRecord* application);

// What the user's two files ask for.
struct NodeAssignment {
  std::string node;  // Registered name, host name or address, as written.
  std::vector<ApplicationName> applications;
  std::string location;  // `file:line:column`, for errors; may be empty.
  friend bool operator==(const NodeAssignment&, const NodeAssignment&) = default;
};
struct DesiredState {
  std::vector<ApplicationSpec> applications;
  std::vector<NodeAssignment> nodes;
  friend bool operator==(const DesiredState&, const DesiredState&) = default;
};

// Null if it does not define the application.
const ApplicationSpec* FindSpec(const DesiredState& desired, const ApplicationName& name);

// Moving applications away from a node, or back to it.
struct Drain {
  NodeName node;
  std::vector<NodeName> destinations;  // Empty: every other node. Not with `restore`.
  // The way back, of what drains have moved away and nobody has moved on since.
  bool restore = false;
  int parallel = 0;  // Applications at a time; 0 = all.
  friend bool operator==(const Drain&, const Drain&) = default;
};

// Putting an application's volumes back to a snapshot.
struct RollBack {
  std::string volume;  // `APP` (all that have the snapshot) or `APP:ID`.
  std::string snapshot;
  friend bool operator==(const RollBack&, const RollBack&) = default;
};

// Making an independent application of another one's configuration and data.
struct ClonePort {
  int source_external = 0;
  int clone_external = 0;
  friend bool operator==(const ClonePort&, const ClonePort&) = default;
};
struct Clone {
  ApplicationName source;
  ApplicationName clone;
  NodeName node;                 // Empty: beside its source.
  std::vector<ClonePort> ports;  // One for each external port of the source.
  friend bool operator==(const Clone&, const Clone&) = default;
};

enum class ActionKind {
  kCreate,
  kStart,
  kStop,
  kRestart,
  kMove,
  kResize,
  kReroute,
  kRollBack,
  kClone,
  kUpdate,
};
enum class ActionState { kPending, kRunning, kDone, kFailed };

inline constexpr ActionKind kAllActionKinds[] = {
    ActionKind::kCreate, ActionKind::kStart,  ActionKind::kStop,    ActionKind::kRestart,
    ActionKind::kMove,   ActionKind::kResize, ActionKind::kReroute, ActionKind::kRollBack,
    ActionKind::kClone,  ActionKind::kUpdate};
inline constexpr ActionState kAllActionStates[] = {ActionState::kPending, ActionState::kRunning,
                                                   ActionState::kDone, ActionState::kFailed};

struct Action {
  ActionKind kind = ActionKind::kCreate;
  ApplicationName application;
  NodeName from;  // Empty where the kind has none.
  NodeName to;
  int64_t bytes = 0;
  std::string reason;
  ActionState state = ActionState::kPending;
  MigrationId migration;
  std::string error;
  // Of the move, or the restart, of an application that runs.
  std::optional<Prediction> prediction;
  // Of a restart that was made: for how long its clients were held. A move's is in its record.
  std::optional<absl::Duration> interruption;
  friend bool operator==(const Action&, const Action&) = default;
};

// `CREATE`.
const char* ActionKindName(ActionKind kind);

enum class DeploymentState { kRunning, kDone, kFailed };

inline constexpr DeploymentState kAllDeploymentStates[] = {
    DeploymentState::kRunning, DeploymentState::kDone, DeploymentState::kFailed};

struct DeploymentRecord {
  std::string id;
  // What a clone is to be is in `desired`, too; else there is one of them.
  DesiredState desired;
  std::optional<Drain> drain;
  std::optional<RollBack> roll_back;
  std::optional<Clone> clone;
  MigrationOptions options;
  std::string requested_by;
  DeploymentState state = DeploymentState::kRunning;
  std::vector<Action> actions;
  // Of its plans: what keeps the cluster from being as asked and is no action's fault.
  std::vector<std::string> problems;
  std::string error;
  std::vector<std::string> warnings;
  absl::Time create_time;
  std::optional<absl::Time> end_time;
  int64_t revision = 0;
  friend bool operator==(const DeploymentRecord&, const DeploymentRecord&) = default;
};

// Numbers that are never used twice. A value is durable before it is shown to anybody.
struct Counters {
  int64_t generation = 0;
  int64_t route_revision = 0;
  // How often the journal was written.
  int64_t sequence = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

// Who asked for what, and what became of it.
struct AuditEntry {
  absl::Time time;
  std::string caller;  // A certificate's URI.
  std::string action;  // `CreateDeployment`
  std::string subject;
  std::string outcome;  // `OK`, or the refusal.
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_RECORDS_H_
