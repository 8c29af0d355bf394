#include "cli/authority_turn.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRetryInterval = absl::Milliseconds(100);
constexpr absl::Duration kPatience = absl::Seconds(5);

}  // namespace

Task<absl::Status> TakeTurn(Session& session, std::function<absl::Status()> work) {
  absl::Status status = work();
  session.set_detach_message(kNothingWasChanged);
  for (absl::Duration waited; absl::IsUnavailable(status) && waited < kPatience;
       waited += kRetryInterval) {
    co_await session.environment().sleeper->SleepFor(kRetryInterval);
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != boost::asio::cancellation_type::none) break;
    status = work();
  }
  session.set_detach_message("");
  co_return status;
}

}  // namespace drover::cli
