#include "services/coordinator/service/cluster_status.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

class ClusterStatusTest : public ::testing::Test {
 protected:
  ClusterStatusTest() {
    for (const char* name : {"node1", "node2"}) {
      NodeView node;
      node.name = NodeName(name);
      node.reachable = node.volumes_known = true;
      node.backend = "btrfs";
      view_.nodes.push_back(node);
    }
    ApplicationRecord record;
    record.name = record.spec.name = ApplicationName("redis");
    record.spec.volumes = {{"", "/data", 0, ""}};
    record.node = NodeName("node1");
    record.running = true;
    view_.applications[record.name] = record;
  }

  ApplicationRecord& Record() { return view_.applications.begin()->second; }
  ContainerView& AddContainer(ContainerState state) {
    ContainerView container;
    container.application = ApplicationName("redis");
    container.container_id = ContainerId("c");
    container.state = state;
    view_.nodes[0].containers = {container};
    return view_.nodes[0].containers[0];
  }
  void AddGroup(int node, GroupState state, int64_t generation, std::string volume_id = "") {
    GroupView group;
    group.application = ApplicationName("redis");
    group.state = state;
    group.generation = Generation(generation);
    group.volumes = {VolumeView{volume_id, "uuid", "/data", 0, 1000, "snap"}};
    view_.nodes[node - 1].groups.push_back(group);
  }
  pb::Application App() { return StatusMessage(view_).applications(0); }

  ClusterView view_;
};

TEST_F(ClusterStatusTest, AnApplicationIsWhatItsContainerIs) {
  AddContainer(ContainerState::kReady);
  EXPECT_EQ(App().name(), "applications/redis");
  EXPECT_EQ(App().node(), "node1");
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_RUNNING);
  AddContainer(ContainerState::kStarting);
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_STARTING);
  EXPECT_EQ(App().problem(), "");
  view_.nodes[0].containers[0].problem = "port 6379: Connection refused";
  EXPECT_EQ(App().problem(), "it is not ready: port 6379: Connection refused");
  AddContainer(ContainerState::kExited).exit_code = 3;
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_FAILED);
  EXPECT_EQ(App().problem(), "it ended with exit code 3");
  view_.nodes[0].containers[0].starts_again = true;
  EXPECT_EQ(App().problem(), "it ended with exit code 3 and is started again");
  view_.nodes[0].containers.clear();
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_FAILED);
  EXPECT_EQ(App().problem(), "it has no container");
  EXPECT_EQ(StatusMessage(view_, {}, "its store is old").applications(0).problem(),
            "it is not on node1, where the old store of the coordinator has it; `drover doctor` "
            "shows where it is");
  AddContainer(ContainerState::kExited).problem = "the image has no program x";
  EXPECT_EQ(App().problem(), "it could not be started: the image has no program x");
  AddContainer(ContainerState::kReady);
  view_.nodes[0].reachable = false;
  EXPECT_EQ(App().problem(), "node1 does not answer");
}

TEST_F(ClusterStatusTest, AFailedStartSaysWhy) {
  ContainerView& container = AddContainer(ContainerState::kExited);
  container.container_id = ContainerId();
  container.problem = "the image app:1 is not on this node";
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_FAILED);
  EXPECT_EQ(App().problem(), container.problem);
  Record().problem = "redis could not be started on node1";
  EXPECT_EQ(App().problem(), Record().problem);
}

TEST_F(ClusterStatusTest, StoppedHasNoNodeAndMigratingWinsOverAll) {
  Record().running = false;
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_STOPPED);
  EXPECT_EQ(App().node(), "");
  view_.migrating = {ApplicationName("redis")};
  EXPECT_EQ(App().state(), pb::APPLICATION_STATE_MIGRATING);
}

TEST_F(ClusterStatusTest, AnAbortIsSaidWhereNothingElseIsWrong) {
  const std::map<ApplicationName, std::string> aborts = {{ApplicationName("redis"), "too long"}};
  AddContainer(ContainerState::kReady);
  EXPECT_EQ(StatusMessage(view_, aborts).applications(0).problem(), "too long");
  AddContainer(ContainerState::kExited).exit_code = 3;
  EXPECT_EQ(StatusMessage(view_, aborts).applications(0).problem(), "it ended with exit code 3");
}

TEST_F(ClusterStatusTest, AVolumeIsOneRowWithItsCopies) {
  AddGroup(1, GroupState::kRetired, 3);
  AddGroup(2, GroupState::kOwned, 4);
  pb::ClusterStatus status = StatusMessage(view_);
  ASSERT_EQ(status.volumes_size(), 1);
  const pb::ClusterVolume& volume = status.volumes(0);
  EXPECT_EQ(volume.name(), "redis");
  EXPECT_EQ(volume.owner(), "node2");
  EXPECT_EQ(volume.generation(), 4);
  EXPECT_EQ(volume.application(), "redis");
  EXPECT_EQ(volume.backend(), "btrfs");
  ASSERT_EQ(volume.copies_size(), 1);
  EXPECT_EQ(volume.copies(0).node(), "node1");
  EXPECT_EQ(volume.copies(0).snapshot(), "snap");
}

TEST_F(ClusterStatusTest, AnOwnerThatDoesNotAnswerIsTheJournals) {
  Record().generation = Generation(4);
  Record().spec.volumes[0].maximum_size_bytes = 5000;
  AddGroup(2, GroupState::kRetired, 3);
  NodeView away;
  away.name = NodeName("node1");
  view_.nodes[0] = away;
  pb::ClusterStatus status = StatusMessage(view_);
  ASSERT_EQ(status.volumes_size(), 1);
  EXPECT_EQ(status.volumes(0).owner(), "node1");
  EXPECT_EQ(status.volumes(0).generation(), 4);
  EXPECT_EQ(status.volumes(0).state(), drover::volume::v1::GROUP_STATE_OWNED);
  EXPECT_EQ(status.volumes(0).application(), "redis");
  EXPECT_EQ(status.volumes(0).size_bytes(), 0);
  EXPECT_EQ(status.volumes(0).maximum_size_bytes(), 5000);
  EXPECT_EQ(status.volumes(0).backend(), "btrfs");
  ASSERT_EQ(status.volumes(0).copies_size(), 1);
  EXPECT_EQ(status.volumes(0).copies(0).node(), "node2");
  // The same without a copy anywhere.
  view_.nodes[1].groups.clear();
  EXPECT_EQ(StatusMessage(view_).volumes(0).owner(), "node1");
  // A claim that broke off: the newer owner that answers is shown, and the journal's beside it.
  AddGroup(2, GroupState::kOwned, 5);
  status = StatusMessage(view_);
  EXPECT_EQ(status.volumes(0).owner(), "node2");
  ASSERT_EQ(status.volumes(0).copies_size(), 1);
  EXPECT_EQ(status.volumes(0).copies(0).node(), "node1");
  EXPECT_EQ(status.volumes(0).copies(0).state(), drover::volume::v1::GROUP_STATE_OWNED);
}

TEST_F(ClusterStatusTest, DataThatNobodyOwnsIsStillListed) {
  AddGroup(1, GroupState::kRetired, 3, "old");
  pb::ClusterStatus status = StatusMessage(view_);
  ASSERT_EQ(status.volumes_size(), 1);
  EXPECT_EQ(status.volumes(0).name(), "redis:old");
  EXPECT_EQ(status.volumes(0).owner(), "");
  EXPECT_EQ(status.volumes(0).application(), "");
  EXPECT_EQ(status.volumes(0).copies_size(), 1);
}

}  // namespace
}  // namespace drover::coordinator
