#include "testing/simulation/network.h"

#include <utility>

namespace drover::simulation {
namespace {

// Enough for the messages of a few moves.
constexpr size_t kRemembered = 64;

}  // namespace

void Network::Heal() {
  cuts_.clear();
  const int repeat = faults.repeat;
  faults = NetworkFaults();
  // What is late is late, also after the faults.
  faults.repeat = repeat / 4;
  healed_ = true;
}

absl::Duration Network::Latency() {
  if (world_.random().Chance(faults.slow)) {
    return world_.random().Between(absl::Milliseconds(5), absl::Seconds(4));
  }
  return world_.random().Between(absl::Microseconds(100), absl::Milliseconds(2));
}

absl::Duration Network::NoticeAfter() {
  if (healed_) return world_.random().Between(absl::Milliseconds(1), absl::Seconds(1));
  const bool soon = world_.random().Chance(600);
  return world_.random().Between(absl::Milliseconds(1),
                                 soon ? absl::Milliseconds(200) : absl::Seconds(5));
}

void Network::Died(Host& host) {
  const std::vector<std::weak_ptr<Breakable>> open = std::exchange(open_[host.host_name()], {});
  for (const std::weak_ptr<Breakable>& one : open) {
    const std::shared_ptr<Breakable> reply = one.lock();
    if (reply != nullptr) reply->Break();
  }
}

void Network::Remember(const std::string& host, World::Event again) {
  std::vector<World::Event>& past = past_[host];
  if (past.size() < kRemembered) {
    past.push_back(std::move(again));
  } else {
    past[world_.random().Below(kRemembered)] = std::move(again);
  }
}

void Network::MaybeReplay(Host& host) {
  if (faults.replay == 0 || !world_.random().Chance(faults.replay)) return;
  const std::vector<World::Event>& past = past_[host.host_name()];
  if (past.empty()) return;
  for (int64_t left = 1 + world_.random().Below(4); left > 0; --left) {
    const World::Event again = past[world_.random().Below(static_cast<int64_t>(past.size()))];
    // Mostly at once: the state that it meets is a short one.
    const bool at_once = world_.random().Chance(700);
    const absl::Duration latest = at_once ? absl::Milliseconds(2) : absl::Milliseconds(300);
    world_.After(world_.random().Between(absl::ZeroDuration(), latest), again);
  }
}

}  // namespace drover::simulation
