#include "services/common/graph/cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(FindCycleTest, FindsNoneWhereAllWaysEnd) {
  EXPECT_THAT(FindCycle({}), IsEmpty());
  EXPECT_THAT(FindCycle({{"a", {"b", "c"}}, {"b", {"c", "nowhere"}}, {"c", {}}}), IsEmpty());
}

TEST(FindCycleTest, FindsTheWayBack) {
  EXPECT_THAT(FindCycle({{"a", {"a"}}}), ElementsAre("a"));
  EXPECT_THAT(FindCycle({{"a", {"b"}}, {"b", {"c"}}, {"c", {"a"}}}), ElementsAre("a", "b", "c"));
}

TEST(FindCycleTest, LeavesOutTheWayThatLeadsThere) {
  EXPECT_THAT(FindCycle({{"a", {"d", "b"}}, {"b", {"c"}}, {"c", {"b"}}, {"d", {}}}),
              ElementsAre("b", "c"));
}

}  // namespace
}  // namespace drover
