// The two adaptors against each other, over a real in-process gRPC server.
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <thread>

#include "drover/volume/v1/transfer_service.grpc.pb.h"
#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/async/client_call.h"
#include "services/common/async/server_call.h"
#include "services/common/async/sleeper.h"
#include "services/common/status/reason.h"

namespace drover {
namespace {

using volume::v1::GetPoolRequest;
using volume::v1::GetPoolResponse;
using volume::v1::GetTransferRequest;
using volume::v1::PushRoundRequest;
using volume::v1::PushRoundResponse;
using volume::v1::ReceiveRequest;
using volume::v1::ReceiveResponse;
using volume::v1::SeedVolumeRequest;
using volume::v1::SeedVolumeResponse;
using volume::v1::TransferService;
using volume::v1::VolumeService;
using AsyncVolume = class VolumeService::Stub::async;
using AsyncTransfer = class TransferService::Stub::async;

// Each call does one thing that an adaptor must survive.
class TestVolumeService : public VolumeService::CallbackService {
 public:
  explicit TestVolumeService(CallScope& scope) : scope_(scope) {}

  // Fails with a reason, and tells who called.
  grpc::ServerUnaryReactor* GetPool(grpc::CallbackServerContext* context,
                                    const GetPoolRequest* request,
                                    GetPoolResponse* response) override {
    auto handler = [](Caller caller, GetPoolRequest) -> Task<absl::StatusOr<GetPoolResponse>> {
      co_return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL",
                                 caller.identity.Uri());
    };
    return ServeUnary(scope_, context, request, response, handler);
  }

  // Answers what another service, or the kernel, might have answered it.
  grpc::ServerUnaryReactor* GetGroup(grpc::CallbackServerContext* context,
                                     const volume::v1::GetGroupRequest* request,
                                     volume::v1::GetGroupResponse* response) override {
    auto handler = [](Caller, volume::v1::GetGroupRequest request)
        -> Task<absl::StatusOr<volume::v1::GetGroupResponse>> {
      if (request.application() == "stopped") co_return absl::CancelledError("CANCELLED");
      if (request.application() == "denied") co_return absl::PermissionDeniedError("/pool");
      if (request.application() == "late") co_return absl::DeadlineExceededError("no answer");
      co_return absl::UnauthenticatedError("the caller's certificate is revoked");
    };
    return ServeUnary(scope_, context, request, response, handler);
  }

  // Answers its round number as a stream; round 0 waits until it is cancelled.
  grpc::ServerWriteReactor<PushRoundResponse>* PushRound(grpc::CallbackServerContext* context,
                                                         const PushRoundRequest* request) override {
    auto handler = [this](Caller, PushRoundRequest request,
                          ResponseWriter<PushRoundResponse>& writer) -> Task<absl::Status> {
      for (int i = 1; i <= request.round(); ++i) {
        PushRoundResponse response;
        response.set_sent_bytes(i);
        if (!co_await writer.Write(std::move(response))) break;
      }
      if (request.round() == 0) co_await Forever();
      co_return absl::OkStatus();
    };
    return ServeWrites<PushRoundResponse>(scope_, context, request, handler);
  }

  // Waits until it is cancelled.
  grpc::ServerUnaryReactor* AwaitGate(grpc::CallbackServerContext* context,
                                      const volume::v1::AwaitGateRequest* request,
                                      volume::v1::AwaitGateResponse* response) override {
    auto handler = [this](Caller, volume::v1::AwaitGateRequest)
        -> Task<absl::StatusOr<volume::v1::AwaitGateResponse>> {
      co_await Forever();
      co_return volume::v1::AwaitGateResponse();
    };
    return ServeUnary(scope_, context, request, response, handler, WhenCancelled::kStop);
  }

