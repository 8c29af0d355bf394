// The service on a real server, called through its client, over fake nodes.
#include "services/coordinator/service/coordinator_service.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"
#include "services/coordinator/client/grpc_coordinator_client.h"
#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kDeadline = absl::Seconds(30);

class CoordinatorServiceTest : public ::testing::Test {
 protected:
  CoordinatorServiceTest()
      : calls_(cluster_.executor(), AuthenticateAs(Identity{"lab", IdentityKind::kUser, "ann"})),
        service_(calls_, *cluster_.orchestrator) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<GrpcCoordinatorClient>(server_->InProcessChannel({}));
  }
  ~CoordinatorServiceTest() override { server_->Shutdown(); }

  template <class T>
  T Call(Task<T> task) {
    std::optional<T> result = cluster_.Run(std::move(task));
    EXPECT_TRUE(result.has_value());
    return *std::move(result);
  }

  void AddNodes() {
    for (const FakeNode* node : {&cluster_.node1, &cluster_.node2}) {
      v1::AddNodeRequest request;
      request.set_node(node->name);
      request.set_address(node->address);
      EXPECT_TRUE(Call(client_->AddNode(request, kDeadline)).ok());
    }
  }

  static v1::DesiredState OnNode(const std::string& node) {
    v1::DesiredState desired;
    drover::common::v1::ApplicationSpec* spec = desired.add_applications();
    spec->set_name("redis");
    spec->set_image("redis:7");
    spec->add_volumes()->set_mountpoint("/data");
    spec->add_ports()->set_internal_port(6379);
    spec->mutable_ports(0)->set_external_port(6379);
    v1::NodeAssignment* assignment = desired.add_nodes();
    assignment->set_node(node);
    assignment->add_applications("redis");
    return desired;
  }

  // To its end, by watching it; all that was seen.
  std::vector<v1::Deployment> Deploy(const std::string& node) {
    v1::CreateDeploymentRequest request;
    *request.mutable_desired() = OnNode(node);
    auto created = Call(client_->CreateDeployment(request, kDeadline));
    EXPECT_TRUE(created.ok()) << created.status();
    std::vector<v1::Deployment> seen;
    auto see = [&seen](const v1::WatchDeploymentResponse& response) {
      seen.push_back(response.deployment());
    };
    v1::WatchDeploymentRequest watch;
    watch.set_name(created->deployment().name());
    EXPECT_TRUE(Call(client_->WatchDeployment(watch, kDeadline, see)).ok());
    return seen;
  }

  FakeCluster cluster_;
  CallScope calls_;
  CoordinatorService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcCoordinatorClient> client_;
};

TEST_F(CoordinatorServiceTest, DeploysAndMovesAndShowsIt) {
  AddNodes();
  const std::vector<v1::Deployment> seen = Deploy("node1");
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().state(), v1::DEPLOYMENT_STATE_DONE) << seen.back().error();
  EXPECT_EQ(seen.back().actions(0).kind(), v1::ACTION_KIND_CREATE);

  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination(cluster_.node2.address);
  auto created = Call(client_->CreateMigration(move, kDeadline));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(created->migration().requested_by(), "spiffe://lab/user/ann");
  v1::WatchMigrationRequest watch;
  watch.set_name(created->migration().name());
  v1::Migration last;
  auto see = [&last](const v1::WatchMigrationResponse& response) { last = response.migration(); };
  EXPECT_TRUE(Call(client_->WatchMigration(watch, kDeadline, see)).ok());
  EXPECT_EQ(last.state(), v1::MIGRATION_STATE_DONE) << last.error();
  EXPECT_EQ(last.source(), "node1");
  EXPECT_EQ(last.destination(), "node2");

  auto status = Call(client_->GetClusterStatus({}, kDeadline));
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->status().nodes_size(), 2);
  EXPECT_EQ(status->status().applications(0).node(), "node2");
  EXPECT_EQ(status->status().applications(0).state(), v1::APPLICATION_STATE_RUNNING);
  EXPECT_EQ(status->status().volumes(0).owner(), "node2");
  auto routes = Call(client_->ListRoutes({}, kDeadline));
  EXPECT_EQ(routes->routes(0).node(), "node2");
  EXPECT_EQ(Call(client_->ListMigrations({}, kDeadline))->migrations_size(), 1);

  v1::CancelMigrationRequest cancel;
  cancel.set_name(last.name());
  EXPECT_EQ(Call(client_->CancelMigration(cancel, kDeadline)).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(CoordinatorServiceTest, ListsDeploymentsTheOldestFirst) {
  AddNodes();
  const std::string first = Deploy("node1").back().name();
  const std::string second = Deploy("node2").back().name();
  auto listed = Call(client_->ListDeployments({}, kDeadline));
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->deployments_size(), 2);
  EXPECT_EQ(listed->deployments(0).name(), first);
  EXPECT_EQ(listed->deployments(1).name(), second);
  EXPECT_EQ(listed->deployments(1).state(), v1::DEPLOYMENT_STATE_DONE);
  EXPECT_TRUE(listed->deployments(1).has_end_time());
  EXPECT_EQ(listed->deployments(1).command(), "deploy");
  EXPECT_EQ(listed->deployments(1).requested_by(), "spiffe://lab/user/ann");
  EXPECT_EQ(listed->deployments(1).total_actions(), 1);
  EXPECT_EQ(listed->deployments(1).done_actions(), 1);
  // The list of a year has to fit into one message.
  EXPECT_EQ(listed->deployments(1).actions_size(), 0);
}

