#include "cli/follow_deployment.h"

#include <functional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/render/deployment_view.h"
#include "cli/render/progress.h"
#include "cli/render/progress_items.h"
#include "cli/render/words.h"
#include "cli/watch.h"
#include "services/common/status/reason.h"

namespace drover::cli {

Task<ExitCode> FollowDeployment(Session& session, coordinator::CoordinatorClient& client,
                                coordinator::v1::Plan plan,
                                absl::StatusOr<coordinator::v1::Deployment> created,
                                std::string also) {
  if (ReasonOf(created.status()) == "PLAN_CHANGED") {
    co_return session.Fail(ExitCode::kFailed,
                           "the cluster changed after the plan was made, so nothing was done; run "
                           "the command again to see the new plan");
  }
  if (!created.ok()) co_return session.Fail(created.status());
  coordinator::v1::Deployment deployment = *std::move(created);
  const std::string name = ShortName(deployment.name());
  session.set_detach_message(absl::StrCat(
      "The deployment goes on. Come back with `drover deployments watch ", name,
      "`; undo a move with `drover migrations cancel ID`.", also.empty() ? "" : "\n", also));
  Progress progress(session.progress_stream(), session.progress_is_terminal(),
                    session.progress_style(), session.environment().terminal_columns);
  auto watch = [&](std::function<void()> on_answer) {
    coordinator::v1::WatchDeploymentRequest request;
    request.set_name(deployment.name());
    auto on_message = [&, on_answer](const coordinator::v1::WatchDeploymentResponse& response) {
      on_answer();
      deployment = response.deployment();
      progress.Update(ItemsOf(deployment), session.environment().clock->Now());
    };
    return client.WatchDeployment(request, absl::InfiniteDuration(), on_message);
  };
  auto is_over = [&] { return IsOver(deployment); };
  absl::Status status = co_await WatchUntilOver(session, watch, is_over);
  session.set_detach_message("");
  if (!status.ok()) co_return session.Fail(status);
  progress.Clear();
  session.Print(DeploymentDocument(deployment),
                DeploymentOutcome(deployment, plan, session.style()));
  if (deployment.state() == coordinator::v1::DEPLOYMENT_STATE_DONE) co_return ExitCode::kOk;
  co_return session.Fail(ExitCode::kFailed, deployment.error().empty()
                                                ? absl::StrCat("deployment ", name, " failed")
                                                : deployment.error());
}

}  // namespace drover::cli
