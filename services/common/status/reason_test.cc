#include "services/common/status/reason.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(ReasonTest, IsCarriedByTheStatus) {
  absl::Status status =
      StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL", "1 GB is missing");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "POOL_FULL");
  EXPECT_EQ(ReasonOf(absl::InternalError("x")), "");
}

TEST(AnnotateTest, KeepsCodeAndReason) {
  absl::Status status =
      Annotate(StatusWithReason(absl::StatusCode::kAborted, "BUSY", "in use"), "node2");
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "node2: in use");
  EXPECT_EQ(ReasonOf(status), "BUSY");
}

TEST(AnnotateTest, LeavesOkAlone) { EXPECT_TRUE(Annotate(absl::OkStatus(), "node2").ok()); }

}  // namespace
}  // namespace drover
