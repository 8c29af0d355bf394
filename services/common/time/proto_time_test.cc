#include "services/common/time/proto_time.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(ProtoTimeTest, KeepsEveryNanosecond) {
  for (absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Milliseconds(-1500), absl::Hours(30)}) {
    EXPECT_EQ(DurationOf(ProtoOf(duration)), duration);
  }
  const absl::Time time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  EXPECT_EQ(TimeOf(ProtoOf(time)), time);
  EXPECT_EQ(ProtoOf(time).nanos(), 123'456'789);
}

// As the well-known types demand.
TEST(ProtoTimeTest, TheNanosecondsOfATimeBefore1970CountUpwards) {
  const auto proto = ProtoOf(absl::FromUnixMillis(-500));
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), 500'000'000);
}

}  // namespace
}  // namespace drover
