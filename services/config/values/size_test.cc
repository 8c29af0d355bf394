#include "services/config/values/size.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::config {
namespace {

TEST(SizeTest, CountsInPowersOf1024) {
  const std::pair<const char*, int64_t> cases[] = {
      {"1", 1},
      {"1024", 1024},
      {"1K", 1024},
      {"512M", 512LL << 20},
      {"1g", 1LL << 30},
      {"2T", 2LL << 40},
      {"1.5G", 3LL << 29},
      {"0.5k", 512},
      {"0.1K", 103},  // 102.4
      {"1.2", 2},
      {"1.0", 1},
      {"0.000000001G", 2},  // 1.07
      {"9007199254740993", 9007199254740993},
      {"9223372036854775807", 9223372036854775807},
      {"8388607T", 8388607LL << 40},
      // An exact binary fraction, and the same with a digit far beyond what a double holds.
      {"0.0009765625K", 1},
      {"0.000976562500000000000000000000001K", 2},
  };
  for (const auto& [text, bytes] : cases) {
    absl::StatusOr<int64_t> size = ParseSize(text);
    ASSERT_TRUE(size.ok()) << text << size.status();
    EXPECT_EQ(*size, bytes) << text;
  }
}

TEST(SizeTest, SaysWhatIsAllowed) {
  const std::string malformed =
      " is not a size; write digits and, if you like, one of K, M, G, T: 512M, 1.5G";
  for (const char* text : {"", "G", "1P", "1GB", "-1", "+1", "1,5G", "1.G", ".5G", "1 G", "1e3"}) {
    EXPECT_EQ(ParseSize(text).status().message(), "\"" + std::string(text) + "\"" + malformed);
  }
  EXPECT_EQ(ParseSize(std::string(101, 'x')).status().message(),
            "\"" + std::string(100, 'x') + "…\"" + malformed);
  EXPECT_EQ(ParseSize("0").status().message(), "a size must be larger than zero");
  EXPECT_EQ(ParseSize("0.0T").status().message(), "a size must be larger than zero");
  for (const char* text : {"9223372036854775808", "8388608T", "99999999999999999999999999999999"}) {
    EXPECT_EQ(ParseSize(text).status().message(),
              "\"" + std::string(text) +
                  "\" is larger than any disk; at most 2^63 - 1 bytes are allowed");
  }
}

}  // namespace
}  // namespace drover::config
