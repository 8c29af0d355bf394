#include "services/coordinator/domain/start_order.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

bool IsStart(ActionKind kind) {
  return kind == ActionKind::kCreate || kind == ActionKind::kStart || kind == ActionKind::kRestart;
}

// The application runs again at its end.
bool EndsInStart(ActionKind kind) { return IsStart(kind) || kind == ActionKind::kMove; }

}  // namespace

std::optional<absl::Status> StartTurn(const DeploymentRecord& deployment, const Action& action) {
  const ApplicationSpec* spec = FindSpec(deployment.desired, action.application);
  if (!IsStart(action.kind) || spec == nullptr) return absl::OkStatus();
  const auto depends_on = [spec](const Action& other) {
    return EndsInStart(other.kind) && std::find(spec->depends_on.begin(), spec->depends_on.end(),
                                                other.application) != spec->depends_on.end();
  };
  for (const Action& other : deployment.actions) {
    if (depends_on(other) && other.state == ActionState::kFailed) {
      return absl::FailedPreconditionError(absl::StrCat(
          action.application.value(), " was left as it is: ", other.application.value(),
          ", which it depends on, is not as asked; deploy again once it can be"));
    }
  }
  for (const Action& other : deployment.actions) {
    if (depends_on(other) && other.state != ActionState::kDone) return std::nullopt;
  }
  return absl::OkStatus();
}

}  // namespace drover::coordinator
