#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

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
  }
  return "UNKNOWN";
}

}  // namespace drover::coordinator
