// An image on its way from one real engine to another, through the services between them.
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/container/backend/docker_engine.h"
#include "services/container/backend/test_engine.h"
#include "services/container/client/grpc_container_client.h"
#include "services/container/driver/testing/container_driver_fixture.h"
#include "services/container/service/container_service.h"

namespace drover::container {
namespace {

using testing::HasSubstr;

constexpr char kImage[] = "flocker.invalid/transfer:1";

// Spoils what comes from the peer.
class SpoilingClient : public GrpcContainerClient {
 public:
  using Spoil = std::function<void(v1::ExportImageResponse*)>;
  SpoilingClient(std::shared_ptr<grpc::Channel> channel, Spoil spoil)
      : GrpcContainerClient(std::move(channel)), spoil_(std::move(spoil)) {}
  Task<absl::Status> ExportImage(
      v1::ExportImageRequest request, absl::Duration timeout,
      std::function<void(const v1::ExportImageResponse&)> on_message) override {
    const auto spoiled = [this, on_message](v1::ExportImageResponse message) {
      spoil_(&message);
      on_message(message);
    };
    return GrpcContainerClient::ExportImage(std::move(request), timeout, spoiled);
  }

 private:
  const Spoil spoil_;
};

using Kind = TestEngine::Kind;

class ImageTransferTest : public ContainerDriverFixture,
                          public testing::WithParamInterface<std::pair<Kind, Kind>> {
 protected:
  void SetUp() override {
    const auto& [from, to] = GetParam();
    for (const Kind kind : {from, to}) {
      const std::string missing = TestEngine::WhatIsMissing(kind);
      if (!missing.empty()) GTEST_SKIP() << missing;
    }
    Engines& engines = engines_[GetParam()];
    if (engines.source == nullptr) {
      engines.source = TestEngine::Start(from);
      engines.destination = TestEngine::Start(to);
      ASSERT_TRUE(engines.source != nullptr && engines.destination != nullptr);
      ASSERT_TRUE(engines.source->ImportBusybox(kImage));
    }
    source_engine_ = std::make_unique<DockerEngine>(engines.source->socket_path());
    destination_engine_ = std::make_unique<DockerEngine>(engines.destination->socket_path());
    source_images_ = std::make_unique<ImageKeeper>(*source_engine_, nullptr, testing::TempDir());
    service_ =
        std::make_unique<ContainerServiceImpl>(ContainerServiceImpl::Deps{.calls = calls_,
                                                                          .engine = *source_engine_,
                                                                          .driver = *driver_,
                                                                          .watcher = watcher_,
                                                                          .images = *source_images_,
                                                                          .fence = fence_,
                                                                          .node = "node1"});
    grpc::ServerBuilder builder;
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown();
  }
  static void TearDownTestSuite() { engines_.clear(); }

  absl::StatusOr<std::string> Ensure(SpoilingClient::Spoil spoil,
                                     const std::string& image = kImage) {
    const auto connect = [this, spoil](const v1::ImageSource&) {
      return std::make_unique<SpoilingClient>(server_->InProcessChannel({}), spoil);
    };
    ImageKeeper keeper(*destination_engine_, connect, testing::TempDir());
    v1::EnsureImageRequest request;
    request.set_image(image);
    request.set_required_digest(Run(source_engine_->InspectImage(kImage))->digest);
    request.add_sources()->set_node("node1");
    return Run(keeper.Ensure(request, [](const v1::EnsureImageResponse&) {}));
  }
  bool IsThere() { return Run(destination_engine_->InspectImage(kImage)).ok(); }

  struct Engines {
    std::unique_ptr<TestEngine> source;
    std::unique_ptr<TestEngine> destination;
  };
  static inline std::map<std::pair<Kind, Kind>, Engines> engines_;

  EpochGuard fence_ = *EpochGuard::Open(testing::TempDir() + "/epoch");
  CallScope calls_{io_.get_executor(),
                   AuthenticateAs(Identity{"lab", IdentityKind::kNode, "node2"})};
  std::unique_ptr<DockerEngine> source_engine_;
  std::unique_ptr<DockerEngine> destination_engine_;
  std::unique_ptr<ImageKeeper> source_images_;
  EngineWatcher watcher_{engine_, *driver_, background_, sleeper_};
  std::unique_ptr<ContainerServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;
};

std::string NameOf(Kind kind) { return kind == Kind::kDocker ? "Docker" : "Podman"; }

INSTANTIATE_TEST_SUITE_P(Engines, ImageTransferTest,
                         testing::Values(std::pair(Kind::kDocker, Kind::kDocker),
                                         std::pair(Kind::kDocker, Kind::kPodman),
                                         std::pair(Kind::kPodman, Kind::kDocker),
                                         std::pair(Kind::kPodman, Kind::kPodman)),
                         [](const auto& info) {
                           return absl::StrCat(NameOf(info.param.first), "To",
                                               NameOf(info.param.second));
                         });

TEST_P(ImageTransferTest, RefusesADamagedStream) {
  const auto flip = [first = true](v1::ExportImageResponse* message) mutable {
    if (message->data().empty() || !std::exchange(first, false)) return;
    (*message->mutable_data())[message->data().size() / 2] ^= 1;
  };
  EXPECT_THAT(Ensure(flip).status().message(), HasSubstr("damaged on its way"));
  EXPECT_FALSE(IsThere());
}

TEST_P(ImageTransferTest, RefusesACutStream) {
  const auto cut = [](v1::ExportImageResponse* message) { message->clear_digest(); };
  EXPECT_THAT(Ensure(cut).status().message(), HasSubstr("damaged on its way"));
  EXPECT_FALSE(IsThere());
}

TEST_P(ImageTransferTest, APeerSaysOnceThatItHasNone) {
  const auto digest = Ensure([](v1::ExportImageResponse*) {}, "flocker.invalid/none:1");
  EXPECT_THAT(digest.status().message(),
              HasSubstr("; node node1: it has no image flocker.invalid/none:1"));
}

TEST_P(ImageTransferTest, ArrivesAsTheVeryImage) {
  const auto digest = Ensure([](v1::ExportImageResponse*) {});
  ASSERT_TRUE(digest.ok()) << digest.status();
  EXPECT_EQ(*digest, Run(source_engine_->InspectImage(kImage))->digest);
  EXPECT_EQ(*digest, Run(destination_engine_->InspectImage(kImage))->digest);
}

}  // namespace
}  // namespace drover::container