  // Refuses more than three parts.
  grpc::ServerReadReactor<SeedVolumeRequest>* SeedVolume(grpc::CallbackServerContext* context,
                                                         SeedVolumeResponse* response) override {
    auto handler =
        [](Caller,
           RequestReader<SeedVolumeRequest>& reader) -> Task<absl::StatusOr<SeedVolumeResponse>> {
      int parts = 0;
      while (auto part = co_await reader.Read()) {
        if (++parts > 3) co_return absl::OutOfRangeError("too much");
      }
      co_return SeedVolumeResponse();
    };
    return ServeReads<SeedVolumeRequest>(scope_, context, response, handler);
  }

  std::promise<void> waiting;
  std::promise<void> cancelled;

 private:
  Task<void> Forever() {
    waiting.set_value();
    TimerSleeper sleeper;
    co_await sleeper.SleepFor(absl::Hours(1));  // A cancellation ends it.
    cancelled.set_value();
  }
  CallScope& scope_;
};

// Acknowledges each chunk by its offset.
class TestTransferService : public TransferService::CallbackService {
 public:
  explicit TestTransferService(CallScope& scope) : scope_(scope) {}
  grpc::ServerBidiReactor<ReceiveRequest, ReceiveResponse>* Receive(
      grpc::CallbackServerContext* context) override {
    auto handler = [](Caller, RequestReader<ReceiveRequest>& reader,
                      ResponseWriter<ReceiveResponse>& writer) -> Task<absl::Status> {
      while (auto request = co_await reader.Read()) {
        ReceiveResponse response;
        response.set_acknowledged_bytes(request->chunk().offset());
        if (!co_await writer.Write(std::move(response))) break;
      }
      co_return absl::OkStatus();
    };
    return ServeBidi<ReceiveRequest, ReceiveResponse>(scope_, context, handler);
  }

 private:
  CallScope& scope_;
};

class CallTest : public testing::Test {
 protected:
  CallTest()
      : work_(boost::asio::make_work_guard(io_)),
        scope_(io_.get_executor(), AuthenticateAs(*ParseIdentity("spiffe://test/user/ann"))),
        service_(scope_),
        transfer_(scope_),
        thread_([this] { io_.run(); }) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    builder.RegisterService(&transfer_);
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
    stub_ = VolumeService::NewStub(channel_);
  }
  ~CallTest() override {
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
    work_.reset();
    thread_.join();
  }
  template <class T>
  std::future<T> Start(Task<T> task) {
    return boost::asio::co_spawn(io_, std::move(task), boost::asio::use_future);
  }
  template <class T>
  T Run(Task<T> task) {
    return Start(std::move(task)).get();
  }
  using Async = class VolumeService::Stub::async;

  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  CallScope scope_;
  TestVolumeService service_;
  TestTransferService transfer_;
  std::thread thread_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::shared_ptr<VolumeService::Stub> stub_;
};

TEST_F(CallTest, ErrorTravelsWithItsReasonAndTheHandlerKnowsTheCaller) {
  auto response =
      Run(UnaryCall<GetPoolResponse>(stub_, &Async::GetPool, GetPoolRequest(), absl::Seconds(5)));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(response.status()), "POOL_FULL");
  EXPECT_EQ(response.status().message(), "spiffe://test/user/ann");
}

TEST_F(CallTest, WhatAnotherServiceAnsweredIsNotTakenForItsOwnAnswer) {
  auto ask = [this](const std::string& application) {
    volume::v1::GetGroupRequest request;
    request.set_application(application);
    return Run(UnaryCall<volume::v1::GetGroupResponse>(stub_, &Async::GetGroup, request,
                                                       absl::Seconds(30)))
        .status();
  };
  EXPECT_EQ(ask("redis"),
            absl::FailedPreconditionError(
                "another service refuses this one: the caller's certificate is revoked"));
  EXPECT_TRUE(absl::IsUnavailable(ask("stopped"))) << ask("stopped");
  EXPECT_EQ(ask("denied"), absl::FailedPreconditionError("/pool"));
  EXPECT_EQ(ask("late"), absl::UnavailableError("no answer"));
}

