// Moves that keep a promise or are not begun, and writers that outrun the copy, over fake nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "services/coordinator/orchestrator/orchestrator.h"
#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using volume::v1::GROUP_STATE_OWNED;

constexpr int64_t kMiB = 1 << 20;

ApplicationSpec App(const std::string& name, int external_port) {
  ApplicationSpec spec;
  spec.name = ApplicationName(name);
  spec.image = name;
  spec.ports = {{80, external_port}};
  spec.volumes = {{"", "/data", 0, ""}};
  return spec;
}

DesiredState OnNode(int node, const std::vector<ApplicationSpec>& specs) {
  DesiredState desired;
  desired.applications = specs;
  desired.nodes = {{"node1", {}, ""}, {"node2", {}, ""}};
  for (const ApplicationSpec& spec : specs) {
    desired.nodes[node - 1].applications.push_back(spec.name);
  }
  return desired;
}

class ConvergenceTest : public ::testing::Test {
 protected:
  ConvergenceTest() {
    cluster_.RegisterNodes();
    EXPECT_EQ(Deploy(OnNode(1, specs_)).error, "");
    container_ = cluster_.node1.containers["redis"].container_id();
    cluster_.node1.calls.clear();
    cluster_.node2.calls.clear();
  }

  DeploymentRecord Deploy(DesiredState desired, MigrationOptions options = {}) {
    absl::StatusOr<DeploymentRecord> record = cluster_.Deploy(std::move(desired), options);
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : DeploymentRecord();
  }
  DeploymentRecord Move(absl::Duration max_downtime) {
    return Deploy(OnNode(2, specs_), MigrationOptions{0, max_downtime});
  }
  const MigrationRecord& LastMigration() { return *cluster_.journal->migrations().back(); }

  // It was never asked to stop.
  void ExpectUntouched() {
    EXPECT_THAT(cluster_.node1.calls, Not(Contains("Seal")));
    EXPECT_THAT(cluster_.node1.calls, Not(Contains("SetHold")));
    EXPECT_EQ(cluster_.node1.containers["redis"].container_id(), container_);
    EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_OWNED);
    EXPECT_EQ(cluster_.node1.groups["redis"].migration(), "");
    EXPECT_FALSE(cluster_.node2.groups.contains("redis"));
    EXPECT_FALSE(cluster_.node2.containers.contains("redis"));
    EXPECT_EQ(LastMigration().state, MigrationState::kAborted);
  }
  void ExpectOn(FakeNode& node) {
    EXPECT_EQ(node.groups["redis"].state(), GROUP_STATE_OWNED);
    EXPECT_EQ(node.containers["redis"].state(), container::v1::CONTAINER_STATE_READY);
    EXPECT_TRUE(node.holds.empty());
  }

  FakeCluster cluster_;
  std::vector<ApplicationSpec> specs_ = {App("redis", 6379)};
  std::string container_;
};

TEST_F(ConvergenceTest, APromiseThatCannotBeKeptIsNotStarted) {
  const DeploymentRecord record = Move(absl::Milliseconds(1));
  EXPECT_THAT(record.error, HasSubstr("longer than the 1ms allowed, so it was not begun; allow "));
  EXPECT_THAT(record.error, HasSubstr("; redis runs on node1 as before"));
  EXPECT_THAT(cluster_.node1.calls, Not(Contains("PushRound")));
  EXPECT_THAT(cluster_.node2.calls, Not(Contains("StageContainer")));
  EXPECT_TRUE(LastMigration().prediction.has_value());
  ExpectUntouched();
}

TEST_F(ConvergenceTest, APromiseThatIsKeptIsSaidBeforeAndComparedAfter) {
  const DeploymentRecord record = Move(absl::Seconds(10));
  EXPECT_EQ(record.error, "");
  EXPECT_TRUE(record.actions[0].prediction.has_value());
  EXPECT_LE(LastMigration().prediction->p95, absl::Seconds(10));
  EXPECT_FALSE(LastMigration().missed);
  ExpectOn(cluster_.node2);
}

TEST_F(ConvergenceTest, TheNextPredictionRestsOnWhatWasMeasured) {
  EXPECT_EQ(Deploy(OnNode(2, specs_)).error, "");
  EXPECT_EQ(LastMigration().prediction->measured, 0);
  EXPECT_EQ(Deploy(OnNode(1, specs_)).error, "");
  EXPECT_EQ(LastMigration().prediction->measured, 1);
}