TEST_F(CoordinatorServiceTest, TakesHostNamesOfNodes) {
  cluster_.hosts.known = {{"one.example", {cluster_.node1.address}},
                          {"two.example", {cluster_.node2.address}}};
  cluster_.node2.address = "two.example";
  AddNodes();
  EXPECT_EQ(Deploy("one.example").back().state(), v1::DEPLOYMENT_STATE_DONE);
  const std::vector<v1::Deployment> moved = Deploy("192.0.2.2");
  EXPECT_EQ(moved.back().state(), v1::DEPLOYMENT_STATE_DONE) << moved.back().error();
  EXPECT_EQ(moved.back().actions(0).to(), "node2");
  // The kernel's table has addresses only.
  EXPECT_EQ(cluster_.node1.routes.routes(0).remote().address(), "192.0.2.2");
}

TEST_F(CoordinatorServiceTest, ADrainAnswersWithTheRegisteredName) {
  cluster_.hosts.known = {{"one.example", {cluster_.node1.address}}};
  AddNodes();
  v1::CreateDrainRequest request;
  request.mutable_drain()->set_node("one.example");
  auto drain = Call(client_->CreateDrain(request, kDeadline));
  ASSERT_TRUE(drain.ok()) << drain.status();
  EXPECT_EQ(drain->node(), "node1");
}

TEST_F(CoordinatorServiceTest, SaysThatAnApplicationIsThereAlready) {
  AddNodes();
  Deploy("node1");
  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination("node1");
  const absl::Status status = Call(client_->CreateMigration(move, kDeadline)).status();
  EXPECT_EQ(ReasonOf(status), "ALREADY_THERE");
  EXPECT_EQ(status.message(), "redis is on node1 already");
}

TEST_F(CoordinatorServiceTest, NamesTheOnesThatExist) {
  AddNodes();
  Deploy("node1");
  v1::CreateMigrationRequest move;
  move.set_application("radis");
  move.set_destination("node2");
  EXPECT_EQ(Call(client_->CreateMigration(move, kDeadline)).status().message(),
            "there is no application radis; there are: redis");
  move.set_application("redis");
  move.set_destination("node9");
  EXPECT_EQ(Call(client_->CreateMigration(move, kDeadline)).status().message(),
            "no node `node9` is registered (registered: node1, node2); add it with `drover nodes "
            "add NAME ADDRESS`");
}

