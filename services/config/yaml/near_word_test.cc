#include "services/config/yaml/near_word.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

const std::vector<absl::string_view> kKeys = {"image", "ports", "volume", "volumes", "mem_limit"};

TEST(NearWordTest, FindsTypos) {
  EXPECT_EQ(NearWord("imgae", kKeys), "image");
  EXPECT_EQ(NearWord("port", kKeys), "ports");
  EXPECT_EQ(NearWord("Ports", kKeys), "ports");
  EXPECT_EQ(NearWord("mem-limit", kKeys), "mem_limit");
  EXPECT_EQ(NearWord("memlimit", kKeys), "mem_limit");
}

TEST(NearWordTest, TakesTheNearest) { EXPECT_EQ(NearWord("volumess", kKeys), "volumes"); }

TEST(NearWordTest, DoesNotGuess) {
  EXPECT_EQ(NearWord("build", kKeys), std::nullopt);
  EXPECT_EQ(NearWord("", kKeys), std::nullopt);
  EXPECT_EQ(NearWord(std::string(100000, 'a'), kKeys), std::nullopt);
  EXPECT_EQ(NearWord("on", {"in"}), std::nullopt);  // Half of it.
}

}  // namespace
}  // namespace drover::config
