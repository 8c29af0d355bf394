// A coordinator whose store was restored from an old copy: how it is noticed, that it decides
// nothing, and how it goes on from what the nodes have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/common/status/reason.h"
#include "services/coordinator/orchestrator/testing/fake_cluster.h"

namespace drover::coordinator {
namespace {

using container::v1::CONTAINER_STATE_READY;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using volume::v1::GROUP_STATE_OWNED;
using volume::v1::GROUP_STATE_RETIRED;

ApplicationSpec Redis() {
  ApplicationSpec spec;
  spec.name = ApplicationName("redis");
  spec.image = "redis:7";
  spec.ports = {{6379, 6379}};
  spec.volumes = {{"", "/data", 0, ""}};
  return spec;
}

DesiredState OnNode(int node) {
  DesiredState desired;
  desired.applications = {Redis()};
  desired.nodes = {{"node1", {}, ""}, {"node2", {}, ""}};
  desired.nodes[node - 1].applications = {Redis().name};
  return desired;
}

// redis is deployed on node1.
class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() {
    cluster_.RegisterNodes();
    Deploy(1);
  }

  void Deploy(int node) {
    absl::StatusOr<DeploymentRecord> record = cluster_.Deploy(OnNode(node));
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ(record->error, "");
  }

  // The store as it is now.
  FakeStore::Disk Copy() const { return *cluster_.disk; }
  // As `drover backup` makes it.
  FakeStore::Disk Backup() const {
    FakeStore::Disk copy = *cluster_.disk;
    copy.state.recovery = "its store was restored from a backup";
    return copy;
  }
  // A new coordinator from that copy; what the nodes were told before does not count any more.
  void Restore(const FakeStore::Disk& copy) {
    *cluster_.disk = copy;
    // A start that is repeated has another nonce.
    cluster_.disk->nonces = "restored-";
    for (FakeNode* node : {&cluster_.node1, &cluster_.node2}) node->calls.clear();
    cluster_.Restart();
    Recover();
  }
  void Recover() {
    cluster_.orchestrator->Recover();
    auto wait = [this]() -> Task<bool> {
      (void)co_await cluster_.orchestrator->CheckMayChange();
      co_return true;
    };
    cluster_.Run(wait());
  }
  void Reconcile() {
    auto reconcile = [this]() -> Task<bool> {
      co_await cluster_.orchestrator->reconciler.Reconcile();
      co_return true;
    };
    cluster_.Run(reconcile());
  }
  absl::StatusOr<AdoptionReport> Adopt(std::set<NodeName> without = {}) {
    auto report = cluster_.Run(cluster_.orchestrator->Adopt(without, "user/ann"));
    return report.has_value() ? *std::move(report) : absl::InternalError("crashed");
  }
  AdoptionReport MustAdopt(std::set<NodeName> without = {}) {
    absl::StatusOr<AdoptionReport> report = Adopt(without);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *report : AdoptionReport();
  }
  static void Lose(FakeNode& node) {
    node.before = [](const std::string&) { return absl::UnavailableError("no answer"); };
  }
  static void BringBack(FakeNode& node) { node.before = nullptr; }
  std::string ReasonNow() {
    return ReasonOf(cluster_.Run(cluster_.orchestrator->CheckMayChange()).value());
  }

  // Until every move has ended, and both nodes have the newest routes.
  void AwaitRest() {
    auto rest = [this]() -> Task<bool> {
      while (!IsAtRest())
        co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
      co_return true;
    };
    EXPECT_TRUE(cluster_.Run(rest()).has_value());
  }
  bool IsAtRest() const {
    for (const MigrationRecord* migration : cluster_.journal->migrations()) {
      if (!IsTerminal(migration->state) || migration->source_pending ||
          migration->destination_pending ||
          cluster_.orchestrator->migrations.FindDriver(migration->id) != nullptr) {
        return false;
      }
    }
    for (const FakeNode* node : {&cluster_.node1, &cluster_.node2}) {
      if (node->routes.revision() != cluster_.journal->route_revision()) return false;
    }
    return true;
  }

