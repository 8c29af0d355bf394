#include "services/coordinator/service/log_relay.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <optional>
#include <utility>

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

// What the reading coroutine and the writing one share.
struct Relay {
  std::deque<pb::StreamApplicationLogsResponse> waiting;
  std::optional<absl::Status> end;
  Completion<bool> on_change;
  boost::asio::cancellation_signal stop;

  void Wake() {
    if (on_change != nullptr) std::exchange(on_change, nullptr)(true);
  }
};

Task<absl::Status> Read(std::shared_ptr<NodeHandle> node, std::shared_ptr<Relay> relay,
                        container::v1::StreamLogsRequest request) {
  auto on_message = [relay](const container::v1::StreamLogsResponse& message) {
    pb::StreamApplicationLogsResponse response;
    response.set_is_stderr(message.stream() == container::v1::StreamLogsResponse::STREAM_STDERR);
    response.set_data(message.data());
    relay->waiting.push_back(std::move(response));
    relay->Wake();
  };
  co_return co_await node->container->StreamLogs(std::move(request), absl::InfiniteDuration(),
                                                 std::move(on_message));
}

void StartReading(boost::asio::any_io_executor executor, std::shared_ptr<NodeHandle> node,
                  std::shared_ptr<Relay> relay, container::v1::StreamLogsRequest request) {
  auto on_end = [relay](std::exception_ptr error, absl::Status status) {
    relay->end = error == nullptr ? status : absl::CancelledError("the reader is gone");
    relay->Wake();
  };
  auto bound = boost::asio::bind_cancellation_slot(relay->stop.slot(), std::move(on_end));
  boost::asio::co_spawn(executor, Read(std::move(node), relay, std::move(request)),
                        std::move(bound));
}

// Stops the reader, however the writer ends.
struct StopAtEnd {
  std::shared_ptr<Relay> relay;
  ~StopAtEnd() { relay->stop.emit(boost::asio::cancellation_type::terminal); }
};

}  // namespace

Task<absl::Status> RelayLogs(std::shared_ptr<NodeHandle> node,
                             pb::StreamApplicationLogsRequest request,
                             ResponseWriter<pb::StreamApplicationLogsResponse>& writer) {
  container::v1::StreamLogsRequest logs;
  logs.set_application(request.application());
  logs.set_follow(request.follow());
  logs.set_tail(request.tail());
  auto relay = std::make_shared<Relay>();
  auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  boost::asio::cancellation_slot slot = cancellation.slot();
  if (slot.is_connected()) slot.assign([relay](boost::asio::cancellation_type) { relay->Wake(); });
  StartReading(co_await boost::asio::this_coro::executor, std::move(node), relay, std::move(logs));
  StopAtEnd stop_at_end{relay};
  while (true) {
    while (!relay->waiting.empty()) {
      pb::StreamApplicationLogsResponse next = std::move(relay->waiting.front());
      relay->waiting.pop_front();
      if (!co_await writer.Write(std::move(next))) co_return absl::OkStatus();
    }
    if (relay->end.has_value()) co_return *relay->end;
    auto wait = [relay](Completion<bool> done) { relay->on_change = std::move(done); };
    co_await AwaitCallback<bool>(std::move(wait));
  }
}

}  // namespace drover::coordinator