TEST_F(CoordinatorServiceTest, AuditsEveryChangeAndRefusalWithTheCaller) {
  AddNodes();
  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination("node2");
  EXPECT_EQ(Call(client_->CreateMigration(move, kDeadline)).status().code(),
            absl::StatusCode::kNotFound);
  std::vector<std::string> actions;
  for (const AuditEntry& entry : cluster_.disk->audit) {
    EXPECT_EQ(entry.caller, "spiffe://lab/user/ann");
    actions.push_back(entry.action);
  }
  EXPECT_THAT(actions, ElementsAre("AddNode", "AddNode", "CreateMigration"));
  EXPECT_THAT(cluster_.disk->audit.back().outcome, HasSubstr("no application redis"));
}

TEST_F(CoordinatorServiceTest, ABackupSaysWhatItIsAndIsAudited) {
  std::string content;
  int64_t total = 0;
  auto on_piece = [&](const v1::BackUpResponse& response) {
    content += response.data();
    total = response.total_bytes();
  };
  const absl::Status status = Call(client_->BackUp({}, kDeadline, on_piece));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(content,
              HasSubstr("its store was restored from the backup of 2023-11-14 22:13:20 UTC"));
  EXPECT_EQ(total, static_cast<int64_t>(content.size()));
  ASSERT_EQ(cluster_.disk->audit.size(), 1u);
  EXPECT_EQ(cluster_.disk->audit[0].action, "BackUp");
}

TEST_F(CoordinatorServiceTest, InRecoveryModeItLooksAndChangesNothing) {
  AddNodes();
  Deploy("node1");
  auto enter = [this]() -> Task<bool> {
    co_await cluster_.journal->EnterRecovery("it is old");
    co_return true;
  };
  cluster_.Run(enter());
  v1::CreateDeploymentRequest deploy;
  *deploy.mutable_desired() = OnNode("node2");
  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination("node2");
  v1::RemoveNodeRequest remove;
  remove.set_node("node2");
  v1::CancelMigrationRequest cancel;
  cancel.set_name("m1");
  const absl::Status refused = Call(client_->CreateDeployment(deploy, kDeadline)).status();
  EXPECT_EQ(ReasonOf(refused), "RECOVERY_MODE");
  EXPECT_THAT(refused.message(), HasSubstr("since it is old; run `drover doctor`"));
  EXPECT_EQ(ReasonOf(Call(client_->CreateMigration(move, kDeadline)).status()), "RECOVERY_MODE");
  EXPECT_EQ(ReasonOf(Call(client_->RemoveNode(remove, kDeadline)).status()), "RECOVERY_MODE");
  EXPECT_EQ(ReasonOf(Call(client_->CancelMigration(cancel, kDeadline)).status()), "RECOVERY_MODE");
  EXPECT_EQ(Call(client_->GetClusterStatus({}, kDeadline))->status().recovery(), "it is old");
  EXPECT_TRUE(Call(client_->ListMigrations({}, kDeadline)).ok());
  auto findings = Call(client_->Diagnose({}, kDeadline));
  ASSERT_EQ(findings->findings_size(), 1);
  EXPECT_EQ(findings->findings(0).subject(), "coordinator");
  EXPECT_EQ(findings->findings(0).severity(), v1::SEVERITY_ERROR);

  v1::AdoptRequest without;
  without.add_without_nodes("node9");
  EXPECT_EQ(ReasonOf(Call(client_->Adopt(without, kDeadline)).status()), "UNKNOWN_NODE");
  without.set_without_nodes(0, cluster_.node2.address);
  EXPECT_EQ(ReasonOf(Call(client_->Adopt(without, kDeadline)).status()), "NODE_ANSWERS");
  EXPECT_EQ(cluster_.disk->audit.back().subject, "coordinator without 192.0.2.2");
  EXPECT_THAT(cluster_.disk->audit.back().outcome, HasSubstr("node2 answers"));
  auto adopted = Call(client_->Adopt({}, kDeadline));
  EXPECT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_EQ(cluster_.disk->audit.back().action, "Adopt");
  EXPECT_EQ(Call(client_->GetClusterStatus({}, kDeadline))->status().recovery(), "");
  EXPECT_TRUE(Call(client_->CreateMigration(move, kDeadline)).ok());
}

