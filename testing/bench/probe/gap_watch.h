// Finds the interruptions in the answers of one target.
#ifndef DROVER_TESTING_BENCH_PROBE_GAP_WATCH_H_
#define DROVER_TESTING_BENCH_PROBE_GAP_WATCH_H_

#include <chrono>
#include <optional>

namespace drover::bench {

using ProbeTime = std::chrono::steady_clock::time_point;

// From the last answer before an interruption to the first one after it.
struct Gap {
  ProbeTime from;
  ProbeTime to;
};

class GapWatch {
 public:
  explicit GapWatch(ProbeTime::duration threshold) : threshold_(threshold) {}

  // An answer came. Times never go back. The gap that it ends, if it is as long as the threshold.
  std::optional<Gap> Answered(ProbeTime at) {
    const std::optional<ProbeTime> last = last_;
    last_ = at;
    if (!last.has_value() || at - *last < threshold_) return std::nullopt;
    return Gap{*last, at};
  }

 private:
  const ProbeTime::duration threshold_;
  std::optional<ProbeTime> last_;
};

}  // namespace drover::bench

#endif  // DROVER_TESTING_BENCH_PROBE_GAP_WATCH_H_
