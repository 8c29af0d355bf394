// What every ContainerEngine does, shown for the fake and for real engines of the test's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/common/async/blocking.h"
#include "services/container/backend/docker_engine.h"
#include "services/container/backend/fake_engine.h"
#include "services/container/backend/fake_init_processes.h"
#include "services/container/backend/pidfd_init_process.h"
#include "services/container/backend/test_engine.h"

namespace drover::container {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kImage[] = "flocker.invalid/busybox:contract";

enum class Engine { kFake, kDocker, kPodman };

class EngineContractTest : public testing::TestWithParam<Engine> {
 protected:
  static void TearDownTestSuite() { engines_.clear(); }

  void SetUp() override {
    if (GetParam() == Engine::kFake) {
      SetUpFake();
      return;
    }
    const auto kind =
        GetParam() == Engine::kDocker ? TestEngine::Kind::kDocker : TestEngine::Kind::kPodman;
    const std::string missing = TestEngine::WhatIsMissing(kind);
    if (!missing.empty()) GTEST_SKIP() << missing;
    std::unique_ptr<TestEngine>& real = engines_[kind];
    if (real == nullptr) {
      real = TestEngine::Start(kind);
      ASSERT_NE(real, nullptr);
      ASSERT_TRUE(real->ImportBusybox(kImage));
    }
    engine_ = std::make_unique<DockerEngine>(real->socket_path());
    processes_ = std::make_unique<PidfdInitProcesses>(io_.get_executor(), pool_);
  }

  void SetUpFake() {
    auto fake = std::make_unique<FakeEngine>();
    FakeEngine::Image& image = fake->images[kImage];
    image.info.digest = "sha256:1";
    image.info.config.environment = {"PATH=/bin"};
    image.info.config.health_check = HealthCheck{{"true"}, absl::Seconds(2)};
    image.folders["/data"] = "./sub/file";
    fake->output.push_back({.data = "to out\n"});
    fake->output.push_back({.is_error_output = true, .data = "to err\n"});
    fake->on_exec = [](const ExecOptions& options) { return options.command.size() == 3 ? 3 : 0; };
    processes_ = std::make_unique<FakeInitProcesses>(*fake);
    engine_ = std::move(fake);
  }

  template <class T>
  T Run(Task<T> task) {
    std::optional<T> result;
    boost::asio::co_spawn(io_, std::move(task), [&](std::exception_ptr exception, T value) {
      EXPECT_EQ(exception, nullptr);
      result = std::move(value);
    });
    io_.restart();
    io_.run();
    if (!result.has_value()) {
      ADD_FAILURE() << "the coroutine never ended";
      std::abort();
    }
    return *std::move(result);
  }

  static ContainerOptions Options(const std::string& name) {
    ContainerOptions options;
    options.name = name;
    options.image = kImage;
    options.entrypoint = {"/bin/sh", "-c",
                          "trap 'exit 7' TERM; echo to out; echo to err >&2; "
                          "sleep 1000 & wait"};
    options.labels["drover.app"] = name;
    options.ports = {80};
    return options;
  }

  ContainerId Running(const std::string& name) {
    auto id = Run(engine_->CreateContainer(Options(name)));
    EXPECT_TRUE(id.ok()) << id.status();
    EXPECT_TRUE(Run(engine_->StartContainer(*id)).ok());
    return *id;
  }

  // Reads the output until it holds both lines: only then has the shell set its trap.
  void AwaitOutput(const ContainerId& id) {
    std::string out;
    std::string err;
    LogOptions options;
    options.follow = true;
    const LogSink sink = [&](LogChunk chunk) -> Task<absl::Status> {
      (chunk.is_error_output ? err : out) += chunk.data;
      co_return err.empty() || out.empty() ? absl::OkStatus() : absl::CancelledError("enough");
    };
    const absl::Status read = Run(engine_->ReadLogs(id, options, sink));
    EXPECT_TRUE(absl::IsCancelled(read)) << read;
    EXPECT_EQ(out, "to out\n");
    EXPECT_EQ(err, "to err\n");
  }

  std::string ReadAll(const ByteSource& source) {
    std::string all;
    while (true) {
      auto piece = Run(source());
      EXPECT_TRUE(piece.ok()) << piece.status();
      if (!piece.ok() || piece->empty()) return all;
      all += *piece;
    }
  }

