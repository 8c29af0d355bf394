#include "services/coordinator/domain/move_warning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class MoveWarningTest : public ::testing::Test {
 protected:
  MoveWarningTest() {
    node_.name = NodeName("node1");
    node_.containers_known = true;
    view_.applications[kRedis].running = true;
  }
  ContainerView& AddContainer(ContainerState state) {
    ContainerView container;
    container.application = kRedis;
    container.container_id = ContainerId("c");
    container.state = state;
    node_.containers = {container};
    return node_.containers[0];
  }
  std::vector<std::string> Warnings() const { return MoveWarnings(view_, kRedis, node_); }

  static inline const ApplicationName kRedis{"redis"};
  ClusterView view_;
  NodeView node_;
};

TEST_F(MoveWarningTest, WhatServesIsMovedWithoutOne) {
  AddContainer(ContainerState::kReady);
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(MoveWarningTest, SaysWhatIsNotReadyAndWhy) {
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("redis is not ready on node1 now (it has no")));
  AddContainer(ContainerState::kStarting);
  EXPECT_THAT(Warnings(),
              ElementsAre("redis is not ready on node1 now (it is starting), and is moved as it "
                          "is: it may not get ready elsewhere either; see `drover logs redis`"));
  ContainerView& container = AddContainer(ContainerState::kExited);
  container.exit_code = 3;
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("(it ended with exit code 3)")));
  container.container_id = ContainerId();
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("(it could not be started)")));
}

TEST_F(MoveWarningTest, SaysNothingOfWhatIsStoppedOrNotKnown) {
  node_.containers_known = false;
  EXPECT_THAT(Warnings(), IsEmpty());
  node_.containers_known = true;
  view_.applications[kRedis].running = false;
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(MoveWarningTest, NamesWhatIsNotKept) {
  AddContainer(ContainerState::kStarting).unkept_paths = {"/cache"};
  EXPECT_THAT(Warnings(),
              ElementsAre(HasSubstr("what redis writes to /cache is lost"), HasSubstr("starting")));
}

}  // namespace
}  // namespace drover::coordinator
