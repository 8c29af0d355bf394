#include "services/coordinator/end_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "services/common/status/reason.h"

namespace drover::coordinator {
namespace {

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
