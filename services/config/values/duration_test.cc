#include "services/config/values/duration.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::config {
namespace {

TEST(DurationTest, AddsItsParts) {
  EXPECT_EQ(ParseDuration("500ms").value(), absl::Milliseconds(500));
  EXPECT_EQ(ParseDuration("10s").value(), absl::Seconds(10));
  EXPECT_EQ(ParseDuration("1m30s").value(), absl::Seconds(90));
  EXPECT_EQ(ParseDuration("1.5h").value(), absl::Minutes(90));
  EXPECT_EQ(ParseDuration("720h").value(), absl::Hours(720));
}

TEST(DurationTest, SaysWhatIsAllowed) {
  for (const char* text :
       {"", "10", "0", "s", "-1s", "+1s", "inf", "10us", "1d", "1m30", "1 s", "10s ", "hms"}) {
    EXPECT_EQ(ParseDuration(text).status().message(),
              "\"" + std::string(text) +
                  "\" is not a duration; write numbers with a unit: 500ms, 10s, 1m30s");
  }
  EXPECT_EQ(ParseDuration(std::string(101, 'x')).status().message(),
            "\"" + std::string(100, 'x') +
                "…\" is not a duration; write numbers with a unit: 500ms, 10s, 1m30s");
  for (const char* text : {"0s", "0.5ms", "721h"}) {
    EXPECT_EQ(ParseDuration(text).status().message(),
              "\"" + std::string(text) + "\" is out of range; from 1ms to 720h are allowed");
  }
}

}  // namespace
}  // namespace drover::config
