#include "services/coordinator/orchestrator/observer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/coordinator/orchestrator/testing/orchestrator_fixture.h"

namespace drover::coordinator {
namespace {

class ObserverTest : public OrchestratorTest {
 protected:
  void LetNode1Answer(const std::string& call, const absl::Status& status) {
    cluster_.node1.before = [=](const std::string& asked) {
      return asked == call ? status : absl::OkStatus();
    };
  }

  NodeView LookAtNode1() {
    const auto view = cluster_.Run(cluster_.orchestrator->observer.Observe());
    return view->nodes.at(0);
  }

  std::shared_ptr<NodeHandle> Node1() {
    return *cluster_.orchestrator->nodes.Look(NodeName("node1"));
  }
};

TEST_F(ObserverTest, ANodeThatFellSilentIsAskedOverNewConnections) {
  LookAtNode1();
  const std::shared_ptr<NodeHandle> old = Node1();
  LetNode1Answer("ListContainers", absl::DeadlineExceededError("no answer"));
  EXPECT_FALSE(LookAtNode1().reachable);
  const std::shared_ptr<NodeHandle> renewed = Node1();
  EXPECT_NE(renewed, old);
  // What was found out about the node is true still.
  EXPECT_TRUE(renewed->is_compared);
  EXPECT_TRUE(renewed->is_proxy_compared);
  cluster_.node1.before = nullptr;
  EXPECT_TRUE(LookAtNode1().reachable);
  EXPECT_EQ(Node1(), renewed);
}

TEST_F(ObserverTest, AServiceThatIsSlowKeepsItsConnections) {
  LookAtNode1();
  const std::shared_ptr<NodeHandle> old = Node1();
  LetNode1Answer("ListGroups", absl::DeadlineExceededError("no answer"));
  EXPECT_FALSE(LookAtNode1().reachable);
  EXPECT_EQ(Node1(), old);
}

TEST_F(ObserverTest, ANodeThatIsBeingConnectedToIsLeftTheTimeItNeeds) {
  LookAtNode1();
  LetNode1Answer("GetRoutes", absl::DeadlineExceededError("no answer"));
  LookAtNode1();
  const std::shared_ptr<NodeHandle> connecting = Node1();
  EXPECT_FALSE(LookAtNode1().reachable);
  EXPECT_EQ(Node1(), connecting);
}

TEST_F(ObserverTest, ANodeThatRefusesKeepsItsConnections) {
  LookAtNode1();
  const std::shared_ptr<NodeHandle> old = Node1();
  LetNode1Answer("GetPool", absl::UnavailableError("connection refused"));
  EXPECT_FALSE(LookAtNode1().reachable);
  EXPECT_EQ(Node1(), old);
}

}  // namespace
}  // namespace drover::coordinator