TEST_F(CoordinatorServiceTest, ANodeIsRemovedByAnyOfItsNames) {
  AddNodes();
  v1::RemoveNodeRequest remove;
  remove.set_node("node9");
  const absl::Status unknown = Call(client_->RemoveNode(remove, kDeadline)).status();
  EXPECT_EQ(ReasonOf(unknown), "UNKNOWN_NODE");
  EXPECT_THAT(unknown.message(), HasSubstr("registered: node1, node2"));
  remove.set_node(cluster_.node2.address);
  EXPECT_TRUE(Call(client_->RemoveNode(remove, kDeadline)).ok());
  EXPECT_EQ(Call(client_->ListNodes({}, kDeadline))->nodes_size(), 1);
}

TEST_F(CoordinatorServiceTest, RefusesALimitThatIsNone) {
  AddNodes();
  v1::CreateDeploymentRequest deploy;
  *deploy.mutable_desired() = OnNode("node1");
  deploy.mutable_options()->mutable_max_downtime()->set_seconds(0);
  absl::Status status = Call(client_->CreateDeployment(deploy, kDeadline)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("max_downtime must be at least 1 ms"));

  Deploy("node1");
  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination("node2");
  *move.mutable_options() = deploy.options();
  status = Call(client_->CreateMigration(move, kDeadline)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("max_downtime must be at least 1 ms"));
}

TEST_F(CoordinatorServiceTest, AMoveWarnsOfWhatIsNotKept) {
  AddNodes();
  cluster_.node1.unkept_paths = {"/cache"};
  Deploy("node1");
  v1::CreateMigrationRequest move;
  move.set_application("redis");
  move.set_destination("node2");
  const auto created = Call(client_->CreateMigration(move, kDeadline));
  ASSERT_TRUE(created.ok()) << created.status();
  EXPECT_THAT(created->warnings(), ElementsAre(HasSubstr("what redis writes to /cache is lost")));
  v1::WatchMigrationRequest watch;
  watch.set_name(created->migration().name());
  auto see = [](const v1::WatchMigrationResponse&) {};
  EXPECT_TRUE(Call(client_->WatchMigration(watch, kDeadline, see)).ok());
}

TEST_F(CoordinatorServiceTest, ADeploymentShowsTheWayBackOfWhatDidNotGetReady) {
  AddNodes();
  Deploy("node1");
  cluster_.node2.exits = [](const std::string&) { return true; };
  const v1::Deployment last = Deploy("node2").back();
  EXPECT_EQ(last.state(), v1::DEPLOYMENT_STATE_FAILED);
  ASSERT_EQ(last.migrations_size(), 2);
  EXPECT_EQ(last.migrations(0).returned_by(), last.migrations(1).name());
  EXPECT_EQ(last.migrations(1).destination(), "node1");
}

TEST_F(CoordinatorServiceTest, AnUnregisteredNodeIsAnErrorOfTheFile) {
  AddNodes();
  v1::PlanDeploymentRequest request;
  *request.mutable_desired() = OnNode("node9");
  const absl::Status status = Call(client_->PlanDeployment(request, kDeadline)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_NODE");
}

TEST_F(CoordinatorServiceTest, AListedNodeThatDoesNotAnswerIsAProblemOfThePlan) {
  AddNodes();
  Deploy("node1");
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  v1::PlanDeploymentRequest request;
  *request.mutable_desired() = OnNode("node1");
  request.mutable_desired()->add_nodes()->set_node("node2");
  auto response = Call(client_->PlanDeployment(request, kDeadline));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->plan().actions_size(), 0);
  EXPECT_THAT(response->plan().problems(), ElementsAre(HasSubstr("node2 does not answer")));
  EXPECT_EQ(response->plan().warnings_size(), 0);
}

TEST_F(CoordinatorServiceTest, APlanThatHasChangedIsNotCarriedOut) {
  AddNodes();
  v1::CreateDeploymentRequest request;
  *request.mutable_desired() = OnNode("node1");
  request.set_fingerprint("another");
  const absl::Status status = Call(client_->CreateDeployment(request, kDeadline)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "PLAN_CHANGED");
}

}  // namespace
}  // namespace drover::coordinator
