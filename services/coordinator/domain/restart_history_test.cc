#include "services/coordinator/domain/restart_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ApplicationName kRedis("redis");

Action Restarted(const std::string& application, absl::Duration interruption) {
  Action action;
  action.kind = ActionKind::kRestart;
  action.application = ApplicationName(application);
  action.interruption = interruption;
  return action;
}

std::vector<absl::Duration> Read(const std::vector<DeploymentRecord>& records) {
  std::vector<const DeploymentRecord*> journal;
  for (const DeploymentRecord& record : records) journal.push_back(&record);
  return RestartsOf(journal, kRedis);
}

TEST(RestartHistoryTest, HoldsWhatWasMeasuredOfTheApplication) {
  DeploymentRecord first, second;
  first.actions = {Restarted("redis", absl::Seconds(1)), Restarted("web", absl::Seconds(9))};
  second.actions = {Action{.kind = ActionKind::kRestart, .application = kRedis},
                    Restarted("redis", absl::Seconds(2))};
  EXPECT_THAT(Read({first, second}), ElementsAre(absl::Seconds(2), absl::Seconds(1)));
  EXPECT_THAT(Read({}), IsEmpty());
}

TEST(RestartHistoryTest, HoldsTheNewest20) {
  std::vector<DeploymentRecord> records(25);
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].actions = {Restarted("redis", absl::Seconds(i < 5 ? 9 : 1))};
  }
  EXPECT_THAT(Read(records), AllOf(SizeIs(20), Each(absl::Seconds(1))));
}

}  // namespace
}  // namespace drover::coordinator