  static inline std::map<TestEngine::Kind, std::unique_ptr<TestEngine>> engines_;
  boost::asio::io_context io_;
  BlockingPool pool_{1};
  std::unique_ptr<ContainerEngine> engine_;
  std::unique_ptr<InitProcesses> processes_;
};

TEST_P(EngineContractTest, SaysWhatItIs) {
  auto version = Run(engine_->GetVersion());
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_THAT(version->product, HasSubstr("Engine"));
  EXPECT_THAT(version->api, StartsWith("1."));
}

TEST_P(EngineContractTest, KnowsItsImages) {
  auto image = Run(engine_->InspectImage(kImage));
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_THAT(image->digest, StartsWith("sha256:"));
  EXPECT_THAT(image->config.environment, Contains("PATH=/bin"));
  ASSERT_TRUE(image->config.health_check.has_value());
  EXPECT_THAT(image->config.health_check->command, ElementsAre("true"));
  EXPECT_EQ(image->config.health_check->timeout, absl::Seconds(2));
  EXPECT_TRUE(absl::IsNotFound(Run(engine_->InspectImage("no/such:image")).status()));
}

TEST_P(EngineContractTest, RunsStopsAndRemovesAContainer) {
  const ContainerId id = Running("drover--run");
  EXPECT_TRUE(Run(engine_->StartContainer(id)).ok());
  auto container = Run(engine_->InspectContainer(id));
  ASSERT_TRUE(container.ok()) << container.status();
  EXPECT_EQ(container->id, id);
  EXPECT_EQ(container->name, "drover--run");
  EXPECT_EQ(container->image, kImage);
  EXPECT_EQ(container->image_digest, Run(engine_->InspectImage(kImage))->digest);
  EXPECT_TRUE(container->running);
  EXPECT_FALSE(container->address.empty());
  EXPECT_GT(container->started_at, absl::UnixEpoch());
  AwaitOutput(id);
  auto process = processes_->Find(container->pid, id);
  ASSERT_TRUE(process.ok() && *process != nullptr) << process.status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(Run((*process)->AwaitEnd(absl::Milliseconds(50)))));
  EXPECT_TRUE((*process)->Signal(SIGTERM).ok());
  EXPECT_TRUE(Run((*process)->AwaitEnd(absl::Seconds(20))).ok());
  EXPECT_TRUE((*process)->Signal(SIGTERM).ok());
  // The engine may still be tearing it down.
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
  EXPECT_TRUE(absl::IsNotFound(Run(engine_->InspectContainer(id)).status()));
}

TEST_P(EngineContractTest, KnowsTheFirstProcessOfAContainerFromOthers) {
  const ContainerId id = Running("drover--first");
  const int pid = Run(engine_->InspectContainer(id))->pid;
  EXPECT_EQ(*processes_->Find(pid, ContainerId("another")), nullptr);
  EXPECT_EQ(*processes_->Find(getpid(), id), nullptr);
  EXPECT_EQ(*processes_->Find(0, id), nullptr);
  EXPECT_NE(*processes_->Find(pid, id), nullptr);
  EXPECT_NE(*Run(processes_->Search(id)), nullptr);
  EXPECT_EQ(*Run(processes_->Search(ContainerId("another"))), nullptr);
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
}

TEST_P(EngineContractTest, RefusesANameThatIsTaken) {
  const ContainerId id = Running("drover--twice");
  EXPECT_TRUE(
      absl::IsAlreadyExists(Run(engine_->CreateContainer(Options("drover--twice"))).status()));
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
}

TEST_P(EngineContractTest, ListsByLabelAndValue) {
  const ContainerId one = Running("drover--one");
  const ContainerId two = Running("drover--two");
  EXPECT_EQ(Run(engine_->ListContainers("drover.app"))->size(), 2);
  auto just_two = Run(engine_->ListContainers("drover.app=drover--two"));
  ASSERT_EQ(just_two->size(), 1);
  EXPECT_EQ(just_two->at(0).id, two);
  EXPECT_TRUE(Run(engine_->ListContainers("other"))->empty());
  EXPECT_TRUE(Run(engine_->RemoveContainer(one)).ok());
  EXPECT_TRUE(Run(engine_->RemoveContainer(two)).ok());
}

