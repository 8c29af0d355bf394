#include "cli/failure.h"

#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

TEST(FailureTest, SaysWhatToCheckIfNobodyAnswers) {
  Failure failure =
      ExplainFailure(absl::UnavailableError("Connection refused"), "host:7400", false);
  EXPECT_EQ(failure.code, ExitCode::kUnreachable);
  EXPECT_EQ(failure.message,
            "cannot reach the coordinator at host:7400; check that drover-coordinator runs there "
            "and that --coordinator is the right address (Connection refused)");
}

TEST(FailureTest, SaysWhatToCheckIfTrustIsMissing) {
  Failure failure =
      ExplainFailure(absl::UnavailableError("Ssl handshake failed"), "host:7400", false);
  EXPECT_EQ(failure.code, ExitCode::kUnreachable);
  EXPECT_EQ(failure.message,
            "the coordinator at host:7400 and this command do not trust each other; check that "
            "--cert-dir holds a valid certificate of this cluster and that --coordinator is the "
            "right address (Ssl handshake failed)");
  EXPECT_EQ(ExplainFailure(absl::UnauthenticatedError("x"), "host:7400", true).code,
            ExitCode::kUnreachable);
}

TEST(FailureTest, ASlowCoordinatorIsNotCalledUnreachable) {
  Failure failure = ExplainFailure(absl::DeadlineExceededError("x"), "host:7400", true);
  EXPECT_EQ(failure.code, ExitCode::kUnreachable);
  EXPECT_EQ(failure.message,
            "the coordinator at host:7400 did not answer in time; what was begun goes on, see "
            "`drover status` (x)");
}

TEST(FailureTest, ACoordinatorThatIsStoppedMayAnswerLater) {
  const absl::Status status = absl::CancelledError("the call was cancelled");
  EXPECT_TRUE(MayBeAnsweredLater(status));
  const Failure failure = ExplainFailure(status, "host:7400", true);
  EXPECT_EQ(failure.code, ExitCode::kUnreachable);
  EXPECT_EQ(failure.message,
            "the coordinator at host:7400 was stopped before it had answered; what was begun goes "
            "on once it is back, see `drover status`");
}

TEST(FailureTest, LeavesTheCoordinatorsSentenceAlone) {
  Failure failure = ExplainFailure(absl::UnavailableError("node2 is down"), "host:7400", true);
  EXPECT_EQ(failure.code, ExitCode::kFailed);
  EXPECT_EQ(failure.message, "node2 is down");
  EXPECT_EQ(ExplainFailure(absl::FailedPreconditionError("x"), "", true).code, ExitCode::kFailed);
}

TEST(FailureTest, CallsWrongInputUsage) {
  EXPECT_EQ(ExplainFailure(absl::InvalidArgumentError("x"), "", true).code, ExitCode::kUsage);
  EXPECT_EQ(
      ExplainFailure(StatusWithReason(absl::StatusCode::kNotFound, "UNKNOWN_NODE", "x"), "", true)
          .code,
      ExitCode::kUsage);
  EXPECT_EQ(ExplainFailure(absl::NotFoundError("x"), "", true).code, ExitCode::kFailed);
}

}  // namespace
}  // namespace drover::cli
