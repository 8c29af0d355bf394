#include "cli/watch.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRetryInterval = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

Task<absl::Status> WatchUntilOver(Session& session, Watch watch, std::function<bool()> is_over) {
  absl::Duration waited;  // In the outage that is now.
  const std::function<void()> on_answer = [&waited] { waited = absl::ZeroDuration(); };
  while (true) {
    absl::Status status = co_await watch(on_answer);
    if (is_over()) co_return absl::OkStatus();
    // A coordinator that is shut down in order ends the stream well before the operation is over,
    // or cancels it. One that is back at once is connected again already.
    const bool may_go_on = status.ok() || absl::IsUnavailable(status) || absl::IsCancelled(status);
    if (!may_go_on) co_return status;
    if (waited >= kPatience) {
      co_return status.ok() ? absl::UnavailableError("it ends each watch at once") : status;
    }
    if (waited == absl::ZeroDuration()) {
      *session.environment().err << "drover: lost the coordinator; what was begun goes on, trying "
                                    "to reach it again\n";
    }
    co_await session.environment().sleeper->SleepFor(kRetryInterval);
    waited += kRetryInterval;
  }
}

}  // namespace drover::cli
