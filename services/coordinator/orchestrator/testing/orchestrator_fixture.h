// Two nodes that are registered, one application, and what must be true of them at the end.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_ORCHESTRATOR_FIXTURE_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_ORCHESTRATOR_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {

inline ApplicationSpec Redis(int external_port = 6379) {
  ApplicationSpec spec;
  spec.name = ApplicationName("redis");
  spec.image = "redis:7";
  spec.ports = {{6379, external_port}};
  spec.volumes = {{"", "/data", 0, ""}};
  return spec;
}

inline DesiredState OnNode(int node, ApplicationSpec spec = Redis()) {
  DesiredState desired;
  desired.applications = {spec};
  desired.nodes = {{"node1", {}, ""}, {"node2", {}, ""}};
  if (node > 0) desired.nodes[node - 1].applications = {spec.name};
  return desired;
}

class OrchestratorTest : public ::testing::Test {
 protected:
  OrchestratorTest() { cluster_.RegisterNodes(); }

  DeploymentRecord MustDeploy(DesiredState desired) {
    absl::StatusOr<DeploymentRecord> record = cluster_.Deploy(std::move(desired));
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : DeploymentRecord();
  }
  Plan MustPlan(DesiredState desired) {
    const auto made = *cluster_.Run(cluster_.orchestrator->planner.MakePlan(std::move(desired)));
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? made->plan : Plan();
  }
  void DeployOnNode1() { EXPECT_EQ(MustDeploy(OnNode(1)).error, ""); }

  // The application runs on `here` only, is routed to it from both nodes, and nothing else is left.
  void ExpectServedBy(FakeNode& here, FakeNode& there) {
    ASSERT_TRUE(here.groups.contains("redis"));
    EXPECT_EQ(here.groups["redis"].state(), volume::v1::GROUP_STATE_OWNED);
    EXPECT_EQ(here.groups["redis"].migration(), "");
    ASSERT_TRUE(here.containers.contains("redis"));
    EXPECT_EQ(here.containers["redis"].state(), container::v1::CONTAINER_STATE_READY);
    EXPECT_FALSE(there.containers.contains("redis"));
    if (there.groups.contains("redis")) {
      EXPECT_EQ(there.groups["redis"].state(), volume::v1::GROUP_STATE_RETIRED);
      EXPECT_EQ(there.groups["redis"].migration(), "");
    }
    for (FakeNode* node : {&here, &there}) {
      EXPECT_THAT(node->holds, ::testing::IsEmpty());
      EXPECT_EQ(node->routes.revision(), cluster_.journal->route_revision());
      ASSERT_EQ(node->routes.routes_size(), 1);
    }
    EXPECT_EQ(here.routes.routes(0).local().container_id(),
              here.containers["redis"].container_id());
    EXPECT_EQ(there.routes.routes(0).remote().address(), here.address);
    const ApplicationRecord& record = *cluster_.journal->FindApplication(Redis().name);
    EXPECT_EQ(record.node, NodeName(here.name));
    EXPECT_EQ(record.generation.value(), here.groups["redis"].generation());
    EXPECT_TRUE(record.running);
  }

  const MigrationRecord& LastMigration() { return *cluster_.journal->migrations().back(); }

  // Goes on with what was under way until every move has ended.
  void Recover() {
    cluster_.orchestrator->Recover();
    cluster_.Run(WaitForAll());
  }
  Task<bool> WaitForAll() {
    while (true) {
      const uint64_t seen = cluster_.journal->changed().count();
      bool ended = true;
      for (const MigrationRecord* migration : cluster_.journal->migrations()) {
        ended &= IsTerminal(migration->state) && !migration->source_pending &&
                 !migration->destination_pending &&
                 cluster_.orchestrator->migrations.FindDriver(migration->id) == nullptr;
      }
      for (const DeploymentRecord* deployment : cluster_.journal->deployments()) {
        ended &= deployment->state != DeploymentState::kRunning;
      }
      if (ended) co_return true;
      co_await cluster_.journal->changed().Wait(seen);
    }
  }

  void Reconcile() {
    auto reconcile = [this]() -> Task<bool> {
      co_await cluster_.orchestrator->reconciler.Reconcile();
      co_return true;
    };
    cluster_.Run(reconcile());
  }
  Task<void> NextChange() {
    co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
  }

  FakeCluster cluster_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_ORCHESTRATOR_FIXTURE_H_
