#include "services/coordinator/service/log_relay.h"

#include <utility>

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

pb::StreamApplicationLogsResponse FromNode(container::v1::StreamLogsResponse message) {
  pb::StreamApplicationLogsResponse response;
  response.set_is_stderr(message.stream() == container::v1::StreamLogsResponse::STREAM_STDERR);
  response.set_data(std::move(*message.mutable_data()));
  return response;
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

}  // namespace drover::coordinator
