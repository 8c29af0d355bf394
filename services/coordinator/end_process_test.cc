#include "services/coordinator/end_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

TEST(EndProcessDeathTest, OneWhoseStoreIsOldIsStartedAgain) {
  const absl::Status old =
      StatusWithReason(absl::StatusCode::kFailedPrecondition, "RECOVERY_MODE", "node2 knows more");
  EXPECT_EXIT(EndProcess(old), testing::ExitedWithCode(kRecoveryExitCode), "node2 knows more");
}

TEST(EndProcessDeathTest, ASupersededCoordinatorIsNotToBeRestarted) {
  const absl::Status stale =
      StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_EPOCH", "epoch 9 rules");
  EXPECT_EXIT(EndProcess(stale), ::testing::ExitedWithCode(3), "epoch 9 rules");
}

TEST(EndProcessDeathTest, ADiskThatFailsIsReadAgainByTheNextStart) {
  EXPECT_EXIT(EndProcess(absl::InternalError("disk I/O error")), ::testing::KilledBySignal(SIGABRT),
              "disk I/O error");
}

}  // namespace
}  // namespace drover::coordinator