TEST_F(ConvergenceTest, AFinalDeltaThatTakesTooLongIsGivenUpBeforeCommit) {
  cluster_.node1.before = [this, pushes = 0](const std::string& call) mutable {
    if (call != "PushRound" || ++pushes == 1) return absl::OkStatus();
    cluster_.clock.Advance(absl::Seconds(3));
    return absl::DeadlineExceededError("the call's time is over");
  };
  EXPECT_EQ(Move(absl::Seconds(2)).error,
            "redis had been interrupted for 3s, longer than the 2s allowed, before the move could "
            "be committed, so it was undone; redis runs on node1 as before");
  EXPECT_TRUE(LastMigration().missed);
  EXPECT_THAT(cluster_.node2.calls, Not(Contains("Activate")));
  EXPECT_FALSE(cluster_.node2.groups.contains("redis"));
  ExpectOn(cluster_.node1);
}

TEST_F(ConvergenceTest, AStopThatTakesTooLongIsGivenUp) {
  cluster_.node1.after = [this](const std::string& call) {
    if (call == "Seal") cluster_.clock.Advance(absl::Seconds(3));
    return absl::OkStatus();
  };
  EXPECT_THAT(Move(absl::Seconds(2)).error, HasSubstr("interrupted for 3s"));
  EXPECT_THAT(cluster_.node2.calls, Not(Contains("Prepare")));
  ExpectOn(cluster_.node1);
}

TEST_F(ConvergenceTest, APromiseThatIsBrokenAfterCommitIsReported) {
  cluster_.node2.before = [this](const std::string& call) {
    if (call == "AwaitReady") cluster_.clock.Advance(absl::Seconds(3));
    return absl::OkStatus();
  };
  EXPECT_EQ(Move(absl::Seconds(2)).error, "");
  EXPECT_EQ(LastMigration().state, MigrationState::kDone);
  EXPECT_EQ(LastMigration().interruption, absl::Seconds(3));
  EXPECT_TRUE(LastMigration().missed);
  ExpectOn(cluster_.node2);
}

TEST_F(ConvergenceTest, TheDestinationLetsThroughWhoWaitedAsSoonAsItsRouteIsInForce) {
  std::vector<std::string> released;
  for (FakeNode* node : {&cluster_.node1, &cluster_.node2}) {
    node->after = [node, &released](const std::string& call) {
      const bool routed = call == "ChangeRoutes" || call == "ApplyRoutes";
      if (routed && node->holds.empty()) released.push_back(node->name);
      return absl::OkStatus();
    };
  }
  EXPECT_EQ(Deploy(OnNode(2, specs_)).error, "");
  EXPECT_THAT(released, ::testing::ElementsAre("node2"));
  EXPECT_TRUE(cluster_.node1.holds.empty());
}

// Rounds of 2 s as long as the application writes as fast as they go.
class OutrunningTest : public ConvergenceTest {
 protected:
  void WriteUntilRound(int calm) {
    cluster_.node1.push = [this, calm](int round) {
      const bool quiet = round == 0 || round >= calm;
      cluster_.clock.Advance(quiet ? absl::Milliseconds(30) : absl::Seconds(2));
      volume::v1::PushResult result;
      result.set_bytes(quiet ? 1000 : 20 * kMiB);
      result.set_incremental(round != 1);
      result.mutable_duration()->set_seconds(quiet ? 0 : 2);
      result.mutable_duration()->set_nanos(quiet ? 30'000'000 : 0);
      return result;
    };
  }
};

TEST_F(OutrunningTest, AWriterThatOutrunsTheCopyIsNotInterrupted) {
  const absl::Time begin = cluster_.clock.Now();
  // While it is waited for, 5 s and more pile up: the copy is behind all the same.
  cluster_.node1.push = [this, last = begin](int round) mutable {
    const absl::Duration since = round == 1 ? absl::Seconds(2) : cluster_.clock.Now() - last;
    last = cluster_.clock.Now();
    cluster_.clock.Advance(since);
    volume::v1::PushResult result;
    result.set_bytes(static_cast<int64_t>(absl::ToDoubleSeconds(since) * 10) * kMiB);
    result.set_incremental(round != 1);
    result.mutable_duration()->set_seconds(absl::ToInt64Seconds(since));
    return result;
  };
  EXPECT_THAT(Deploy(OnNode(2, specs_)).error,
              HasSubstr("redis writes 10.0MB/s and the copy to node2 moves 10.0MB/s, so 7 rounds "
                        "did not catch up"));
  EXPECT_EQ(LastMigration().calm_waits, 3);
  EXPECT_GT(cluster_.clock.Now() - begin, absl::Seconds(5 + 7 + 14));
  ExpectUntouched();
}

