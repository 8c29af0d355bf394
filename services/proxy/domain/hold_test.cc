#include "services/proxy/domain/hold.h"

#include <gtest/gtest.h>

namespace drover::proxy {
namespace {

TEST(ValidateHoldTest, AcceptsAMigrationsHold) {
  EXPECT_TRUE(ValidateHold("migrations/2f-1", {6379, 80}, absl::Seconds(30)).ok());
}

TEST(ValidateHoldTest, RefusesTheRest) {
  EXPECT_FALSE(ValidateHold("", {6379}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold("two words", {6379}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold("a\"b", {6379}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold(std::string(121, 'a'), {6379}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold("m1", {}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold("m1", {7400}, absl::Seconds(30)).ok());
  EXPECT_FALSE(ValidateHold("m1", {6379}, absl::Milliseconds(999)).ok());
  EXPECT_FALSE(ValidateHold("m1", {6379}, absl::Minutes(11)).ok());
}

TEST(PortsHeldByTest, LeavesWhatAnotherTookOver) {
  EXPECT_EQ(PortsHeldBy("m1", {{80, "m1"}, {81, "m2"}, {82, "m1"}}), std::set<int>({80, 82}));
}

}  // namespace
}  // namespace drover::proxy
