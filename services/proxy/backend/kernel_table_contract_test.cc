// What every KernelTable does. The real one runs in a network namespace made for each test.
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "services/common/status/reason.h"
#include "services/proxy/backend/fake_kernel_table.h"
#include "services/proxy/backend/nftables_table.h"

namespace drover::proxy {
namespace {

// Makes the table under test.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual KernelTable& table() = 0;
  // Changes some rules of the machine, as another program would.
  virtual void ChangeByOthers() = 0;
  // Lets time go on for the table's time-outs.
  virtual void Pass(absl::Duration duration) = 0;
};

class FakeSubject : public Subject {
 public:
  KernelTable& table() override { return table_; }
  void ChangeByOthers() override { table_.Touch(); }
  void Pass(absl::Duration duration) override { now_ += duration; }

 private:
  absl::Time now_ = absl::UnixEpoch();
  FakeKernelTable table_{[this] { return now_; }};
};

class NftablesSubject : public Subject {
 public:
  NftablesSubject() {
    EXPECT_EQ(unshare(CLONE_NEWNET), 0);
    table_ = NftablesTable::Create().value();
  }
  KernelTable& table() override { return *table_; }
  void ChangeByOthers() override {
    ASSERT_EQ(NftablesTable::Create().value()->Hold({1}, absl::Seconds(60)), absl::OkStatus());
  }
  // The kernel's clock is the one thing that no test can turn.
  void Pass(absl::Duration duration) override {
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(duration));
  }

 private:
  std::unique_ptr<NftablesTable> table_;
};

enum class Implementation { kFake, kNftables };

class KernelTableContract : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (GetParam() == Implementation::kFake) {
      subject_ = std::make_unique<FakeSubject>();
    } else if (geteuid() == 0) {
      subject_ = std::make_unique<NftablesSubject>();
    } else {
      GTEST_SKIP() << "needs root: a network namespace and nf_tables";
    }
  }

  KernelTable& table() { return subject_->table(); }

  std::unique_ptr<Subject> subject_;
};

KernelRoutes TwoRoutes() {
  const Ipv4Address container = Ipv4Address::Parse("172.17.0.2").value();
  const Ipv4Address node = Ipv4Address::Parse("192.0.2.12").value();
  return {{{80, {container, 8080}}, {6379, {node, 6379}}},
          {{80, TargetKind::kLocal}, {6379, TargetKind::kRemote}},
          {443}};
}

TEST_P(KernelTableContract, SaysThatThereIsNoTable) {
  EXPECT_EQ(ReasonOf(table().ReadRoutes().status()), "NO_TABLE");
  EXPECT_EQ(ReasonOf(table().ReadHolds().status()), "NO_TABLE");
  EXPECT_EQ(ReasonOf(table().Hold({80}, absl::Seconds(1))), "NO_TABLE");
  EXPECT_EQ(ReasonOf(table().Release({80})), "NO_TABLE");
  EXPECT_FALSE(table().Apply({{}, TwoRoutes()}).ok());
  EXPECT_EQ(table().Remove(), absl::OkStatus());
}

TEST_P(KernelTableContract, StartsEmpty) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  EXPECT_EQ(table().ReadRoutes().value(), KernelRoutes());
  EXPECT_TRUE(table().ReadHolds().value().empty());
}

TEST_P(KernelTableContract, HoldsWhatWasAdded) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  EXPECT_EQ(table().ReadRoutes().value(), TwoRoutes());
}

TEST_P(KernelTableContract, EnsureKeepsRoutesAndHolds) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  ASSERT_EQ(table().Hold({80}, absl::Seconds(60)), absl::OkStatus());
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  EXPECT_EQ(table().ReadRoutes().value(), TwoRoutes());
  EXPECT_EQ(table().ReadHolds().value(), std::set<int>({80}));
}

