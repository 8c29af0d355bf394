// The time of day and the time that passes, replaceable in tests.
#ifndef DROVER_SERVICES_COMMON_TIME_CLOCK_H_
#define DROVER_SERVICES_COMMON_TIME_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace drover {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class RealClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// Stands still until it is moved. Not thread-safe.
class FakeClock : public Clock {
 public:
  absl::Time Now() const override { return now_; }
  void Advance(absl::Duration duration) { now_ += duration; }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_TIME_CLOCK_H_