TEST_F(OutrunningTest, AWriterThatCalmsDownIsMoved) {
  WriteUntilRound(6);
  EXPECT_EQ(Deploy(OnNode(2, specs_)).error, "");
  EXPECT_EQ(LastMigration().rounds.size(), 6u);
  EXPECT_GT(LastMigration().calm_waits, 0);
  ExpectOn(cluster_.node2);
}

TEST_F(OutrunningTest, ACoordinatorThatDiesInAPauseGoesOnWithIt) {
  WriteUntilRound(6);
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].pause > absl::ZeroDuration();
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2, specs_)).ok());
  cluster_.Restart();
  cluster_.orchestrator->Recover();
  auto wait = [this]() -> Task<bool> {
    // Not before it goes on.
    EXPECT_EQ(co_await cluster_.orchestrator->CheckMayChange(), absl::OkStatus());
    co_await cluster_.orchestrator->migrations.Wait(LastMigration().id);
    co_return true;
  };
  cluster_.Run(wait());
  EXPECT_EQ(LastMigration().state, MigrationState::kDone) << LastMigration().error;
  ExpectOn(cluster_.node2);
}

// Three applications of a node, of which redis and web are linked, move in one deployment.
class TurnsTest : public ConvergenceTest {
 protected:
  TurnsTest() {
    specs_ = {App("redis", 6379), App("web", 8080), App("other", 9090)};
    specs_[1].links = {{6379, 6379, "redis"}};
    EXPECT_EQ(Deploy(OnNode(1, specs_)).error, "");
    cluster_.node1.before = [this](const std::string& call) {
      if (call == "Seal") Look();
      return absl::OkStatus();
    };
  }

  void Look() {
    std::set<std::string> cut_over;
    for (const MigrationRecord* migration : cluster_.journal->migrations()) {
      if (HoldsPorts(*migration)) cut_over.insert(migration->application.value());
      const MigrationDriver* driver = cluster_.orchestrator->migrations.FindDriver(migration->id);
      if (driver != nullptr) waited_for_.insert(driver->waiting_for());
    }
    together_.push_back(cut_over);
  }
  void MoveAll() {
    EXPECT_EQ(Deploy(OnNode(2, specs_)).error, "");
    for (const ApplicationSpec& spec : specs_) {
      EXPECT_EQ(cluster_.node2.groups[spec.name.value()].state(), GROUP_STATE_OWNED);
    }
  }

  CutoverTurns& turns() { return cluster_.orchestrator->turns; }
  // A move from node1 to node2 that is in the journal.
  MigrationRecord Put(const std::string& application, MigrationState state) {
    MigrationRecord record;
    record.id = MigrationId("move-of-" + application);
    record.application = ApplicationName(application);
    record.source = NodeName("node1");
    record.destination = NodeName("node2");
    for (const ApplicationSpec& spec : specs_) {
      if (spec.name == record.application) record.spec = record.source_spec = spec;
    }
    record.state = state;
    record.seal_requested = state >= MigrationState::kQuiescing;
    record.cutover_start = cluster_.clock.Now();
    record.revision = 1;
    Change change;
    change.migrations = {record};
    auto put = [this, change]() -> Task<bool> {
      co_await cluster_.journal->Commit(change);
      co_return true;
    };
    cluster_.Run(put());
    return record;
  }

  // Who was being cut over at each seal.
  std::vector<std::set<std::string>> together_;
  std::set<std::string> waited_for_;
};

TEST_F(TurnsTest, ACutoverHasItsNodesForItself) {
  cluster_.sleeper.time_stands_still = true;
  MoveAll();
  EXPECT_THAT(together_, ::testing::UnorderedElementsAre(::testing::ElementsAre("redis"),
                                                         ::testing::ElementsAre("web"),
                                                         ::testing::ElementsAre("other")));
  EXPECT_THAT(waited_for_, Contains(::testing::StartsWith("the cut-over of ")));
}

TEST_F(TurnsTest, ACutoverWaitsUntilTheNodesContainersAreMade) {
  const MigrationRecord web = Put("web", MigrationState::kCopied);
  const MigrationRecord other = Put("other", MigrationState::kAdmitted);
  {
    const CutoverTurns::Staging staging(turns(), other);
    ASSERT_TRUE(turns().Wait(web).has_value());
    EXPECT_EQ(turns().Wait(web)->reason, "the container of other to be made");
  }
  EXPECT_FALSE(turns().Wait(web).has_value());
}

