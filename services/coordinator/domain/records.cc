#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

bool IsWantedAtSource(const MigrationRecord& migration, const ApplicationRecord* application) {
  return application != nullptr && application->running && application->node == migration.source &&
         application->generation == migration.source_generation;
}

const ApplicationSpec* FindSpec(const DesiredState& desired, const ApplicationName& name) {
  for (const ApplicationSpec& spec : desired.applications) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const char* ActionKindName(ActionKind kind) {
  switch (kind) {
    case ActionKind::kCreate:
      return "CREATE";
    case ActionKind::kStart:
      return "START";
    case ActionKind::kStop:
      return "STOP";
    case ActionKind::kRestart:
      return "RESTART";
    case ActionKind::kMove:
      return "MOVE";
    case ActionKind::kResize:
      return "RESIZE";
    case ActionKind::kReroute:
      return "REROUTE";
    case ActionKind::kRollBack:
      return "ROLL_BACK";
    case ActionKind::kClone:
      return "CLONE";
    case ActionKind::kUpdate:
      return "UPDATE";
  }
  return "UNKNOWN";
}

}  // namespace drover::coordinator