  void ExpectServedBy(FakeNode& here, FakeNode& there) {
    ASSERT_TRUE(here.groups.contains("redis"));
    EXPECT_EQ(here.groups["redis"].state(), GROUP_STATE_OWNED);
    EXPECT_EQ(here.groups["redis"].migration(), "");
    EXPECT_EQ(here.containers["redis"].state(), CONTAINER_STATE_READY);
    EXPECT_FALSE(there.containers.contains("redis"));
    if (there.groups.contains("redis")) {
      EXPECT_EQ(there.groups["redis"].state(), GROUP_STATE_RETIRED);
      EXPECT_EQ(there.groups["redis"].migration(), "");
    }
    for (FakeNode* node : {&here, &there}) {
      EXPECT_THAT(node->holds, IsEmpty());
      ASSERT_EQ(node->routes.routes_size(), 1);
    }
    EXPECT_EQ(here.routes.routes(0).local().container_id(),
              here.containers["redis"].container_id());
    const ApplicationRecord& record = *cluster_.journal->FindApplication(Redis().name);
    EXPECT_EQ(record.node, NodeName(here.name));
    EXPECT_EQ(record.generation.value(), here.groups["redis"].generation());
  }

  mutable FakeCluster cluster_;
};

TEST_F(RecoveryTest, TheNewestStoreIsNotTakenForAnOldOne) {
  for (int restart = 0; restart < 3; ++restart) {
    cluster_.Restart();
    Recover();
    EXPECT_EQ(cluster_.journal->recovery(), "");
    Deploy(1 + restart % 2);
  }
}

TEST_F(RecoveryTest, AnOldStoreIsNoticedByTheEntriesThatItForgot) {
  const FakeStore::Disk old = Copy();
  Deploy(2);
  Restore(old);
  EXPECT_THAT(cluster_.journal->recovery(), HasSubstr("knows of entry"));
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
  EXPECT_THAT(cluster_.node2.calls, IsEmpty());
  // A further start remembers it.
  cluster_.Restart();
  Recover();
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
}

TEST_F(RecoveryTest, AnOldStoreIsNoticedByTheStartThatItForgot) {
  const FakeStore::Disk old = Copy();
  cluster_.Restart();
  Recover();
  Deploy(2);
  Restore(old);
  EXPECT_THAT(cluster_.journal->recovery(), HasSubstr("has obeyed a coordinator (epoch 2)"));
}

TEST_F(RecoveryTest, OneStoreThatWasStartedTwiceIsNoticed) {
  const FakeStore::Disk old = Copy();
  Restore(old);
  Deploy(1);
  cluster_.node1.obeyed.set_nonce("the other's");
  cluster_.Restart();
  Recover();
  EXPECT_THAT(cluster_.journal->recovery(), HasSubstr("node1 has obeyed a coordinator (epoch"));
}

TEST_F(RecoveryTest, ABackupIsOldWhateverTheNodesKnow) {
  Restore(Backup());
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
}

TEST_F(RecoveryTest, AMoveOfAnOldStoreIsNotResumed) {
  FakeStore::Disk old;
  cluster_.CrashAfter([&](const Change& change) {
    const bool sealed =
        !change.migrations.empty() && change.migrations[0].state == MigrationState::kSealed;
    if (sealed) old = Copy();
    return false;
  });
  Deploy(2);
  Restore(old);
  Reconcile();
  EXPECT_EQ(cluster_.journal->migrations().back()->state, MigrationState::kSealed);
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
  EXPECT_THAT(cluster_.node2.calls, IsEmpty());
  EXPECT_FALSE(cluster_.crashed());
}

TEST_F(RecoveryTest, TheJournalItselfRefusesToDecide) {
  Restore(Backup());
  auto decide = [this]() -> Task<bool> {
    Change change;
    change.applications = {*cluster_.journal->FindApplication(Redis().name)};
    co_await cluster_.journal->Commit(std::move(change));
    co_return true;
  };
  EXPECT_FALSE(cluster_.Run(decide()).has_value());
  EXPECT_TRUE(cluster_.crashed());
}

TEST_F(RecoveryTest, ANodeThatComesLateAndKnowsMoreIsNoticed) {
  const FakeStore::Disk old = Copy();
  Deploy(2);
  // Only node2 knows.
  cluster_.node1.obeyed = {};
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  Restore(old);
  EXPECT_EQ(ReasonNow(), "");
  cluster_.node2.before = nullptr;
  cluster_.node2.calls.clear();
  auto reconcile = [this]() -> Task<bool> {
    while (cluster_.journal->recovery().empty())
      co_await cluster_.orchestrator->reconciler.Reconcile();
    co_return true;
  };
  cluster_.Run(reconcile());
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  EXPECT_FALSE(cluster_.crashed());
  EXPECT_THAT(cluster_.node2.calls, IsEmpty());
}

TEST_F(RecoveryTest, WhatIsUnderWayThenEndsWithTheProcess) {
  const FakeStore::Disk old = Copy();
  Deploy(2);
  cluster_.node1.obeyed = {};
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  Restore(old);
  auto token = cluster_.orchestrator->busy.Acquire(ApplicationName("web"));
  cluster_.node2.before = nullptr;
  auto reconcile = [this]() -> Task<bool> {
    while (true) co_await cluster_.orchestrator->reconciler.Reconcile();
  };
  cluster_.Run(reconcile());
  EXPECT_TRUE(cluster_.crashed());
  token = absl::AbortedError("");
  cluster_.Restart();
  Recover();
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
}

TEST_F(RecoveryTest, ANodeThatHasNotAnsweredYetIsToldNothing) {
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  cluster_.Restart();
  Recover();
  EXPECT_TRUE(cluster_.orchestrator->nodes.Find(NodeName("node1")).ok());
  EXPECT_TRUE(absl::IsUnavailable(cluster_.orchestrator->nodes.Find(NodeName("node2")).status()));
  EXPECT_TRUE(cluster_.orchestrator->nodes.Look(NodeName("node2")).ok());
}

TEST_F(RecoveryTest, NobodyIsToldThatItIsTheOwnerWhileAnotherMayKnowBetter) {
  Deploy(2);
  Deploy(1);
  const FakeStore::Disk old = Copy();
  const drover::common::v1::Fence obeyed_then = cluster_.node1.obeyed;
  cluster_.node1.before = [](const std::string&) { return absl::UnavailableError("no answer"); };
  const NodeName node2("node2");
  auto claim = cluster_.orchestrator->takeover.Claim(Redis().name, node2, "user/ann");
  ASSERT_TRUE(cluster_.Run(std::move(claim))->ok());
  // The old owner is back, and knows of no claim; the new one does not answer a coordinator that
  // does not know of it either.
  cluster_.node1.before = nullptr;
  cluster_.node1.obeyed = obeyed_then;
  volume::v1::VolumeGroup& group = cluster_.node1.groups["redis"];
  group.set_doubt(volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  cluster_.sleeper.time_stands_still = true;
  Restore(old);
  Reconcile();
  EXPECT_EQ(ReasonNow(), "");
  EXPECT_EQ(group.doubt(), volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  cluster_.node2.before = nullptr;
  Reconcile();
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  EXPECT_EQ(group.doubt(), volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
}

TEST_F(RecoveryTest, WhatIsNoticedMeanwhileKeepsANodeFromBeingConfirmed) {
  volume::v1::VolumeGroup& group = cluster_.node1.groups["redis"];
  group.set_doubt(volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  auto tell = [this]() -> Task<absl::Status> {
    // By another node, after this one's round has begun.
    co_await cluster_.journal->EnterRecovery("it is old");
    const auto node1 = cluster_.orchestrator->nodes.Find(NodeName("node1"));
    std::vector<container::v1::Container> none;
    co_return co_await cluster_.orchestrator->takeover.TellOwnership(*node1, none);
  };
  EXPECT_EQ(ReasonOf(*cluster_.Run(tell())), "RECOVERY_MODE");
  EXPECT_EQ(group.doubt(), volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
}

TEST_F(RecoveryTest, ANodeThatIsDeadDoesNotKeepTheOthersFromServing) {
  volume::v1::VolumeGroup& group = cluster_.node1.groups["redis"];
  group.set_doubt(volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  cluster_.sleeper.time_stands_still = true;
  cluster_.Restart();
  Recover();
  Reconcile();
  EXPECT_EQ(group.doubt(), volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  cluster_.clock.Advance(absl::Seconds(10));
  Reconcile();
  EXPECT_EQ(group.doubt(), volume::v1::OWNERSHIP_DOUBT_UNSPECIFIED);
}

TEST_F(RecoveryTest, AnEmptyStoreLearnsFromANodeThatItIsOld) {
  Restore(FakeStore::Disk());
  EXPECT_EQ(ReasonNow(), "");
  auto add = [this](FakeNode& node) {
    return cluster_.Run(cluster_.orchestrator->registry.Add(NodeName(node.name), node.address))
        ->status();
  };
  EXPECT_TRUE(add(cluster_.node1).ok());
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  // The others have to be registered before all can answer.
  EXPECT_TRUE(add(cluster_.node2).ok());
  EXPECT_THAT(cluster_.node1.calls, IsEmpty());
  EXPECT_THAT(MustAdopt().open, ElementsAre(HasSubstr("redis: the journal does not know it")));
  EXPECT_EQ(ReasonNow(), "");
  // It is taken over where it is, with its data.
  const int64_t generation = cluster_.node1.groups["redis"].generation();
  Deploy(1);
  EXPECT_EQ(cluster_.node1.groups["redis"].generation(), generation);
}

// --- adopting ---

TEST_F(RecoveryTest, OnlyTheRecoveryModeCanBeEnded) {
  const absl::Status refused = Adopt().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused));
  EXPECT_THAT(refused.message(), HasSubstr("not in recovery mode"));
}

TEST_F(RecoveryTest, NothingIsAdoptedWithoutANodeThatIsRegistered) {
  const FakeStore::Disk old = Backup();
  Deploy(2);
  cluster_.node2.before = [](const std::string&) { return absl::UnavailableError("refused"); };
  Restore(old);
  const absl::Status refused = Adopt().status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(refused.message(), HasSubstr("node2 (volume service: refused)"));
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
  cluster_.node2.before = nullptr;
  MustAdopt();
  AwaitRest();
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(RecoveryTest, GoesOnFromWhatTheNodesHave) {
  const FakeStore::Disk old = Copy();
  Deploy(2);
  const int64_t generation = cluster_.node2.groups["redis"].generation();
  Restore(old);
  const AdoptionReport report = MustAdopt();
  EXPECT_THAT(report.done, ElementsAre(HasSubstr("redis: it is on node2")));
  EXPECT_THAT(report.open, IsEmpty());
  AwaitRest();
  ExpectServedBy(cluster_.node2, cluster_.node1);
  // It is told its routes, and nothing that would touch the application.
  EXPECT_THAT(cluster_.node2.calls, Contains("ApplyRoutes"));
  EXPECT_THAT(cluster_.node2.calls, Not(Contains(AnyOf("StartContainer", "RemoveContainer"))));
  EXPECT_EQ(cluster_.disk->audit.back().action, "AdoptApplication");
  EXPECT_EQ(cluster_.disk->audit.back().caller, "user/ann");
  // The next generation is one that was never used.
  Deploy(1);
  ExpectServedBy(cluster_.node1, cluster_.node2);
  EXPECT_GT(cluster_.node1.groups["redis"].generation(), generation);
  // And the next start has nothing to recover.
  cluster_.Restart();
  Recover();
  EXPECT_EQ(cluster_.journal->recovery(), "");
}

TEST_F(RecoveryTest, AStartRightAfterAdoptingIsTheNewest) {
  const FakeStore::Disk old = Copy();
  cluster_.Restart();
  Recover();
  Deploy(2);
  Restore(old);
  MustAdopt();
  // Before the nodes have heard anything of the new epoch.
  cluster_.Restart();
  Recover();
  EXPECT_EQ(cluster_.journal->recovery(), "");
}

TEST_F(RecoveryTest, TheSourceGoesOnOnlyAfterTheDestinationHasDiscarded) {
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == MigrationState::kPrepared;
  });
  const FakeStore::Disk old = Backup();
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  std::vector<std::string> aborts;
  int lost = 60;
  cluster_.node1.before = [&](const std::string& call) {
    if (call == "AbortMigration") aborts.push_back("node1");
    return absl::OkStatus();
  };
  cluster_.node2.before = [&](const std::string& call) {
    if (call != "AbortMigration") return absl::OkStatus();
    if (lost-- > 0) return absl::UnavailableError("no answer");
    aborts.push_back("node2");
    return absl::OkStatus();
  };
  Restore(old);
  EXPECT_THAT(MustAdopt().done, ElementsAre(HasSubstr("was not committed: it is undone")));
  AwaitRest();
  EXPECT_THAT(aborts, ElementsAre("node2", "node1"));
  ExpectServedBy(cluster_.node1, cluster_.node2);
}

// --- without a node that is lost for good ---

TEST_F(RecoveryTest, ANodeThatAnswersIsNotLeftOut) {
  Restore(Backup());
  EXPECT_EQ(ReasonOf(Adopt({NodeName("node2")}).status()), "NODE_ANSWERS");
  EXPECT_EQ(ReasonNow(), "RECOVERY_MODE");
}

TEST_F(RecoveryTest, TheRecoveryModeEndsWithoutALostNodeAndIsAudited) {
  const FakeStore::Disk old = Backup();
  Lose(cluster_.node2);
  Restore(old);
  const AdoptionReport report = MustAdopt({NodeName("node2")});
  EXPECT_THAT(report.done, ElementsAre(HasSubstr("node2 was left out")));
  EXPECT_THAT(report.open, IsEmpty());
  EXPECT_EQ(ReasonNow(), "");
  const AuditEntry& entry = cluster_.disk->audit[cluster_.disk->audit.size() - 2];
  EXPECT_EQ(entry.action, "AdoptWithout");
  EXPECT_EQ(entry.subject, "node2");
  EXPECT_EQ(entry.caller, "user/ann");
  EXPECT_THAT(entry.outcome, HasSubstr("is given up"));
}

// What the store has forgotten is a claim of node2, which is lost; the old owner is back before it
// could be told.
TEST_F(RecoveryTest, ALeftOutNodeThatComesBackDoesNotWinByItsLaterGeneration) {
  Deploy(2);
  Deploy(1);
  const FakeStore::Disk old = Backup();
  const drover::common::v1::Fence obeyed_then = cluster_.node1.obeyed;
  cluster_.Restart();
  Recover();
  Lose(cluster_.node1);
  const NodeName node2("node2");
  auto claim = cluster_.orchestrator->takeover.Claim(Redis().name, node2, "user/ann");
  ASSERT_TRUE(cluster_.Run(std::move(claim))->ok());
  BringBack(cluster_.node1);
  cluster_.node1.obeyed = obeyed_then;
  Lose(cluster_.node2);
  cluster_.sleeper.time_stands_still = true;
  Restore(old);
  EXPECT_THAT(MustAdopt({node2}).open, IsEmpty());
  Reconcile();
  EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_OWNED);

  // Somebody is quicker than the reconciler, while the adopted owner is away.
  BringBack(cluster_.node2);
  cluster_.node2.containers.clear();
  Lose(cluster_.node1);
  EXPECT_THAT(cluster_.Deploy(OnNode(2))->error,
              HasSubstr("the data of redis is on node1, which does not answer"));
  EXPECT_THAT(cluster_.node2.containers, IsEmpty());
  BringBack(cluster_.node1);
  EXPECT_EQ(cluster_.journal->FindApplication(Redis().name)->node, NodeName("node1"));

  ASSERT_EQ(cluster_.node2.groups["redis"].state(), GROUP_STATE_OWNED);
  ASSERT_GT(cluster_.node2.groups["redis"].generation(),
            cluster_.node1.groups["redis"].generation());
  Reconcile();
  // A coordinator that only node2 has obeyed is no newer store, now or at the next start.
  EXPECT_EQ(ReasonNow(), "");
  EXPECT_EQ(cluster_.node2.groups["redis"].state(), volume::v1::GROUP_STATE_DIVERGED);
  EXPECT_THAT(cluster_.node2.containers, IsEmpty());
  EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_OWNED);
  EXPECT_EQ(cluster_.node1.containers["redis"].state(), CONTAINER_STATE_READY);
  cluster_.Restart();
  Recover();
  EXPECT_EQ(ReasonNow(), "");
}

TEST_F(RecoveryTest, ALeftOutNodeThatNobodyReplacedGoesOn) {
  Deploy(2);
  const FakeStore::Disk old = Backup();
  Lose(cluster_.node2);
  cluster_.sleeper.time_stands_still = true;
  Restore(old);
  EXPECT_THAT(MustAdopt({NodeName("node2")}).open,
              ElementsAre(HasSubstr("to go on with what node1 has (RETIRED)")));
  BringBack(cluster_.node2);
  cluster_.node2.groups["redis"].set_doubt(volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR);
  Reconcile();
  // The next round, at the latest, finds both compared.
  Reconcile();
  EXPECT_EQ(cluster_.node2.groups["redis"].doubt(), volume::v1::OWNERSHIP_DOUBT_UNSPECIFIED);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

TEST_F(RecoveryTest, AMoveToALeftOutNodeIsUndoneWithoutIt) {
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == MigrationState::kSealed;
  });
  const FakeStore::Disk old = Backup();
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  Lose(cluster_.node2);
  Restore(old);
  MustAdopt({NodeName("node2")});
  auto aborted = [this]() -> Task<bool> {
    while (cluster_.journal->migrations().back()->state != MigrationState::kAborted)
      co_await cluster_.journal->changed().Wait(cluster_.journal->changed().count());
    co_return true;
  };
  ASSERT_TRUE(cluster_.Run(aborted()).has_value());
  EXPECT_EQ(cluster_.node1.groups["redis"].state(), GROUP_STATE_OWNED);
  EXPECT_EQ(cluster_.node1.groups["redis"].migration(), "");
  EXPECT_EQ(cluster_.node1.containers["redis"].state(), CONTAINER_STATE_READY);
}

// The recovery mode ends before it is resumed.
TEST_F(RecoveryTest, NobodyIsQuickerThanAMoveThatWasAdopted) {
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == MigrationState::kCommitted;
  });
  const FakeStore::Disk old = Backup();
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  Restore(old);
  std::optional<bool> is_driven;
  auto ask = [&]() -> Task<void> {
    (void)co_await cluster_.orchestrator->CheckMayChange();
    is_driven = cluster_.orchestrator->busy.names().contains(Redis().name);
  };
  cluster_.node1.before = [&, asked = false](const std::string&) mutable {
    const bool is_adopted = cluster_.journal->recovery().empty();
    if (is_adopted && !std::exchange(asked, true)) {
      boost::asio::co_spawn(cluster_.executor(), ask(), boost::asio::detached);
    }
    return absl::OkStatus();
  };
  MustAdopt();
  cluster_.node1.before = nullptr;
  AwaitRest();
  ASSERT_TRUE(is_driven.has_value());
  EXPECT_TRUE(*is_driven);
}

