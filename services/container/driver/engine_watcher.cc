#include "services/container/driver/engine_watcher.h"

#include <glog/logging.h>

namespace drover::container {
namespace {

constexpr absl::Duration kReconnectPause = absl::Milliseconds(500);

}  // namespace

Task<absl::Status> EngineWatcher::Run() {
  const auto on_ready = [this] {
    problem_.clear();
    driver_.Recover();
  };
  const auto on_event = [this](ContainerEvent event) {
    background_.Spawn("event of the container engine",
                      [this, event] { return driver_.Handle(event); });
  };
  std::string last_problem;
  while (!background_.stopping()) {
    const absl::Status ended = co_await engine_.WatchEvents(kApplicationLabel, on_ready, on_event);
    // One line per outage, not two per second.
    problem_ = std::string(ended.message());
    if (problem_ != last_problem) {
      LOG(WARNING) << "the container engine's events ended: " << ended;
      last_problem = problem_;
    }
    co_await sleeper_.SleepFor(kReconnectPause);
  }
  co_return absl::OkStatus();
}

}  // namespace drover::container
