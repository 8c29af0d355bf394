// The service on a real server, called through its client, over the fakes of its neighbours.
#include "services/container/service/container_service.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "services/common/status/reason.h"
#include "services/container/client/fake_container_client.h"
#include "services/container/client/grpc_container_client.h"
#include "services/container/driver/stream_digest.h"
#include "services/container/driver/testing/container_driver_fixture.h"

namespace drover::container {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr absl::Duration kDeadline = absl::Seconds(30);

class ContainerServiceTest : public ContainerDriverFixture {
 protected:
  ContainerServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    client_ = std::make_unique<GrpcContainerClient>(server_->InProcessChannel({}));
  }
  ~ContainerServiceTest() override {
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  static std::string MakeFolder() {
    std::string pattern = testing::TempDir() + "/containerXXXXXX";
    return mkdtemp(pattern.data());
  }

  template <class Request>
  static Request Fenced(Request request, int64_t epoch = 7) {
    request.mutable_fence()->set_epoch(epoch);
    request.mutable_fence()->set_nonce("nonce");
    return request;
  }
  static v1::StartContainerRequest StartRequest() {
    const ContainerDriver::Wanted wanted = Wanted();
    v1::StartContainerRequest request;
    *request.mutable_spec() = wanted.spec;
    request.set_generation(wanted.generation);
    request.set_config_hash(wanted.config_hash);
    return Fenced(request);
  }
  static v1::StopContainerRequest StopRequest() {
    v1::StopContainerRequest request;
    request.set_application("redis");
    return request;
  }
  v1::Container StartIt() {
    auto started = Run(client_->StartContainer(StartRequest(), kDeadline));
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? started->container() : v1::Container();
  }
  bool Runs() { return driver_->List().at(0).runs(); }

  const std::string folder_ = MakeFolder();
  EpochGuard fence_ = *EpochGuard::Open(folder_ + "/epoch");
  // Who calls.
  Identity caller_{"lab", IdentityKind::kCoordinator, ""};
  CallScope calls_{
      io_.get_executor(),
      [this](const grpc::AuthContext&) -> absl::StatusOr<Identity> { return caller_; }};
  ImageKeeper images_{
      engine_, [](const v1::ImageSource&) { return std::make_unique<FakeContainerClient>(); },
      folder_};
  EngineWatcher watcher_{engine_, *driver_, background_, sleeper_};
  ContainerServiceImpl service_{{.calls = calls_,
                                 .engine = engine_,
                                 .driver = *driver_,
                                 .watcher = watcher_,
                                 .images = images_,
                                 .fence = fence_,
                                 .node = "node1"}};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GrpcContainerClient> client_;
};

TEST_F(ContainerServiceTest, StartsAwaitsListsAndRemoves) {
  const v1::Container container = StartIt();
  EXPECT_EQ(container.name(), "nodes/node1/containers/redis");
  EXPECT_EQ(container.generation(), 5);
  v1::AwaitReadyRequest await;
  await.set_application("redis");
  await.set_start_id(container.start_id());
  auto ready = Run(client_->AwaitReady(await, kDeadline));
  ASSERT_TRUE(ready.ok()) << ready.status();
  EXPECT_EQ(ready->container().state(), v1::CONTAINER_STATE_READY);
  EXPECT_EQ(Run(client_->ListContainers({}, kDeadline))->containers_size(), 1);
  v1::RemoveContainerRequest remove;
  remove.set_application("redis");
  EXPECT_TRUE(Run(client_->RemoveContainer(Fenced(remove), kDeadline)).ok());
  EXPECT_EQ(Run(client_->ListContainers({}, kDeadline))->containers_size(), 0);
}

TEST_F(ContainerServiceTest, StagesForAMigration) {
  const v1::StartContainerRequest start = StartRequest();
  v1::StageContainerRequest stage;
  *stage.mutable_spec() = start.spec();
  stage.set_generation(start.generation());
  stage.set_config_hash(start.config_hash());
  stage.set_migration("migrations/m1");
  group_.set_migration("migrations/m1");
  auto staged = Run(client_->StageContainer(Fenced(stage), kDeadline));
  ASSERT_TRUE(staged.ok()) << staged.status();
  EXPECT_EQ(staged->container().state(), v1::CONTAINER_STATE_GATED);
  EXPECT_EQ(store_.records["redis"].migration(), "migrations/m1");
}

TEST_F(ContainerServiceTest, RefusesAnOlderCoordinator) {
  StartIt();
  auto request = StartRequest();
  request.mutable_fence()->set_epoch(6);
  EXPECT_EQ(ReasonOf(Run(client_->StartContainer(request, kDeadline)).status()), "STALE_EPOCH");
  v1::RemoveContainerRequest remove;
  remove.set_application("redis");
  EXPECT_EQ(ReasonOf(Run(client_->RemoveContainer(Fenced(remove, 6), kDeadline)).status()),
            "STALE_EPOCH");
  EXPECT_TRUE(Runs());
}

TEST_F(ContainerServiceTest, RefusesAStartThatComesBehindALaterOrder) {
  v1::StartContainerRequest late = StartRequest();
  late.mutable_fence()->set_sequence(3);
  v1::StartContainerRequest later = late;
  later.mutable_fence()->set_sequence(4);
  later.set_config_hash("another");
  ASSERT_TRUE(Run(client_->StartContainer(later, kDeadline)).ok());
  EXPECT_EQ(ReasonOf(Run(client_->StartContainer(late, kDeadline)).status()), "STALE_ORDER");
  EXPECT_EQ(store_.records["redis"].config_hash(), "another");

  v1::RemoveContainerRequest remove;
  remove.set_application("redis");
  remove = Fenced(remove);
  remove.mutable_fence()->set_sequence(5);
  ASSERT_TRUE(Run(client_->RemoveContainer(remove, kDeadline)).ok());
  EXPECT_EQ(ReasonOf(Run(client_->StartContainer(later, kDeadline)).status()), "STALE_ORDER");
  EXPECT_THAT(driver_->List(), testing::IsEmpty());
}

TEST_F(ContainerServiceTest, RefusesARemovalThatComesBehindALaterStart) {
  v1::StartContainerRequest start = StartRequest();
  start.mutable_fence()->set_sequence(4);
  ASSERT_TRUE(Run(client_->StartContainer(start, kDeadline)).ok());
  v1::RemoveContainerRequest late;
  late.set_application("redis");
  late = Fenced(late);
  late.mutable_fence()->set_sequence(3);
  EXPECT_EQ(ReasonOf(Run(client_->RemoveContainer(late, kDeadline)).status()), "STALE_ORDER");
  EXPECT_TRUE(Runs());
}

TEST_F(ContainerServiceTest, RefusesWhatIsIncomplete) {
  auto no_image = StartRequest();
  no_image.mutable_spec()->clear_image();
  auto no_generation = StartRequest();
  no_generation.set_generation(0);
  auto no_hash = StartRequest();
  no_hash.clear_config_hash();
  for (const auto& request : {no_image, no_generation, no_hash}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Run(client_->StartContainer(request, kDeadline)).status()));
  }
}

