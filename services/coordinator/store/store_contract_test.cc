// What every CoordinatorStore keeps its word on, the fake included.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "services/coordinator/store/fake_store.h"
#include "services/coordinator/store/sqlite_store.h"

namespace drover::coordinator {
namespace {

// Makes stores on one disk, one after the other: each is a new process.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual std::unique_ptr<CoordinatorStore> Open() = 0;
};

class MemoryDisk : public Disk {
 public:
  std::unique_ptr<CoordinatorStore> Open() override { return std::make_unique<FakeStore>(disk_); }

 private:
  std::shared_ptr<FakeStore::Disk> disk_ = std::make_shared<FakeStore::Disk>();
};

class SqliteDisk : public Disk {
 public:
  SqliteDisk() {
    std::string path = testing::TempDir() + "/store-XXXXXX";
    folder_ = mkdtemp(path.data());
  }
  ~SqliteDisk() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/store.db"; }
  std::unique_ptr<CoordinatorStore> Open() override {
    absl::StatusOr<std::unique_ptr<SqliteStore>> store = SqliteStore::Open(path());
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

 private:
  std::string folder_;
};

using MakeDisk = std::function<std::unique_ptr<Disk>()>;
class StoreContractTest : public ::testing::TestWithParam<std::pair<const char*, MakeDisk>> {
 protected:
  StoreContractTest() : disk_(GetParam().second()), store_(disk_->Open()) {}

  void Restart() {
    store_.reset();
    store_ = disk_->Open();
  }
  StoredState Load() {
    absl::StatusOr<StoredState> state = store_->Load();
    EXPECT_TRUE(state.ok()) << state.status();
    return *state;
  }

