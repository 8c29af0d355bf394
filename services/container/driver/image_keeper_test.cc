// With fake engines and peers.
#include "services/container/driver/image_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "services/common/status/reason.h"
#include "services/container/backend/fake_engine.h"
#include "services/container/client/fake_container_client.h"
#include "services/container/driver/stream_digest.h"

namespace drover::container {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ImageKeeperTest : public testing::Test {
 protected:
  ImageKeeperTest() {
    // What FakeEngine takes for an image.
    part_.set_data("app:1 sha256:1");
    part_.set_image_digest("sha256:1");
    StreamDigest digest;
    digest.Update(part_.data());
    part_.set_digest(digest.Finish());
  }

  absl::StatusOr<std::string> Ensure(const std::string& required_digest = "") {
    v1::EnsureImageRequest request;
    request.set_image("app:1");
    request.set_required_digest(required_digest);
    request.mutable_mountpoints()->Assign(mountpoints_.begin(), mountpoints_.end());
    v1::ImageSource& source = *request.add_sources();
    source.set_node("node1");
    source.set_address("192.0.2.1:7402");
    const auto connect = [this](const v1::ImageSource& peer) {
      asked_.push_back(peer.node());
      auto client = std::make_unique<FakeContainerClient>();
      client->on_export_image = [this](const v1::ExportImageRequest&) { return answer(); };
      return client;
    };
    const auto on_progress = [this](const v1::EnsureImageResponse& message) {
      activities_.push_back(message.activity());
    };
    ImageKeeper keeper(engine_, connect, testing::TempDir());
    boost::asio::io_context io;
    std::optional<absl::StatusOr<std::string>> result;
    boost::asio::co_spawn(
        io, keeper.Ensure(request, on_progress),
        [&](std::exception_ptr, absl::StatusOr<std::string> value) { result = std::move(value); });
    io.run();
    return *result;
  }
  absl::StatusOr<v1::ExportImageResponse> answer() const {
    if (!peer_.ok()) return peer_;
    return part_;
  }

  FakeEngine engine_;
  // The only message of the peer's stream, or why there is none.
  v1::ExportImageResponse part_;
  absl::Status peer_;
  std::vector<std::string> mountpoints_;
  std::vector<std::string> asked_;
  std::vector<std::string> activities_;
};

TEST_F(ImageKeeperTest, FetchesNothingThatIsHere) {
  engine_.images["app:1"].info.digest = "sha256:1";
  EXPECT_EQ(*Ensure(), "sha256:1");
  EXPECT_EQ(*Ensure("sha256:1"), "sha256:1");
  EXPECT_THAT(activities_, IsEmpty());
}

TEST_F(ImageKeeperTest, AnImageThatDoesNotFitTheVolumesIsRefused) {
  mountpoints_ = {"/data"};
  engine_.registry["app:1"].info.digest = "sha256:2";
  engine_.registry["app:1"].info.config.volumes = {"/data/cache"};
  EXPECT_EQ(ReasonOf(Ensure().status()), "NESTED_VOLUME");
  mountpoints_ = {"/data/cache"};
  EXPECT_TRUE(Ensure().ok());
}

TEST_F(ImageKeeperTest, PullsWhatAnyDigestWillDoFor) {
  engine_.registry["app:1"].info.digest = "sha256:2";
  EXPECT_EQ(*Ensure(), "sha256:2");
  EXPECT_THAT(asked_, IsEmpty());
  EXPECT_THAT(activities_, testing::Contains(HasSubstr("pulling app:1")));
}

TEST_F(ImageKeeperTest, AsksTheOtherNodesWhereNoRegistryHasIt) {
  EXPECT_EQ(*Ensure(), "sha256:1");
  EXPECT_THAT(asked_, ElementsAre("node1"));
  EXPECT_THAT(activities_.back(), HasSubstr("copying app:1 from node1"));
}

TEST_F(ImageKeeperTest, TakesTheVeryImageFromItsNodeAlthoughTheTagMovedOn) {
  engine_.images["app:1"].info.digest = "sha256:0";
  engine_.registry["app:1"].info.digest = "sha256:2";
  EXPECT_EQ(*Ensure("sha256:1"), "sha256:1");
  EXPECT_EQ(engine_.images["app:1"].info.digest, "sha256:1");
}

TEST_F(ImageKeeperTest, TakesItFromTheRegistryWhereTheNodesFail) {
  peer_ = absl::UnavailableError("connection refused");
  engine_.registry["app:1"].info.digest = "sha256:1";
  EXPECT_EQ(*Ensure("sha256:1"), "sha256:1");
}

TEST_F(ImageKeeperTest, RefusesAnotherImageOfTheSameName) {
  peer_ = absl::UnavailableError("connection refused");
  engine_.registry["app:1"].info.digest = "sha256:2";
  const absl::Status status = Ensure("sha256:1").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("not sha256:1"));
}

TEST_F(ImageKeeperTest, RefusesTheImageOfANodeThatHasAnother) {
  part_.set_image_digest("sha256:9");
  EXPECT_EQ(ReasonOf(Ensure("sha256:1").status()), "IMAGE_NOT_FOUND");
  EXPECT_THAT(engine_.images, IsEmpty());
}

TEST_F(ImageKeeperTest, TheEngineNeverSeesADamagedOrCutStream) {
  v1::ExportImageResponse whole = part_;
  part_.set_data("app:1 sha256:");
  EXPECT_THAT(Ensure().status().message(), HasSubstr("damaged on its way"));
  EXPECT_THAT(engine_.images, IsEmpty());
  part_ = whole;
  part_.clear_digest();
  EXPECT_THAT(Ensure().status().message(), HasSubstr("damaged on its way"));
  EXPECT_THAT(engine_.images, IsEmpty());
}

TEST_F(ImageKeeperTest, SaysWhatIsWrongWithTheRegistryThoughNoNodeHasTheImage) {
  peer_ = absl::NotFoundError("No such image");
  engine_.pull_error = StatusWithReason(absl::StatusCode::kFailedPrecondition,
                                        "REGISTRY_NOT_TRUSTED", "the engine does not trust it");
  for (const char* required : {"", "sha256:1"}) {
    const absl::Status status = Ensure(required).status();
    EXPECT_EQ(ReasonOf(status), "REGISTRY_NOT_TRUSTED");
    EXPECT_TRUE(absl::IsNotFound(status));
    EXPECT_THAT(status.message(), HasSubstr("does not trust it; node node1: No such image"));
  }
}

TEST_F(ImageKeeperTest, SaysWhereItLooked) {
  peer_ = absl::NotFoundError("No such image");
  const absl::Status status = Ensure().status();
  EXPECT_EQ(ReasonOf(status), "IMAGE_NOT_FOUND");
  EXPECT_THAT(status.message(), HasSubstr("the registry has no image app:1"));
  EXPECT_THAT(status.message(), HasSubstr("node node1: No such image"));
}

}  // namespace
}  // namespace drover::container