TEST_P(EngineContractTest, CopiesOutOfAContainerThatNeverRan) {
  const ContainerId id = *Run(engine_->CreateContainer(Options("drover--seed")));
  auto content = Run(engine_->CopyOut(id, "/data"));
  ASSERT_TRUE(content.ok()) << content.status();
  const std::string archive = ReadAll(*content);
  EXPECT_THAT(archive, StartsWith("./"));
  EXPECT_THAT(archive, HasSubstr("./sub/file"));
  // The owner in a tar stream's first header.
  if (GetParam() != Engine::kFake) {
    EXPECT_EQ(archive.substr(108, 7), "0000007");
  }
  EXPECT_TRUE(absl::IsNotFound(Run(engine_->CopyOut(id, "/no/such")).status()));
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
}

TEST_P(EngineContractTest, ExportsWhatItCanImport) {
  auto content = Run(engine_->ExportImage(kImage));
  ASSERT_TRUE(content.ok()) << content.status();
  const absl::Status imported = Run(engine_->ImportImage(*content));
  EXPECT_TRUE(imported.ok()) << imported;
  const std::string digest = Run(engine_->InspectImage(kImage))->digest;
  EXPECT_EQ(Run(engine_->InspectImage(digest))->digest, digest);
}

TEST_P(EngineContractTest, ReportsStartsAndEnds) {
  std::vector<ContainerEvent> events;
  ContainerId id;
  // The second event ends the stream, and with it the test's wait.
  boost::asio::cancellation_signal enough;
  const auto on_event = [&](ContainerEvent event) {
    // An engine may still tell the end of an earlier test's container.
    if (event.id != id) return;
    events.push_back(event);
    if (event.kind != ContainerEvent::Kind::kEnded) return;
    if (auto* fake = dynamic_cast<FakeEngine*>(engine_.get())) {
      fake->StopWatching();
    } else {
      enough.emit(boost::asio::cancellation_type::terminal);
    }
  };
  auto run = [&]() -> Task<void> {
    id = *co_await engine_->CreateContainer(Options("drover--events"));
    const absl::Status started = co_await engine_->StartContainer(id);
    EXPECT_TRUE(started.ok()) << started;
    const absl::Status killed = co_await engine_->KillContainer(id);
    EXPECT_TRUE(killed.ok()) << killed;
  };
  const auto on_ready = [&] { boost::asio::co_spawn(io_, run, boost::asio::detached); };
  boost::asio::co_spawn(
      io_, engine_->WatchEvents("drover.app", on_ready, on_event),
      boost::asio::bind_cancellation_slot(enough.slot(), [](std::exception_ptr, absl::Status) {}));
  io_.restart();
  io_.run();
  ASSERT_EQ(events.size(), 2);
  const ContainerEvent& started = events.front();
  EXPECT_EQ(started.kind, ContainerEvent::Kind::kStarted);
  EXPECT_EQ(started.id, id);
  EXPECT_EQ(events.back().exit_code, 137);
  EXPECT_TRUE(Run(engine_->KillContainer(id)).ok());
  auto container = Run(engine_->InspectContainer(id));
  EXPECT_FALSE(container->running);
  EXPECT_EQ(container->exit_code, 137);
  EXPECT_TRUE(container->address.empty());
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
}

TEST_P(EngineContractTest, RunsAProgramBesideTheApplication) {
  const ContainerId id = Running("drover--exec");
  ExecOptions options;
  options.command = {"/bin/sh", "-c", "exit 3"};
  auto exit_code = Run(engine_->Exec(id, options, absl::Seconds(20)));
  ASSERT_TRUE(exit_code.ok()) << exit_code.status();
  EXPECT_EQ(*exit_code, 3);
  EXPECT_TRUE(Run(engine_->RemoveContainer(id)).ok());
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContractTest,
                         testing::Values(Engine::kFake, Engine::kDocker, Engine::kPodman),
                         [](const auto& info) {
                           if (info.param == Engine::kFake) return "Fake";
                           return info.param == Engine::kDocker ? "Docker" : "Podman";
                         });

TEST(DockerEngineTest, SaysThatTheEngineIsDown) {
  boost::asio::io_context io;
  DockerEngine engine("/no/such.sock");
  std::optional<absl::Status> status;
  boost::asio::co_spawn(io, engine.GetVersion(),
                        [&](std::exception_ptr, absl::StatusOr<EngineVersion> version) {
                          status = version.status();
                        });
  io.run();
  EXPECT_TRUE(absl::IsUnavailable(*status)) << *status;
  EXPECT_THAT(status->message(), HasSubstr("is it running?"));
}

}  // namespace
}  // namespace drover::container
