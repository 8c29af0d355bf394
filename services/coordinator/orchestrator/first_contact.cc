#include "services/coordinator/orchestrator/first_contact.h"

#include <glog/logging.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/old_store.h"
#include "services/coordinator/orchestrator/observer.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

// As long as a node waits for a coordinator that does not call, and less than it lets a container
// wait for its answer.
constexpr absl::Duration kPatience = absl::Seconds(10);

// WhenAll() wants an answer.
Task<bool> AsAnswer(Task<void> task) {
  co_await std::move(task);
  co_return true;
}

bool Answered(const NodeView& view, const std::string& service) {
  for (const ObeyedCoordinator& obeyed : view.obeyed) {
    if (obeyed.service == service) return true;
  }
  return false;
}

}  // namespace

Task<void> FirstContact::MeetAll() {
  std::vector<Task<bool>> meetings;
  for (std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    if (node->is_compared && node->is_proxy_compared) continue;
    meetings.push_back(AsAnswer(Meet(std::move(node))));
  }
  (void)co_await WhenAll(std::move(meetings));
}

absl::Status FirstContact::CheckMayTellOwners() const {
  if (!journal_.recovery().empty()) return RecoveryModeError(journal_.recovery());
  if (clock_.Now() - begin_ >= kPatience) return absl::OkStatus();
  for (const std::shared_ptr<NodeHandle>& node : nodes_.All()) {
    if (node->is_compared) continue;
    return absl::UnavailableError(absl::StrCat(
        "node ", node->name.value(), " has not answered yet, and may know of another owner"));
  }
  return absl::OkStatus();
}

Task<void> FirstContact::Meet(std::shared_ptr<NodeHandle> node) {
  NodeView view = co_await ObserveNode(node);
  co_await Compare(std::move(node), std::move(view));
}

Task<void> FirstContact::Compare(std::shared_ptr<NodeHandle> node, NodeView view) {
  const auto record = journal_.nodes().find(node->name);
  const int64_t given_up = record == journal_.nodes().end() ? 0 : record->second.given_up_epoch;
  const std::string why = WhyOlderThan(view, journal_.history(), given_up);
  if (why.empty()) {
    // Who has the data has been asked: that counts for the node.
    node->is_compared |= Answered(view, "volume") && Answered(view, "container");
    node->is_proxy_compared |= Answered(view, "proxy");
    co_return;
  }
  LOG(ERROR) << "recovery mode: " << why;
  const bool too_late = IsAnythingUnderWay();
  co_await journal_.EnterRecovery(why);
  // The next start resumes nothing: no better way to stop all that is half done.
  if (too_late) co_await journal_.EndProcess(RecoveryModeError(why));
}

bool FirstContact::IsAnythingUnderWay() const {
  if (!journal_.recovery().empty()) return false;
  // Between two of its actions a deployment works on no application.
  for (const DeploymentRecord* deployment : journal_.deployments()) {
    if (is_resumed_ && deployment->state == DeploymentState::kRunning) return true;
  }
  return !busy_.names().empty();
}

}  // namespace drover::coordinator