TEST_F(TurnsTest, ACutoverThatTakesLongHoldsUpOnlyThoseLinkedToIt) {
  Put("redis", MigrationState::kQuiescing);
  const MigrationRecord web = Put("web", MigrationState::kCopied);
  const MigrationRecord other = Put("other", MigrationState::kCopied);
  ASSERT_TRUE(turns().Wait(other).has_value());
  EXPECT_EQ(turns().Wait(other)->reason, "the cut-over of redis");
  EXPECT_EQ(turns().Wait(other)->until, cluster_.clock.Now() + absl::Seconds(2));
  cluster_.clock.Advance(absl::Seconds(2));
  EXPECT_FALSE(turns().Wait(other).has_value());
  ASSERT_TRUE(turns().Wait(web).has_value());
  EXPECT_EQ(turns().Wait(web)->reason, "the cut-over of redis, which is linked to web");
}

TEST_F(TurnsTest, WhoIsLinkedToOneThatIsStuckGivesUp) {
  Put("redis", MigrationState::kQuiescing);
  DesiredState desired = OnNode(1, specs_);
  std::erase(desired.nodes[0].applications, ApplicationName("web"));
  desired.nodes[1].applications = {ApplicationName("web")};
  EXPECT_THAT(Deploy(desired).error,
              HasSubstr("web: it waited in vain for the cut-over of redis, which is linked to web; "
                        "web runs on node1 as before"));
}

TEST_F(TurnsTest, WhoWaitsFirstIsFirst) {
  const MigrationRecord web = Put("web", MigrationState::kCopied);
  const MigrationRecord other = Put("other", MigrationState::kCopied);
  turns().Queue(other.id);
  turns().Queue(web.id);
  EXPECT_FALSE(turns().Wait(other).has_value());
  ASSERT_TRUE(turns().Wait(web).has_value());
  EXPECT_EQ(turns().Wait(web)->reason, "the cut-over of other");
  turns().Leave(other.id);
  EXPECT_FALSE(turns().Wait(web).has_value());
}

TEST_F(TurnsTest, NobodyWaitsForOneThatWaitsForALinkedOne) {
  Put("redis", MigrationState::kQuiescing);
  const MigrationRecord web = Put("web", MigrationState::kCopied);
  const MigrationRecord other = Put("other", MigrationState::kCopied);
  turns().Queue(web.id);
  turns().Queue(other.id);
  cluster_.clock.Advance(absl::Seconds(2));
  EXPECT_TRUE(turns().Wait(web).has_value());
  EXPECT_FALSE(turns().Wait(other).has_value());
}

TEST_F(TurnsTest, ALongCopyOrAnEngineThatHangsHoldsUpNobody) {
  const MigrationRecord web = Put("web", MigrationState::kCopied);
  const MigrationRecord other = Put("other", MigrationState::kCopied);
  turns().Queue(other.id);
  turns().Take(other.id);
  turns().Queue(web.id);
  ASSERT_TRUE(turns().Wait(web).has_value());
  EXPECT_EQ(turns().Wait(web)->until, cluster_.clock.Now() + absl::Seconds(2));
  cluster_.clock.Advance(absl::Seconds(2));
  EXPECT_FALSE(turns().Wait(web).has_value());
  const CutoverTurns::Staging staging(turns(), Put("another", MigrationState::kAdmitted));
  EXPECT_TRUE(turns().Wait(web).has_value());
  cluster_.clock.Advance(absl::Seconds(10));
  EXPECT_FALSE(turns().Wait(web).has_value());
}

TEST_F(TurnsTest, AnApplicationThatIsBroughtBackWaitsOnlyForThoseLinkedToIt) {
  Put("other", MigrationState::kQuiescing);
  MigrationRecord back = Put("web", MigrationState::kCopied);
  back.return_of = MigrationId("m1");
  EXPECT_FALSE(turns().Wait(back).has_value());
  Put("redis", MigrationState::kQuiescing);
  EXPECT_TRUE(turns().Wait(back).has_value());
}

TEST_F(TurnsTest, NodesThatShareNothingDoNotWaitForEachOther) {
  Put("redis", MigrationState::kQuiescing);
  MigrationRecord elsewhere = Put("other", MigrationState::kCopied);
  elsewhere.source = NodeName("node3");
  elsewhere.destination = NodeName("node4");
  EXPECT_FALSE(turns().Wait(elsewhere).has_value());
}

}  // namespace
}  // namespace drover::coordinator