// The copy is of one record of a move; the move went on to another one, at which the coordinator
// was lost with its store.
using Ages = std::pair<MigrationState, MigrationState>;
class AdoptionOfAMoveTest : public RecoveryTest, public ::testing::WithParamInterface<Ages> {};

TEST_P(AdoptionOfAMoveTest, EndsWithOneOwnerThatHasTheData) {
  const auto [copied, lost] = GetParam();
  FakeStore::Disk old;
  cluster_.CrashAfter([&, copied = copied, lost = lost](const Change& change) {
    if (change.migrations.empty()) return false;
    if (change.migrations[0].state == copied) old = Backup();
    return change.migrations[0].state == lost;
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  const bool is_activated = cluster_.node2.groups.contains("redis") &&
                            cluster_.node2.groups["redis"].state() == GROUP_STATE_OWNED;
  Restore(old);
  EXPECT_THAT(MustAdopt().open, IsEmpty());
  AwaitRest();
  // COMMITTED in a copy stands; else the nodes say whether it was carried out.
  if (is_activated || IsCommitted(copied)) {
    ExpectServedBy(cluster_.node2, cluster_.node1);
  } else {
    ExpectServedBy(cluster_.node1, cluster_.node2);
  }
  Deploy(2);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

std::vector<Ages> AllAges() {
  std::vector<Ages> all;
  for (MigrationState copied : kAllMigrationStates) {
    for (MigrationState lost : kAllMigrationStates) {
      if (copied <= lost && lost <= MigrationState::kDone) all.emplace_back(copied, lost);
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ages, AdoptionOfAMoveTest, ::testing::ValuesIn(AllAges()),
                         [](const auto& info) {
                           return std::string(MigrationStateName(info.param.first)) + "_copied_" +
                                  MigrationStateName(info.param.second) + "_lost";
                         });

// The same for a copy of before the move: its migration is known to the nodes alone.
class AdoptionOfAnUnknownMoveTest : public RecoveryTest,
                                    public ::testing::WithParamInterface<MigrationState> {};

TEST_P(AdoptionOfAnUnknownMoveTest, EndsWithOneOwnerThatHasTheData) {
  const FakeStore::Disk old = Backup();
  cluster_.CrashAfter([](const Change& change) {
    return !change.migrations.empty() && change.migrations[0].state == GetParam();
  });
  EXPECT_FALSE(cluster_.Deploy(OnNode(2)).ok());
  const bool is_activated = cluster_.node2.groups.contains("redis") &&
                            cluster_.node2.groups["redis"].state() == GROUP_STATE_OWNED;
  Restore(old);
  EXPECT_THAT(MustAdopt().open, IsEmpty());
  AwaitRest();
  if (is_activated) {
    ExpectServedBy(cluster_.node2, cluster_.node1);
  } else {
    ExpectServedBy(cluster_.node1, cluster_.node2);
  }
  Deploy(2);
  ExpectServedBy(cluster_.node2, cluster_.node1);
}

INSTANTIATE_TEST_SUITE_P(States, AdoptionOfAnUnknownMoveTest,
                         ::testing::Values(MigrationState::kRequested, MigrationState::kAdmitted,
                                           MigrationState::kCopying, MigrationState::kQuiescing,
                                           MigrationState::kSealed, MigrationState::kPrepared,
                                           MigrationState::kCommitted, MigrationState::kActive,
                                           MigrationState::kRouted, MigrationState::kRetired,
                                           MigrationState::kDone),
                         [](const auto& info) {
                           return std::string(MigrationStateName(info.param));
                         });

}  // namespace
}  // namespace drover::coordinator