TEST_F(CallTest, DeadlineEndsTheCallAndStopsItsHandler) {
  auto response = Run(UnaryCall<volume::v1::AwaitGateResponse>(
      stub_, &Async::AwaitGate, volume::v1::AwaitGateRequest(), absl::Milliseconds(50)));
  EXPECT_TRUE(absl::IsDeadlineExceeded(response.status())) << response.status();
  service_.cancelled.get_future().wait();
}

TEST_F(CallTest, UnreachableServerIsUnavailable) {
  server_->Shutdown();
  auto response =
      Run(UnaryCall<GetPoolResponse>(stub_, &Async::GetPool, GetPoolRequest(), absl::Seconds(5)));
  EXPECT_TRUE(absl::IsUnavailable(response.status())) << response.status();
}

TEST_F(CallTest, CancelledCoroutineCancelsItsCall) {
  boost::asio::cancellation_signal signal;
  std::promise<absl::Status> result;
  auto done = [&result](std::exception_ptr exception,
                        absl::StatusOr<volume::v1::AwaitGateResponse> response) {
    result.set_value(exception ? absl::CancelledError("") : response.status());
  };
  boost::asio::co_spawn(
      io_,
      UnaryCall<volume::v1::AwaitGateResponse>(
          stub_, &Async::AwaitGate, volume::v1::AwaitGateRequest(), absl::InfiniteDuration()),
      boost::asio::bind_cancellation_slot(signal.slot(), done));
  service_.waiting.get_future().wait();
  boost::asio::post(io_, [&] { signal.emit(boost::asio::cancellation_type::terminal); });
  EXPECT_TRUE(absl::IsCancelled(result.get_future().get()));
  service_.cancelled.get_future().wait();
}

TEST_F(CallTest, StreamArrivesInOrder) {
  PushRoundRequest request;
  request.set_round(100);
  std::vector<int64_t> seen;
  std::function<void(const PushRoundResponse&)> on_message =
      [&seen](const PushRoundResponse& response) { seen.push_back(response.sent_bytes()); };
  absl::Status status =
      Run(ReadCall(stub_, &Async::PushRound, request, absl::Seconds(5), on_message));
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_EQ(seen.size(), 100u);
  EXPECT_EQ(seen.back(), 100);
}

TEST_F(CallTest, APacedStreamIsReadAsItIsTaken) {
  PushRoundRequest request;
  request.set_round(100);
  int in_hand = 0;
  std::vector<int64_t> seen;
  std::function<Task<bool>(PushRoundResponse)> take =
      [&](PushRoundResponse response) -> Task<bool> {
    EXPECT_EQ(++in_hand, 1);
    co_await boost::asio::post(io_, boost::asio::use_awaitable);
    seen.push_back(response.sent_bytes());
    --in_hand;
    co_return true;
  };
  absl::Status status =
      Run(ReadCallPaced(stub_, &Async::PushRound, request, absl::Seconds(5), take));
  EXPECT_TRUE(status.ok()) << status;
  ASSERT_EQ(seen.size(), 100u);
  EXPECT_EQ(seen.back(), 100);
}

TEST_F(CallTest, APacedStreamIsGivenUpByItsTaker) {
  PushRoundRequest request;
  request.set_round(1000 * 1000);
  std::vector<int64_t> seen;
  std::function<Task<bool>(PushRoundResponse)> take =
      [&seen](PushRoundResponse response) -> Task<bool> {
    seen.push_back(response.sent_bytes());
    co_return seen.size() < 2;
  };
  absl::Status status =
      Run(ReadCallPaced(stub_, &Async::PushRound, request, absl::InfiniteDuration(), take));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(seen, std::vector<int64_t>({1, 2}));
  Start(scope_.Drain()).get();  // The server's side has ended as well.
}

TEST_F(CallTest, StreamHasADeadline) {
  std::function<void(const PushRoundResponse&)> on_message = [](const PushRoundResponse&) {};
  absl::Status status = Run(
      ReadCall(stub_, &Async::PushRound, PushRoundRequest(), absl::Milliseconds(50), on_message));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  service_.cancelled.get_future().wait();
}

