#include "services/common/async/grpc_status.h"

#include "gtest/gtest.h"
#include "services/common/status/reason.h"

namespace drover {
namespace {

TEST(GrpcStatusTest, AReasonTravelsWithItsMessage) {
  const absl::Status status = FromGrpcStatus(
      ToGrpcStatus(StatusWithReason(absl::StatusCode::kNotFound, "NO_SUCH_THING", "no thing")));
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_EQ(ReasonOf(status), "NO_SUCH_THING");
  EXPECT_EQ(status.message(), "no thing");
}

TEST(GrpcStatusTest, AnUnreachableServerIsNamedInPlainWords) {
  const grpc::Status status(
      grpc::StatusCode::UNAVAILABLE,
      "failed to connect to all addresses; last error: UNKNOWN: ipv4:192.0.2.1:7401: Failed to "
      "connect to remote host: Connection refused");
  EXPECT_EQ(FromGrpcStatus(status).message(),
            "cannot connect to 192.0.2.1:7401: Connection refused");
}

TEST(GrpcStatusTest, ASilentServerIsNotTakenForAHandshake) {
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE,
                            "failed to connect to all addresses; last error: UNKNOWN: "
                            "ipv4:192.0.2.1:7401: tcp handshaker shutdown");
  EXPECT_EQ(FromGrpcStatus(status).message(), "cannot connect to 192.0.2.1:7401: no answer");
}

TEST(GrpcStatusTest, OtherWordsStand) {
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "ipv4:192.0.2.1:7401 is at rest");
  EXPECT_EQ(FromGrpcStatus(status).message(), "ipv4:192.0.2.1:7401 is at rest");
}

}  // namespace
}  // namespace drover
