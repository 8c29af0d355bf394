#include "services/coordinator/domain/recent_abort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace drover::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

const absl::Time kNow = absl::FromUnixSeconds(1700000000);

class RecentAbortTest : public ::testing::Test {
 protected:
  void Add(const char* application, MigrationState state, absl::Duration ago,
           const char* error = "") {
    MigrationRecord& record = records_.emplace_back();
    record.application = ApplicationName(application);
    record.state = state;
    if (IsTerminal(state)) record.end_time = kNow - ago;
    record.error = error;
  }
  std::map<ApplicationName, std::string> Aborts() const {
    std::vector<const MigrationRecord*> migrations;
    for (const MigrationRecord& record : records_) migrations.push_back(&record);
    return RecentAborts(migrations, kNow);
  }

  std::deque<MigrationRecord> records_;
};

TEST_F(RecentAbortTest, IsToldForAnHour) {
  Add("old", MigrationState::kAborted, absl::Minutes(61), "the pool is full");
  Add("redis", MigrationState::kAborted, absl::Minutes(59), "it takes too long");
  Add("moved", MigrationState::kDone, absl::Minutes(1));
  EXPECT_THAT(Aborts(), ElementsAre(Pair(ApplicationName("redis"), "it takes too long")));
}

TEST_F(RecentAbortTest, TheLastMoveCounts) {
  Add("redis", MigrationState::kAborted, absl::Minutes(50), "the pool is full");
  Add("redis", MigrationState::kAborted, absl::Minutes(40), "it takes too long");
  EXPECT_THAT(Aborts(), ElementsAre(Pair(ApplicationName("redis"), "it takes too long")));
  Add("redis", MigrationState::kDone, absl::Minutes(30));
  EXPECT_THAT(Aborts(), IsEmpty());
  Add("redis", MigrationState::kAborted, absl::Minutes(20), "cancelled");
  Add("redis", MigrationState::kCopying, absl::ZeroDuration());
  EXPECT_THAT(Aborts(), IsEmpty());
}

}  // namespace
}  // namespace drover::coordinator