TEST_F(ContainerServiceTest, TheVolumeServiceOfThisNodeStopsWithoutAFence) {
  StartIt();
  caller_ = Identity{"lab", IdentityKind::kNode, "node1"};
  auto stopped = Run(client_->StopContainer(StopRequest(), kDeadline));
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_FALSE(stopped->killed());
  EXPECT_EQ(stopped->container().state(), v1::CONTAINER_STATE_EXITED);
  EXPECT_FALSE(Runs());
}

TEST_F(ContainerServiceTest, NobodyElseStopsWithoutAFence) {
  StartIt();
  for (const Identity& caller : {Identity{"lab", IdentityKind::kNode, "node2"},
                                 Identity{"lab", IdentityKind::kUser, "node1"},
                                 Identity{"lab", IdentityKind::kCoordinator, ""}}) {
    caller_ = caller;
    EXPECT_FALSE(Run(client_->StopContainer(StopRequest(), kDeadline)).ok());
    EXPECT_TRUE(Runs());
  }
  EXPECT_TRUE(Run(client_->StopContainer(Fenced(StopRequest()), kDeadline)).ok());
  EXPECT_FALSE(Runs());
}

TEST_F(ContainerServiceTest, AFenceIsCheckedWhoeverSendsIt) {
  StartIt();
  caller_ = Identity{"lab", IdentityKind::kNode, "node1"};
  const auto stopped = Run(client_->StopContainer(Fenced(StopRequest(), 6), kDeadline));
  EXPECT_EQ(ReasonOf(stopped.status()), "STALE_EPOCH");
  EXPECT_TRUE(Runs());
}

TEST_F(ContainerServiceTest, StreamsLogs) {
  StartIt();
  engine_.output.push_back({.data = "to out\n"});
  engine_.output.push_back({.is_error_output = true, .data = "to err\n"});
  std::vector<std::string> lines;
  const auto take = [&lines](v1::StreamLogsResponse message) -> Task<bool> {
    const bool is_error = message.stream() == v1::StreamLogsResponse::STREAM_STDERR;
    lines.push_back((is_error ? "2:" : "1:") + message.data());
    co_return true;
  };
  v1::StreamLogsRequest request;
  request.set_application("redis");
  EXPECT_TRUE(Run(client_->StreamLogs(request, kDeadline, take)).ok());
  EXPECT_THAT(lines, ElementsAre("1:to out\n", "2:to err\n"));
  request.set_application("unknown");
  const absl::Status stopped = Run(client_->StreamLogs(request, kDeadline, take));
  EXPECT_TRUE(absl::IsNotFound(stopped));
  EXPECT_THAT(stopped.message(), HasSubstr(" is stopped and has no container"));
}

TEST_F(ContainerServiceTest, ExportsAnImageWithItsDigests) {
  std::string data;
  v1::ExportImageResponse last;
  const auto on_message = [&](const v1::ExportImageResponse& message) {
    data += message.data();
    if (!message.image_digest().empty()) last.set_image_digest(message.image_digest());
    if (!message.digest().empty()) last.set_digest(message.digest());
  };
  v1::ExportImageRequest request;
  request.set_image("app:1");
  ASSERT_TRUE(Run(client_->ExportImage(request, kDeadline, on_message)).ok());
  EXPECT_EQ(last.image_digest(), "sha256:1");
  StreamDigest digest;
  digest.Update(data);
  EXPECT_EQ(last.digest(), digest.Finish());
}

TEST_F(ContainerServiceTest, EndsAnEnsureWithTheDigest) {
  engine_.registry["app:2"].info.digest = "sha256:2";
  std::string digest;
  const auto on_message = [&digest](const v1::EnsureImageResponse& message) {
    digest = message.image_digest();
  };
  v1::EnsureImageRequest request;
  request.set_image("app:2");
  EXPECT_TRUE(Run(client_->EnsureImage(request, kDeadline, on_message)).ok());
  EXPECT_EQ(digest, "sha256:2");
}

TEST_F(ContainerServiceTest, DescribesTheEngine) {
  EXPECT_TRUE(Run(client_->GetEngine({}, kDeadline))->engine().reachable());
  engine_.down = true;
  const v1::Engine engine = Run(client_->GetEngine({}, kDeadline))->engine();
  EXPECT_FALSE(engine.reachable());
  EXPECT_EQ(engine.problem(), "the engine is down");
}

}  // namespace
}  // namespace drover::container
