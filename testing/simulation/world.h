// Virtual time: what happens, in which order, and what is remembered of it.
#ifndef DROVER_TESTING_SIMULATION_WORLD_H_
#define DROVER_TESTING_SIMULATION_WORLD_H_

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/common/async/sleeper.h"
#include "services/common/async/task.h"
#include "services/common/time/clock.h"
#include "testing/simulation/random.h"

namespace drover::simulation {

// What dies as one: the coordinator, or the services of a node. Its coroutines run on its io
// context and are gone with it, wherever they wait: that is a crash. Owned by one shared_ptr; what
// is to happen in it later holds a weak one.
class Process {
 public:
  boost::asio::any_io_executor executor() { return io_.get_executor(); }
  // Runs all that is ready.
  void Poll();
  // Nothing of it runs any more: it has found out that it must end.
  void Stop();

 private:
  boost::asio::io_context io_{1};
  bool stopped_ = false;
};

// One run. Events happen in the order of their time, those of one time in the order in which they
// were asked for; after each, the process that it belongs to runs until it waits again. Nothing
// else moves the clock. Not thread-safe.
class World : public Clock {
 public:
  using Event = std::function<void()>;

  explicit World(uint64_t seed, bool keep_all) : random_(seed), keep_all_(keep_all) {}

  absl::Time Now() const override { return now_; }
  Random& random() { return random_; }

  void After(absl::Duration delay, Event event) { Push(delay, nullptr, std::move(event)); }
  // In that process; not at all if it has died by then.
  void After(absl::Duration delay, const std::shared_ptr<Process>& process, Event event) {
    Push(delay, process, std::move(event));
  }
  // The next event; false if there is none.
  bool Step();

  // Nothing more will happen: to be called while all that the events know still is.
  void Clear();

  // A line of the run's trace, which is what two runs of one seed have in common.
  void Trace(absl::string_view who, absl::string_view what);
  uint64_t trace_hash() const { return hash_; }
  const std::deque<std::string>& trace() const { return trace_; }
  int64_t events() const { return count_; }

  // The first violation that a checker finds is the run's outcome.
  void Fail(std::string why);
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

 private:
  struct Entry {
    absl::Time at;
    int64_t order;
    bool has_process;
    std::weak_ptr<Process> process;
    Event event;
    bool operator>(const Entry& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  void Push(absl::Duration delay, const std::shared_ptr<Process>& process, Event event);

  Random random_;
  const bool keep_all_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue_;
  int64_t count_ = 0;
  uint64_t hash_ = 0xcbf29ce484222325ULL;
  std::deque<std::string> trace_;
  std::string failure_;
};

// Sleeps in virtual time, in one process.
class SimSleeper : public Sleeper {
 public:
  SimSleeper(World& world, const std::shared_ptr<Process>& process)
      : world_(world), process_(process) {}
  Task<void> SleepFor(absl::Duration duration) override;

 private:
  World& world_;
  const std::weak_ptr<Process> process_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_WORLD_H_