  std::unique_ptr<Disk> disk_;
  std::unique_ptr<CoordinatorStore> store_;
};

MigrationRecord Migration(const std::string& id, MigrationState state) {
  MigrationRecord record;
  record.id = MigrationId(id);
  record.application = ApplicationName("redis");
  record.state = state;
  record.create_time = absl::FromUnixNanos(1'234'567'890'123);
  return record;
}

// Every field set, so that one that is forgotten shows.
MigrationRecord FullMigration() {
  MigrationRecord record = Migration("full", MigrationState::kDone);
  record.source = NodeName("node1");
  record.destination = NodeName("node2");
  record.generation = Generation(8);
  record.source_generation = Generation(7);
  record.source_running = true;
  record.spec.image = "redis:8";
  record.source_spec.image = "redis:7";
  record.options = {1000, absl::Milliseconds(500)};
  record.return_of = MigrationId("m0");
  record.requested_by = "spiffe://c/user/ann";
  record.start_id = StartId("s");
  record.container_id = ContainerId("c");
  record.rounds = {{100, absl::Seconds(2), false},
                   {5, absl::Milliseconds(40), true, absl::FromUnixMillis(900)}};
  record.pause = absl::Seconds(5);
  record.await_turn = true;
  record.calm_waits = 2;
  record.prediction = Prediction{absl::Milliseconds(700), absl::Milliseconds(900), 3};
  record.snapshots = {{"final", "uuid", "full"}};
  record.final_bytes = 7;
  record.seal_requested = record.stage_again = record.not_ready = true;
  record.source_pending = record.destination_pending = record.start_pending = true;
  record.discard_first = true;
  record.returned_by = MigrationId("m2");
  record.error = "an error";
  record.cutover_start = absl::FromUnixMillis(1500);
  record.interruption = absl::Milliseconds(764);
  record.missed = true;
  record.end_time = absl::FromUnixMillis(2500);
  record.phases = {{"admit", absl::Milliseconds(3)}, {"copy", absl::Seconds(2)}};
  record.revision = 14;
  return record;
}

TEST_P(StoreContractTest, EpochsAreNeverTakenTwice) {
  absl::StatusOr<EpochRecord> first = store_->TakeEpoch(Epoch(0));
  Restart();
  absl::StatusOr<EpochRecord> second = store_->TakeEpoch(Epoch(0));
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->epoch, Epoch(1));
  EXPECT_EQ(second->epoch, Epoch(2));
  EXPECT_NE(first->nonce, second->nonce);
}

TEST_P(StoreContractTest, AnEpochIsAboveWhatOthersHaveTaken) {
  EXPECT_EQ(store_->TakeEpoch(Epoch(7))->epoch, Epoch(8));
  EXPECT_EQ(store_->TakeEpoch(Epoch(3))->epoch, Epoch(9));
}

TEST_P(StoreContractTest, KnowsItsOwnStartsAndThoseItAdopted) {
  const EpochRecord own = *store_->TakeEpoch(Epoch(0));
  const EpochRecord other = {Epoch(1), "another"};
  Change change;
  change.adopted_starts = {other};
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  EXPECT_EQ(Load().starts, (std::vector<EpochRecord>{own, other}));
}

TEST_P(StoreContractTest, EveryFieldIsThereAfterARestart) {
  Change change;
  change.nodes = {{NodeName("node1"), "192.0.2.1", true}};
  ApplicationRecord application;
  application.name = application.spec.name = ApplicationName("redis");
  application.spec.image = "redis:7";
  application.node = NodeName("node1");
  application.generation = Generation(7);
  application.refused_generation = Generation(70);
  application.running = true;
  application.route = RouteTarget{NodeName("node1"), ContainerId("c")};
  application.problem = "a problem";
  application.revision = 3;
  change.applications = {application};
  change.migrations = {FullMigration()};
  DeploymentRecord deployment;
  deployment.id = "d1";
  deployment.desired.applications = {application.spec};
  deployment.desired.nodes = {{"node1", {application.name}, "deploy.yml:3:5"}};
  deployment.options = {1, absl::Seconds(1)};
  deployment.requested_by = "spiffe://c/user/ann";
  deployment.state = DeploymentState::kFailed;
  deployment.actions = {
      Action{ActionKind::kMove, application.name, NodeName("node1"), NodeName("node2"), 5, "why",
             ActionState::kFailed, MigrationId("full"), "an error",
             Prediction{absl::Milliseconds(700), absl::Seconds(1), 3}, absl::Milliseconds(750)}};
  deployment.problems = {"node2 does not answer"};
  deployment.error = "an error";
  deployment.create_time = absl::FromUnixSeconds(5);
  deployment.end_time = absl::FromUnixSeconds(6);
  deployment.revision = 4;
  change.deployments = {deployment};
  change.counters = {8, 12, 31};
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  const StoredState state = Load();
  EXPECT_EQ(state.nodes, change.nodes);
  EXPECT_EQ(state.applications, change.applications);
  EXPECT_EQ(state.migrations, change.migrations);
  EXPECT_EQ(state.deployments, change.deployments);
  EXPECT_EQ(state.counters, change.counters);
}

TEST_P(StoreContractTest, RecordsAreReplacedAndKeepTheirOrder) {
  Change change;
  change.migrations = {Migration("b", MigrationState::kRequested),
                       Migration("a", MigrationState::kRequested)};
  change.nodes = {{NodeName("node1"), "x", false}, {NodeName("node2"), "y", false}};
  ASSERT_TRUE(store_->Commit(change).ok());
  change = Change();
  change.migrations = {Migration("b", MigrationState::kAdmitted)};
  change.removed_nodes = {NodeName("node1")};
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  const StoredState state = Load();
  ASSERT_EQ(state.migrations.size(), 2u);
  EXPECT_EQ(state.migrations[0].id, MigrationId("b"));
  EXPECT_EQ(state.migrations[0].state, MigrationState::kAdmitted);
  ASSERT_EQ(state.nodes.size(), 1u);
  EXPECT_EQ(state.nodes[0].name, NodeName("node2"));
}

TEST_P(StoreContractTest, NeverCommitAndAbortForOneMigration) {
  for (MigrationState first : {MigrationState::kCommitted, MigrationState::kAborting}) {
    const bool commit_first = first == MigrationState::kCommitted;
    const std::string id = commit_first ? "c" : "a";
    const MigrationState second =
        commit_first ? MigrationState::kAborting : MigrationState::kCommitted;
    Change change;
    change.migrations = {Migration(id, first)};
    ASSERT_TRUE(store_->Commit(change).ok());
    Restart();
    // All of a change or nothing: the node of the refused one is not kept either.
    change.migrations = {Migration(id, second)};
    change.nodes = {{NodeName("node9"), "x", false}};
    EXPECT_EQ(store_->Commit(change).code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(Load().nodes.empty());
    change = Change();
    change.migrations = {
        Migration(id, commit_first ? MigrationState::kDone : MigrationState::kAborted)};
    EXPECT_TRUE(store_->Commit(change).ok());
  }
}

TEST_P(StoreContractTest, CountersNeverGoBack) {
  Change change;
  change.counters = {5, 5};
  ASSERT_TRUE(store_->Commit(change).ok());
  change.counters = {4, 6};
  EXPECT_EQ(store_->Commit(change).code(), absl::StatusCode::kFailedPrecondition);
  change.counters = {5, 6, 1};
  EXPECT_TRUE(store_->Commit(change).ok());
  change.counters = {5, 6, 0};
  EXPECT_EQ(store_->Commit(change).code(), absl::StatusCode::kFailedPrecondition);
  Restart();
  EXPECT_EQ(Load().counters, (Counters{5, 6, 1}));
}

TEST_P(StoreContractTest, TheAuditOnlyGrows) {
  Change change;
  const AuditEntry first = {absl::FromUnixNanos(1), "user/ann", "AddNode", "node1", "OK"};
  const AuditEntry second = {absl::FromUnixNanos(2), "user/bob", "CreateMigration", "redis",
                             "FAILED_PRECONDITION: no"};
  change.audit = {first};
  ASSERT_TRUE(store_->Commit(change).ok());
  change.audit = {second};
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  EXPECT_EQ(*store_->LoadAudit(), (std::vector<AuditEntry>{first, second}));
}

TEST_P(StoreContractTest, WhyItMayNotBeTheNewestStaysUntilItIsTakenBack) {
  EXPECT_EQ(Load().recovery, "");
  Change change;
  change.recovery = "it was restored";
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  EXPECT_EQ(Load().recovery, "it was restored");
  ASSERT_TRUE(store_->Commit(Change()).ok());
  EXPECT_EQ(Load().recovery, "it was restored");
  change.recovery = "";
  ASSERT_TRUE(store_->Commit(change).ok());
  Restart();
  EXPECT_EQ(Load().recovery, "");
}

TEST_P(StoreContractTest, ABackupChangesNothing) {
  absl::StatusOr<UniqueFd> copy = store_->BackUp("it is a backup");
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_GT(lseek(copy->get(), 0, SEEK_END), 0);
  EXPECT_EQ(Load().recovery, "");
}

INSTANTIATE_TEST_SUITE_P(
    Stores, StoreContractTest,
    ::testing::Values(
        std::pair<const char*, MakeDisk>("Fake", [] { return std::make_unique<MemoryDisk>(); }),
        std::pair<const char*, MakeDisk>("Sqlite", [] { return std::make_unique<SqliteDisk>(); })),
    [](const auto& info) { return std::string(info.param.first); });

TEST(SqliteStoreTest, ASecondCoordinatorOnTheSameFileIsRefused) {
  SqliteDisk disk;
  std::unique_ptr<CoordinatorStore> first = disk.Open();
  absl::StatusOr<std::unique_ptr<SqliteStore>> second = SqliteStore::Open(disk.path());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition) << second.status();
}

// What is read from `file`, at `path`.
void WriteTo(const std::string& path, const UniqueFd& file) {
  std::string content(lseek(file.get(), 0, SEEK_END), '\0');
  ASSERT_EQ(pread(file.get(), content.data(), content.size(), 0),
            static_cast<ssize_t>(content.size()));
  std::ofstream(path) << content;
}

TEST(SqliteStoreTest, ABackupHoldsEverythingAndSaysWhatItIs) {
  SqliteDisk disk;
  std::unique_ptr<CoordinatorStore> store = disk.Open();
  Change change;
  change.migrations = {FullMigration()};
  change.nodes = {{NodeName("node1"), "x", false}};
  change.counters = {8, 12};
  ASSERT_TRUE(store->TakeEpoch(Epoch(0)).ok());
  ASSERT_TRUE(store->Commit(change).ok());
  absl::StatusOr<UniqueFd> copy = store->BackUp("it is a backup");
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_FALSE(std::filesystem::exists(disk.path() + ".backup"));
  // Whatever comes later is not in it.
  change.nodes = {{NodeName("node2"), "y", false}};
  ASSERT_TRUE(store->Commit(change).ok());

  SqliteDisk other;
  WriteTo(other.path(), *copy);
  std::unique_ptr<CoordinatorStore> restored = other.Open();
  absl::StatusOr<StoredState> state = restored->Load();
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->recovery, "it is a backup");
  EXPECT_EQ(state->migrations, change.migrations);
  ASSERT_EQ(state->nodes.size(), 1u);
  EXPECT_EQ(state->counters, change.counters);
  EXPECT_EQ(restored->TakeEpoch(Epoch(0))->epoch, Epoch(2));
}

TEST(SqliteStoreTest, WhatACrashLeavesOfABackupIsRemoved) {
  SqliteDisk disk;
  (void)disk.Open();
  std::ofstream(disk.path() + ".backup") << "half";
  std::ofstream(disk.path() + ".backup-journal") << "half";
  (void)disk.Open();
  EXPECT_FALSE(std::filesystem::exists(disk.path() + ".backup"));
  EXPECT_FALSE(std::filesystem::exists(disk.path() + ".backup-journal"));
}

TEST(SqliteStoreTest, AFileThatIsNoDatabaseIsAnError) {
  SqliteDisk disk;
  FILE* file = fopen(disk.path().c_str(), "w");
  fputs("this is no database, and is longer than a header so that SQLite looks at all of it....",
        file);
  fclose(file);
  EXPECT_FALSE(SqliteStore::Open(disk.path()).ok());
}

}  // namespace
}  // namespace drover::coordinator
