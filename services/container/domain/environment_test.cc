#include "services/container/domain/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::container {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(LinkVariablesTest, PointAtTheContainersOwnNode) {
  EXPECT_THAT(
      LinkVariables({{"my-db", 80, 8080}}, "192.0.2.1"),
      ElementsAre(Pair("MY_DB_PORT_80_TCP", "tcp://192.0.2.1:8080"),
                  Pair("MY_DB_PORT_80_TCP_ADDR", "192.0.2.1"),
                  Pair("MY_DB_PORT_80_TCP_PORT", "8080"), Pair("MY_DB_PORT_80_TCP_PROTO", "tcp")));
}

TEST(MergeEnvironmentTest, LaterOnesWin) {
  EXPECT_THAT(MergeEnvironment({"PATH=/bin", "A=image", "B=image", "BARE"},
                               {{"A", "link"}, {"B", "link"}, {"C", "link"}},
                               {{"B", "user"}, {"D", "x=y"}}),
              ElementsAre("PATH=/bin", "A=link", "B=user", "BARE", "C=link", "D=x=y"));
}

}  // namespace
}  // namespace drover::container