Task<absl::Status> Seed(std::shared_ptr<VolumeService::Stub> stub, int parts) {
  auto stream = WriteStream<SeedVolumeRequest, SeedVolumeResponse>::Start(
      stub, &AsyncVolume::SeedVolume, absl::Seconds(5));
  for (int i = 0; i < parts; ++i) {
    if (!co_await stream.Write(SeedVolumeRequest())) break;
  }
  absl::StatusOr<SeedVolumeResponse> response = co_await stream.Finish();
  co_return response.status();
}

TEST_F(CallTest, RequestsStream) {
  EXPECT_TRUE(Run(Seed(stub_, 3)).ok());
  EXPECT_EQ(Run(Seed(stub_, 100)).code(), absl::StatusCode::kOutOfRange);
}

Task<absl::Status> Echo(std::shared_ptr<TransferService::Stub> stub, int count) {
  auto stream = BidiStream<ReceiveRequest, ReceiveResponse>::Start(stub, &AsyncTransfer::Receive,
                                                                   absl::Seconds(5));
  for (int i = 0; i < count; ++i) {
    ReceiveRequest request;
    request.mutable_chunk()->set_offset(i);
    if (!co_await stream.Write(std::move(request))) break;
    std::optional<ReceiveResponse> response = co_await stream.Read();
    if (!response || response->acknowledged_bytes() != i) co_return absl::DataLossError("order");
  }
  co_await stream.WritesDone();
  if (co_await stream.Read()) co_return absl::DataLossError("more than was sent");
  co_return co_await stream.Finish();
}

TEST_F(CallTest, BothWaysStream) {
  EXPECT_TRUE(Run(Echo(TransferService::NewStub(channel_), 50)).ok());
}

TEST_F(CallTest, DrainStopsWhatWaitsAndRefusesWhatComes) {
  std::function<void(const PushRoundResponse&)> on_message = [](const PushRoundResponse&) {};
  auto watch = Start(
      ReadCall(stub_, &Async::PushRound, PushRoundRequest(), absl::InfiniteDuration(), on_message));
  service_.waiting.get_future().wait();
  Start(scope_.Drain()).get();
  service_.cancelled.get_future().wait();
  watch.wait();
  auto response =
      Run(UnaryCall<GetPoolResponse>(stub_, &Async::GetPool, GetPoolRequest(), absl::Seconds(5)));
  EXPECT_TRUE(absl::IsUnavailable(response.status())) << response.status();
}

// Has one method, which keeps its callback: then the test is gRPC's thread.
class HoldingStub {
 public:
  struct Request {
    std::shared_ptr<int> token;
  };
  struct Response {};
  class async {
   public:
    void Ask(grpc::ClientContext*, const Request*, Response*,
             std::function<void(grpc::Status)> on_done) {
      on_done_ = std::move(on_done);
    }
    std::function<void(grpc::Status)> on_done_;
  };
  class async* async() {
    return &async_;
  }

 private:
  class async async_;
};

// A context keeps its channel, and gRPC frees its own queue twice if it destroys the last
// reference to a channel.
TEST(UnaryCallTest, NothingOfTheCallIsLeftToTheThreadThatEndsIt) {
  boost::asio::io_context io;
  auto stub = std::make_shared<HoldingStub>();
  HoldingStub::Request request{.token = std::make_shared<int>()};
  std::weak_ptr<int> token = request.token;
  using Async = class HoldingStub::async;
  auto response =
      boost::asio::co_spawn(io,
                            UnaryCall<HoldingStub::Response>(stub, &Async::Ask, std::move(request),
                                                             absl::InfiniteDuration()),
                            boost::asio::use_future);
  io.poll();
  std::function<void(grpc::Status)> on_done = std::move(stub->async()->on_done_);
  ASSERT_TRUE(on_done);
  on_done(grpc::Status::OK);
  io.restart();
  io.run();
  EXPECT_TRUE(response.get().ok());
  EXPECT_TRUE(token.expired());  // Although gRPC still has its callback.
}

}  // namespace
}  // namespace drover
