#include "services/coordinator/service/log_relay.h"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <string>
#include <utility>

#include "services/common/status/status_macros.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

pb::StreamApplicationLogsResponse FromNode(container::v1::StreamLogsResponse message) {
  pb::StreamApplicationLogsResponse response;
  response.set_is_stderr(message.stream() == container::v1::StreamLogsResponse::STREAM_STDERR);
  response.set_data(std::move(*message.mutable_data()));
  return response;
}

// A start tells nobody but its node.
constexpr absl::Duration kLookAgain = absl::Milliseconds(500);

// Of the container that runs, or ran last; empty if there is none.
Task<absl::StatusOr<std::string>> StartOf(Orchestrator& orchestrator, NodeName node,
                                          ApplicationName application) {
  DROVER_CO_ASSIGN_OR_RETURN(const auto there, co_await orchestrator.node_operations.FindContainer(
                                                   std::move(node), std::move(application)));
  const bool is_there = there.has_value() && !there->container_id().empty();
  co_return is_there ? there->start_id() : std::string();
}

Task<bool> IsCallerGone() {
  const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  co_return cancellation.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace

Task<absl::Status> RelayLogs(std::shared_ptr<NodeHandle> node,
                             pb::StreamApplicationLogsRequest request,
                             ResponseWriter<pb::StreamApplicationLogsResponse>& writer) {
  container::v1::StreamLogsRequest logs;
  logs.set_application(request.application());
  logs.set_follow(request.follow());
  logs.set_tail(request.tail());
  auto pass_on = [&writer](container::v1::StreamLogsResponse message) {
    return writer.Write(FromNode(std::move(message)));
  };
  co_return co_await node->container->StreamLogs(std::move(logs), absl::InfiniteDuration(),
                                                 std::move(pass_on));
}

Task<absl::Status> FollowLogs(Orchestrator& orchestrator, pb::StreamApplicationLogsRequest request,
                              ResponseWriter<pb::StreamApplicationLogsResponse>& writer) {
  const ApplicationName name(request.application());
  // The start whose output was passed on, and how that ended if not by itself.
  std::optional<std::string> passed_on;
  absl::Status broken;
  while (true) {
    const ApplicationRecord* application = orchestrator.journal.FindApplication(name);
    const bool is_over = application == nullptr || !application->running;
    if (passed_on.has_value() && is_over) co_return absl::OkStatus();
    const NodeName node_name = application == nullptr ? NodeName() : application->node;
    const absl::StatusOr<std::string> start = co_await StartOf(orchestrator, node_name, name);
    const bool is_first = !passed_on.has_value();
    if (is_first && !start.ok()) co_return start.status();
    const bool is_next = start.ok() && !start->empty() && *start != passed_on;
    // What it wrote since is not known: its caller has to ask again.
    if (start.ok() && !is_next && !broken.ok()) co_return broken;
    if (is_first || is_next) {
      passed_on = *start;
      DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<NodeHandle> node,
                                 orchestrator.nodes.Look(node_name));
      broken = co_await RelayLogs(std::move(node), request, writer);
      if (is_first && !broken.ok()) co_return broken;
      // The container was replaced just now.
      if (absl::IsNotFound(broken)) broken = absl::OkStatus();
      // All of the next one.
      request.set_tail(0);
    } else {
      co_await orchestrator.sleeper.SleepFor(kLookAgain);
    }
    const bool is_gone = co_await IsCallerGone();
    if (is_gone) co_return absl::CancelledError("the caller is gone");
  }
}

}  // namespace drover::coordinator
