#include "services/container/domain/latest_orders.h"

#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::container {
namespace {

TEST(LatestOrdersTest, AnOrderThatComesBehindALaterOneIsLate) {
  LatestOrders orders;
  orders.Note("redis", {.epoch = 2, .sequence = 10});
  EXPECT_EQ(ReasonOf(orders.NoteUnlessLate("redis", {.epoch = 2, .sequence = 9})), "STALE_ORDER");
  EXPECT_EQ(ReasonOf(orders.NoteUnlessLate("redis", {.epoch = 1, .sequence = 11})), "STALE_ORDER");
}

TEST(LatestOrdersTest, ARepeatIsNotLate) {
  LatestOrders orders;
  EXPECT_TRUE(orders.NoteUnlessLate("redis", {.epoch = 2, .sequence = 10}).ok());
  EXPECT_TRUE(orders.NoteUnlessLate("redis", {.epoch = 2, .sequence = 10}).ok());
}

TEST(LatestOrdersTest, ALateOrderDoesNotCountAsTheLatest) {
  LatestOrders orders;
  orders.Note("redis", {.epoch = 2, .sequence = 10});
  orders.Note("redis", {.epoch = 2, .sequence = 3});
  EXPECT_FALSE(orders.NoteUnlessLate("redis", {.epoch = 2, .sequence = 9}).ok());
}

TEST(LatestOrdersTest, ApplicationsHaveTheirOwn) {
  LatestOrders orders;
  orders.Note("redis", {.epoch = 2, .sequence = 10});
  EXPECT_TRUE(orders.NoteUnlessLate("postgres", {.epoch = 2, .sequence = 9}).ok());
}

}  // namespace
}  // namespace drover::container
