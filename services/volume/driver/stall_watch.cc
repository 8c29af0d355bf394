#include "services/volume/driver/stall_watch.h"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

namespace drover::volume {

struct StallWatch::State {
  boost::asio::steady_timer timer;
  std::chrono::nanoseconds limit;
  std::function<void()> on_stall;
  std::chrono::steady_clock::time_point progress = std::chrono::steady_clock::now();
  bool stalled = false;
};

StallWatch::StallWatch(boost::asio::any_io_executor executor, absl::Duration limit,
                       std::function<void()> on_stall)
    : state_(new State{.timer = boost::asio::steady_timer(std::move(executor)),
                       .limit = absl::ToChronoNanoseconds(limit),
                       .on_stall = std::move(on_stall)}) {
  Arm(state_);
}

// The timer goes with the state, and a wait that has ended already finds that gone.
StallWatch::~StallWatch() = default;

// Streams move thousands of parts a second: the timer looks back, instead of being set by each.
void StallWatch::Progress() { state_->progress = std::chrono::steady_clock::now(); }

void StallWatch::Allow(absl::Duration limit) {
  state_->limit = absl::ToChronoNanoseconds(limit);
  Progress();
}

bool StallWatch::stalled() const { return state_->stalled; }

void StallWatch::Arm(const std::shared_ptr<State>& state) {
  state->timer.expires_at(state->progress + state->limit);
  auto look = [weak = std::weak_ptr<State>(state)](boost::system::error_code cancelled) {
    const std::shared_ptr<State> state = weak.lock();
    if (cancelled || state == nullptr) return;
    if (std::chrono::steady_clock::now() < state->progress + state->limit) return Arm(state);
    state->stalled = true;
    state->on_stall();
  };
  state->timer.async_wait(std::move(look));
}

}  // namespace drover::volume
