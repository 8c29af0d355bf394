#include "testing/simulation/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/common/async/change_signal.h"

namespace drover::simulation {
namespace {

// Of a run that is not shown whole: what led to its end.
constexpr size_t kKeptLines = 250;

}  // namespace

void Process::Poll() {
  if (stopped_) return;
  io_.restart();
  io_.poll();
}

void Process::Stop() {
  stopped_ = true;
  io_.stop();
}

void World::Push(absl::Duration delay, const std::shared_ptr<Process>& process, Event event) {
  const absl::Time at = now_ + std::max(delay, absl::ZeroDuration());
  queue_.push({at, count_++, process != nullptr, process, std::move(event)});
}

bool World::Step() {
  if (queue_.empty()) return false;
  // Nothing but the order is looked at by the queue when the top goes.
  Entry entry = std::move(const_cast<Entry&>(queue_.top()));
  queue_.pop();
  now_ = entry.at;
  if (!entry.has_process) {
    entry.event();
    return true;
  }
  const std::shared_ptr<Process> process = entry.process.lock();
  if (process == nullptr) return true;
  entry.event();
  process->Poll();
  return true;
}

void World::Clear() {
  while (!queue_.empty()) {
    // What goes with it may ask for more.
    const Entry entry = std::move(const_cast<Entry&>(queue_.top()));
    queue_.pop();
  }
}

void World::Trace(absl::string_view who, absl::string_view what) {
  std::string line = absl::StrFormat(
      "%10.6f %-7s %s", absl::ToDoubleSeconds(now_ - absl::FromUnixSeconds(1'700'000'000)), who,
      what);
  for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  trace_.push_back(std::move(line));
  if (!keep_all_ && trace_.size() > kKeptLines) trace_.pop_front();
}

void World::Fail(std::string why) {
  if (failed()) return;
  failure_ = std::move(why);
  Trace("check", failure_);
}

Task<void> SimSleeper::SleepFor(absl::Duration duration) {
  if (duration <= absl::ZeroDuration()) co_return;
  auto wake = std::make_shared<ChangeSignal>();
  auto on_time = [weak = std::weak_ptr<ChangeSignal>(wake)] {
    if (auto signal = weak.lock()) signal->Notify();
  };
  // The coroutine belongs to the process: it must not keep it.
  world_.After(duration, process_.lock(), std::move(on_time));
  co_await wake->Wait(0);
}

}  // namespace drover::simulation
