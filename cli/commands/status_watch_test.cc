// drover status --watch: again and again, whatever becomes of the coordinator.
#include <gmock/gmock.h>

#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

using coordinator::v1::GetClusterStatusRequest;
using coordinator::v1::GetClusterStatusResponse;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kNode[] = "NODE   ADDRESS     STATE  CORDONED\nnode1  192.0.2.11  READY  no\n";

class StatusWatchTest : public CommandTest {
 protected:
  StatusWatchTest() {
    coordinator_.on_get_cluster_status =
        [this](const GetClusterStatusRequest&) -> absl::StatusOr<GetClusterStatusResponse> {
      clock_.Advance(absl::Seconds(2));
      const size_t call = calls_++;
      if (call < answers_.size() && !answers_[call].ok()) return answers_[call];
      return FromText<GetClusterStatusResponse>(
          R"(status { nodes { name: "nodes/node1" address: "192.0.2.11" state: NODE_STATE_READY } })");
    };
  }

  size_t calls_ = 0;
  // Of the first calls; what comes after them is answered well.
  std::vector<absl::Status> answers_;
};

TEST_F(StatusWatchTest, ShowsItAgainUntilCtrlC) {
  sleeper_.interrupted_sleep = 3;
  EXPECT_EQ(Run({"status", "--watch"}), 130);
  EXPECT_EQ(calls_, 3u);
  EXPECT_THAT(out(), StartsWith(kNode));
  EXPECT_EQ(err(), "\n");
}

TEST_F(StatusWatchTest, ShowsItInPlaceOnATerminal) {
  environment_.out_is_terminal = true;
  sleeper_.interrupted_sleep = 2;
  EXPECT_EQ(Run({"status", "--watch", "--no-color"}), 130);
  EXPECT_THAT(out(), StartsWith(std::string("\033[H\033[J") + kNode));
  EXPECT_THAT(out(), HasSubstr(std::string("\n\033[H\033[J") + kNode));
}

TEST_F(StatusWatchTest, YamlDocumentsHaveALineBetweenThem) {
  sleeper_.interrupted_sleep = 2;
  EXPECT_EQ(Run({"status", "--watch", "-o", "yaml"}), 130);
  EXPECT_THAT(out(), StartsWith("nodes:\n"));
  EXPECT_THAT(out(), HasSubstr("recovery: null\n---\nnodes:\n"));
  EXPECT_EQ(out().find("---"), out().rfind("---"));
}

TEST_F(StatusWatchTest, GoesOnThroughOutagesAndSaysSinceWhen) {
  const absl::Status restarted = absl::UnavailableError("Socket closed");
  const absl::Status busy = absl::DeadlineExceededError("Deadline Exceeded");
  answers_ = {absl::OkStatus(), restarted, busy, absl::OkStatus(), busy};
  sleeper_.interrupted_sleep = 6;
  const absl::Time start = clock_.Now();
  auto since = [&](int seconds) {
    return "drover: the coordinator has not answered since " +
           absl::FormatTime("%H:%M:%S", start + absl::Seconds(seconds), absl::LocalTimeZone());
  };
  EXPECT_EQ(Run({"status", "--watch"}), 130);
  EXPECT_EQ(calls_, 6u);
  EXPECT_EQ(err(), since(2) + " (Socket closed); asking it again until Ctrl-C\n" + since(8) +
                       " (Deadline Exceeded); asking it again until Ctrl-C\n\n");
}

TEST_F(StatusWatchTest, EndsWhereTheCoordinatorRefusesTheCaller) {
  is_connected_ = false;
  for (const absl::Status& refusal : {absl::PermissionDeniedError("not of this cluster"),
                                      absl::UnavailableError("SSL_ERROR_SSL: handshake failed")}) {
    calls_ = 0;
    answers_ = {absl::OkStatus(), refusal};
    EXPECT_EQ(Run({"status", "--watch"}), 3);
    EXPECT_EQ(calls_, 2u);
  }
}

TEST_F(StatusWatchTest, ACoordinatorThatNeverAnsweredIsTheWrongOne) {
  is_connected_ = false;
  answers_ = {absl::UnavailableError("Connection refused")};
  EXPECT_EQ(Run({"status", "--watch"}), 3);
  EXPECT_THAT(err(), HasSubstr("cannot reach the coordinator at lab:7400"));
}

}  // namespace
}  // namespace drover::cli
