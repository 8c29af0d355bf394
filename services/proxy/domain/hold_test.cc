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

const absl::Time kNow = absl::FromUnixSeconds(1000);

TEST(HoldTableTest, AReleaseLeavesWhatAnotherTookOver) {
  HoldTable holds;
  holds.Set("m1", {80, 81, 82}, kNow);
  holds.Set("m2", {81}, kNow);
  EXPECT_EQ(holds.Release("m1"), std::set<int>({80, 82}));
  EXPECT_EQ(holds.Holders(), (Holds{{81, "m2"}}));
  EXPECT_TRUE(holds.Release("m1").empty());
}

TEST(HoldTableTest, AnAdoptedHoldEndsWithItsPortsRoutesOrWhenItIsTakenOver) {
  HoldTable holds;
  holds.Adopt({80, 81, 82}, kNow);
  holds.Set("m1", {81}, kNow);
  EXPECT_TRUE(holds.Release("").empty());
  EXPECT_EQ(holds.ReleaseAdopted({80, 81}), std::set<int>({80}));
  EXPECT_EQ(holds.Holders(), (Holds{{81, "m1"}, {82, ""}}));
  EXPECT_EQ(holds.PortsToRenew(), std::set<int>({81}));
  EXPECT_EQ(holds.Release("m1"), std::set<int>({81}));
  EXPECT_EQ(holds.Expire(kNow), std::set<int>({82}));
}

TEST(HoldTableTest, AHoldEndsUnlessItIsSetAgain) {
  HoldTable holds;
  holds.Set("m1", {80}, kNow);
  holds.Set("m1", {81}, kNow);
  holds.Set("m1", {81}, kNow + absl::Seconds(1));
  EXPECT_EQ(holds.Expire(kNow), std::set<int>({80}));
  EXPECT_EQ(holds.Ports(), std::set<int>({81}));
}

}  // namespace
}  // namespace drover::proxy