TEST_P(KernelTableContract, ChangesATargetInOneBatch) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  KernelRoutes wanted = TwoRoutes();
  wanted.targets[80].port = 8081;
  wanted.kinds[80] = TargetKind::kRemote;
  wanted.waiting.clear();
  ASSERT_EQ(table().Apply(Difference(TwoRoutes(), wanted)), absl::OkStatus());
  EXPECT_EQ(table().ReadRoutes().value(), wanted);
}

TEST_P(KernelTableContract, ABatchIsAllOrNothing) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  KernelRoutes missing;
  missing.waiting = {1};
  KernelRoutes more;
  more.waiting = {444};
  EXPECT_EQ(ReasonOf(table().Apply({missing, more})), "KERNEL");
  EXPECT_EQ(table().ReadRoutes().value(), TwoRoutes());
}

TEST_P(KernelTableContract, RefusesAnotherTargetForAHeldPort) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  KernelRoutes other;
  other.targets[80] = {Ipv4Address(0x0a000001), 80};
  EXPECT_EQ(ReasonOf(table().Apply({{}, other})), "KERNEL");
}

TEST_P(KernelTableContract, AHoldEndsByItself) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Hold({80}, absl::Milliseconds(200)), absl::OkStatus());
  ASSERT_EQ(table().Hold({81}, absl::Seconds(60)), absl::OkStatus());
  subject_->Pass(absl::Milliseconds(300));
  EXPECT_EQ(table().ReadHolds().value(), std::set<int>({81}));
}

TEST_P(KernelTableContract, HoldingAgainRenews) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Hold({80}, absl::Milliseconds(200)), absl::OkStatus());
  ASSERT_EQ(table().Hold({80, 81}, absl::Seconds(60)), absl::OkStatus());
  subject_->Pass(absl::Milliseconds(300));
  EXPECT_EQ(table().ReadHolds().value(), std::set<int>({80, 81}));
}

TEST_P(KernelTableContract, ReleaseEndsHoldsThatAreThere) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Hold({80, 81}, absl::Seconds(60)), absl::OkStatus());
  EXPECT_EQ(table().Release({80, 82}), absl::OkStatus());
  EXPECT_EQ(table().ReadHolds().value(), std::set<int>({81}));
}

TEST_P(KernelTableContract, RemoveTakesEverythingAlong) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  ASSERT_EQ(table().Remove(), absl::OkStatus());
  EXPECT_EQ(ReasonOf(table().ReadRoutes().status()), "NO_TABLE");
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  EXPECT_EQ(table().ReadRoutes().value(), KernelRoutes());
}

TEST_P(KernelTableContract, KnowsWhetherOthersChangedRules) {
  ASSERT_EQ(table().Ensure(), absl::OkStatus());
  EXPECT_FALSE(table().IsUntouched());  // It has not looked yet.
  ASSERT_EQ(table().ReadRoutes().value(), KernelRoutes());
  EXPECT_TRUE(table().IsUntouched());
  ASSERT_EQ(table().Apply({{}, TwoRoutes()}), absl::OkStatus());
  ASSERT_EQ(table().Hold({80}, absl::Seconds(60)), absl::OkStatus());
  ASSERT_EQ(table().Release({80}), absl::OkStatus());
  EXPECT_TRUE(table().IsUntouched());
  subject_->ChangeByOthers();
  EXPECT_FALSE(table().IsUntouched());
  ASSERT_EQ(table().Release({80}), absl::OkStatus());
  EXPECT_FALSE(table().IsUntouched());
  ASSERT_EQ(table().ReadRoutes().value(), TwoRoutes());
  EXPECT_TRUE(table().IsUntouched());
}

INSTANTIATE_TEST_SUITE_P(Fake, KernelTableContract, testing::Values(Implementation::kFake));
INSTANTIATE_TEST_SUITE_P(Nftables, KernelTableContract, testing::Values(Implementation::kNftables));

}  // namespace
}  // namespace drover::proxy
