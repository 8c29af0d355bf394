// The client of one target: opens connections all the time, whether earlier ones were answered or
// not.
#ifndef DROVER_TESTING_BENCH_PROBE_TARGET_CLIENT_H_
#define DROVER_TESTING_BENCH_PROBE_TARGET_CLIENT_H_

#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "testing/bench/probe/attempt.h"
#include "testing/bench/probe/gap_watch.h"

namespace drover::bench {

struct TargetOptions {
  // How it is named in the reports; also its key in Redis.
  std::string name;
  boost::asio::ip::tcp::endpoint endpoint;
  // From one connection to the next.
  std::chrono::microseconds interval;
  // Every so many connections write, the others read.
  int write_every = 0;
  // Gaps shorter than this are not reported.
  std::chrono::microseconds threshold;
};

// Reports by lines, each with the target's name and times in nanoseconds of the monotonic clock:
//   gap NAME FROM TO           no answer between these two
//   alive NAME AT AT           an answer; about ten of them a second, so that a reader knows up to
//   when it knows all gaps OUTCOME NAME BEGIN END     a connection that was not answered as it
//   should
// Used from the thread of its io_context only; lives as long as that runs.
class TargetClient {
 public:
  using OnLine = std::function<void(const std::string&)>;

  TargetClient(boost::asio::io_context& io, TargetOptions options, OnLine on_line);

  void Start();
  // Opens no more connections.
  void Stop() { stopped_ = true; }
  // Those that are still open are not waited for any longer: they count as never answered.
  void GiveUp();
  // `total NAME attempts=N answered=N … p50_us=N p99_us=N`
  std::string Summary();

 private:
  void ScheduleNext();
  void Open();
  void Ended(Request request, ProbeTime begin, Outcome outcome);
  void Report(const char* word, ProbeTime begin, ProbeTime end);

  boost::asio::io_context& io_;
  const TargetOptions options_;
  OnLine on_line_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
  GapWatch gaps_;
  ProbeTime last_alive_;
  int64_t attempts_ = 0;
  // By Outcome.
  std::array<int64_t, 7> ended_{};
  // When those began that have not ended.
  std::multiset<ProbeTime> open_;
  // Of answered connections, from before the connect to the answer.
  std::vector<int64_t> latencies_us_;
  // The highest number written, and the highest whose write was answered.
  int64_t written_ = 0, answered_write_ = 0;
};

}  // namespace drover::bench

#endif  // DROVER_TESTING_BENCH_PROBE_TARGET_CLIENT_H_
