#include "services/proxy/driver/route_keeper.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/proxy/driver/local_containers.h"

namespace drover::proxy {
namespace {

constexpr auto kRound = std::chrono::seconds(5);
constexpr absl::Duration kWatchAgainAfter = absl::Milliseconds(200);

}  // namespace

RouteKeeper::RouteKeeper(boost::asio::any_io_executor executor, Deps deps)
    : executor_(executor), deps_(std::move(deps)), next_round_(executor) {}

void RouteKeeper::Start() {
  Spawn(&RouteKeeper::Watch, stop_watch_);
  Spawn(&RouteKeeper::Keep, stop_keep_);
  Spawn(&RouteKeeper::RenewHolds, stop_renew_);
  Spawn(&RouteKeeper::ForgetConnections, stop_forget_);
}

void RouteKeeper::Spawn(Task<void> (RouteKeeper::*loop)(),
                        boost::asio::cancellation_signal& signal) {
  ++running_;
  // A loop that is cancelled ends by an exception or by itself: both are its end.
  auto on_end = [this](std::exception_ptr) {
    if (--running_ == 0 && on_stopped_) on_stopped_(true);
  };
  boost::asio::co_spawn(executor_, (this->*loop)(),
                        boost::asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
}

Task<void> RouteKeeper::Stop() {
  stopping_ = true;
  stop_watch_.emit(boost::asio::cancellation_type::terminal);
  stop_keep_.emit(boost::asio::cancellation_type::terminal);
  stop_renew_.emit(boost::asio::cancellation_type::terminal);
  stop_forget_.emit(boost::asio::cancellation_type::terminal);
  if (running_ == 0) co_return;
  auto start = [this](Completion<bool> done) { on_stopped_ = std::move(done); };
  co_await AwaitCallback<bool>(std::move(start));
}

Task<void> RouteKeeper::Watch() {
  absl::Status reported;
  while (!stopping_) {
    auto on_message = [this, &reported](const container::v1::WatchContainersResponse& message) {
      deps_.driver.SetContainers(LocalContainersOf(message.containers()));
      changed_ = true;
      reported = absl::OkStatus();
      next_round_.cancel();
    };
    container::v1::WatchContainersRequest request;
    absl::Status status = co_await deps_.containers.WatchContainers(
        request, absl::InfiniteDuration(), std::move(on_message));
    // Once for each reason: it is tried again several times a second.
    if (!status.ok() && !stopping_ && status != reported) deps_.report(status);
    reported = status;
    co_await deps_.sleeper.SleepFor(kWatchAgainAfter);
  }
}

Task<void> RouteKeeper::RenewHolds() {
  while (!stopping_) {
    co_await deps_.sleeper.SleepFor(RouteDriver::kRenewHoldsEvery);
    absl::Status status = co_await deps_.driver.RenewHolds();
    if (!status.ok()) deps_.report(status);
    ReportRelay();
  }
}

void RouteKeeper::ReportRelay() {
  const RelayCounters now = deps_.driver.relay_counters();
  if (now.expired != reported_.expired || now.dropped != reported_.dropped) {
    deps_.report(absl::ResourceExhaustedError(
        absl::StrCat("the relay reset ", now.expired - reported_.expired,
                     " connections that waited too long, and ", now.dropped - reported_.dropped,
                     " SYNs were dropped since too many wait (", now.waiting, " now)")));
  }
  reported_ = now;
}

Task<void> RouteKeeper::ForgetConnections() {
  uint64_t seen = 0;
  while (!stopping_) {
    co_await deps_.driver.connections_stale().Wait(seen);
    seen = deps_.driver.connections_stale().count();
    co_await deps_.sleeper.SleepFor(RouteDriver::kAnswerTime);
    if (stopping_) co_return;
    const absl::Status status = co_await deps_.driver.ForgetConnections();
    if (!status.ok()) deps_.report(status);
  }
}

Task<void> RouteKeeper::Keep() {
  next_round_.expires_after(kRound);
  while (!stopping_) {
    // Ends early when the containers have changed.
    if (!changed_) {
      co_await next_round_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    if (std::exchange(changed_, false)) {
      const absl::Status status = co_await deps_.driver.FollowContainers();
      if (!status.ok()) deps_.report(status);
    }
    if (next_round_.expiry() > std::chrono::steady_clock::now()) continue;
    const absl::Status status = co_await deps_.driver.Reconcile();
    if (!status.ok()) deps_.report(status);
    next_round_.expires_after(kRound);
  }
}

}  // namespace drover::proxy
