#include "services/proxy/domain/kernel_routes.h"

#include <gtest/gtest.h>

namespace drover::proxy {
namespace {

Endpoint At(uint32_t address, int port) { return {Ipv4Address(address), port}; }

TEST(DifferenceTest, IsEmptyBetweenEquals) {
  KernelRoutes routes{{{80, At(1, 80)}}, {{80, TargetKind::kLocal}}, {443}};
  EXPECT_TRUE(Difference(routes, routes).empty());
}

TEST(DifferenceTest, AddsAndRemovesWhole) {
  KernelRoutes routes{{{80, At(1, 80)}}, {{80, TargetKind::kLocal}}, {443}};
  EXPECT_EQ(Difference({}, routes).add, routes);
  EXPECT_EQ(Difference({}, routes).remove, KernelRoutes());
  EXPECT_EQ(Difference(routes, {}).remove, routes);
  EXPECT_EQ(Difference(routes, {}).add, KernelRoutes());
}

TEST(DifferenceTest, ReplacesAChangedTargetAndLeavesTheRestAlone) {
  KernelRoutes held{
      {{80, At(1, 80)}, {81, At(1, 81)}}, {{80, TargetKind::kLocal}, {81, TargetKind::kLocal}}, {}};
  KernelRoutes wanted = held;
  wanted.targets[80] = At(2, 80);
  KernelChange change = Difference(held, wanted);
  EXPECT_EQ(change.remove, (KernelRoutes{{{80, At(1, 80)}}, {}, {}}));
  EXPECT_EQ(change.add, (KernelRoutes{{{80, At(2, 80)}}, {}, {}}));
}

TEST(DifferenceTest, MendsAnElementThatLostItsKind) {
  KernelRoutes wanted{{{80, At(1, 80)}}, {{80, TargetKind::kRemote}}, {}};
  KernelRoutes held{wanted.targets, {}, {}};
  EXPECT_EQ(Difference(held, wanted).add, (KernelRoutes{{}, wanted.kinds, {}}));
}

TEST(ApplyTest, LeavesWhatTheDifferenceWasMadeFor) {
  const KernelRoutes before{{{80, At(1, 80)}, {81, At(1, 81)}},
                            {{80, TargetKind::kLocal}, {81, TargetKind::kLocal}},
                            {5}};
  const KernelRoutes after{{{80, At(2, 80)}, {82, At(1, 82)}},
                           {{80, TargetKind::kRemote}, {82, TargetKind::kLocal}},
                           {6}};
  KernelRoutes held = before;
  Apply(Difference(before, after), held);
  EXPECT_EQ(held, after);
}

TEST(OnlyTest, LeavesOtherPortsOut) {
  const KernelRoutes routes{{{80, At(1, 80)}, {81, At(1, 81)}},
                            {{80, TargetKind::kLocal}, {81, TargetKind::kLocal}},
                            {5}};
  EXPECT_EQ(Only({80, 5, 7}, routes),
            (KernelRoutes{{{80, At(1, 80)}}, {{80, TargetKind::kLocal}}, {5}}));
}

}  // namespace
}  // namespace drover::proxy
