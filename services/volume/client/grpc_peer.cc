#include "services/volume/client/grpc_peer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "drover/volume/v1/transfer_service.grpc.pb.h"
#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/async/client_call.h"
#include "services/common/status/status_macros.h"
#include "services/volume/client/transfer_frames.h"

namespace drover::volume {
namespace {

namespace asio = boost::asio;

constexpr absl::Duration kQueryTimeout = absl::Seconds(30);

v1::TransferHeader HeaderOf(const TransferOrder& order) {
  v1::TransferHeader header;
  header.set_transfer(order.transfer);
  header.set_migration(order.migration.migration.value());
  header.set_generation(order.migration.generation.value());
  header.set_application(order.application.value());
  header.set_volume_id(order.volume_id);
  header.mutable_snapshot()->set_name(order.snapshot.name);
  header.mutable_snapshot()->set_identity(order.snapshot.identity);
  header.set_base_identity(order.base_identity);
  header.set_backend(order.backend);
  return header;
}

// Reads acknowledgements beside the writes: unread, they would block the peer.
class GrpcTransfer : public OutgoingTransfer, public std::enable_shared_from_this<GrpcTransfer> {
 public:
  using Stream = BidiStream<v1::ReceiveRequest, v1::ReceiveResponse>;

  GrpcTransfer(asio::any_io_executor executor, Stream stream)
      : stream_(std::move(stream)), ended_(executor) {
    ended_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  // Follows the peer's answers until the call ends.
  Task<void> Follow() {
    auto self = shared_from_this();
    while (true) {
      std::optional<v1::ReceiveResponse> response = co_await stream_.Read();
      if (!response.has_value()) break;
      if (response->has_received()) received_ = true;
    }
    over_ = true;
    status_ = co_await stream_.Finish();
    ended_.cancel();
  }

  Task<absl::Status> Send(v1::ReceiveRequest request) {
    auto self = shared_from_this();
    if (!over_) {
      const bool written = co_await stream_.Write(std::move(request));
      if (written) co_return absl::OkStatus();
    }
    co_await End();
    if (!status_->ok()) co_return *status_;
    co_return absl::UnavailableError("the peer ended the transfer early");
  }

  Task<absl::Status> Write(std::string part) override {
    v1::ReceiveRequest request;
    *request.mutable_chunk() = frames_.Chunk(std::move(part));
    co_return co_await Send(std::move(request));
  }

  Task<absl::Status> Commit() override {
    auto self = shared_from_this();
    v1::ReceiveRequest request;
    *request.mutable_commit() = frames_.Commit();
    DROVER_CO_RETURN_IF_ERROR(co_await Send(std::move(request)));
    if (!over_) co_await stream_.WritesDone();
    co_await End();
    if (!status_->ok()) co_return *status_;
    if (!received_) co_return absl::DataLossError("the peer did not say what it received");
    co_return absl::OkStatus();
  }

  void Cancel() override { stream_.Cancel(); }

 private:
  Task<void> End() {
    while (!status_.has_value()) {
      co_await ended_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  Stream stream_;
  FrameWriter frames_;
  asio::steady_timer ended_;  // Never expires; cancelled when status_ is set.
  bool over_ = false;         // No write may begin any more.
  bool received_ = false;
  std::optional<absl::Status> status_;
};

// Ends the call of a transfer that was dropped; the reading coroutine lets go of it afterwards.
class TransferHandle : public OutgoingTransfer {
 public:
  explicit TransferHandle(std::shared_ptr<GrpcTransfer> transfer)
      : transfer_(std::move(transfer)) {}
  ~TransferHandle() override { transfer_->Cancel(); }
  Task<absl::Status> Write(std::string part) override { return transfer_->Write(std::move(part)); }
  Task<absl::Status> Commit() override { return transfer_->Commit(); }
  void Cancel() override { transfer_->Cancel(); }

 private:
  std::shared_ptr<GrpcTransfer> transfer_;
};

class GrpcPeer : public Peer {
 public:
  explicit GrpcPeer(std::shared_ptr<grpc::Channel> channel)
      : volumes_(v1::VolumeService::NewStub(channel)),
        transfers_(v1::TransferService::NewStub(channel)) {}

  Task<absl::StatusOr<std::map<std::string, std::vector<SnapshotRef>>>> Snapshots(
      ApplicationName application) override {
    using Async = class v1::VolumeService::Stub::async;
    using Method = void (Async::*)(grpc::ClientContext*, const v1::GetGroupRequest*,
                                   v1::GetGroupResponse*, std::function<void(grpc::Status)>);
    v1::GetGroupRequest request;
    request.set_application(application.value());
    const Method method = &Async::GetGroup;
    absl::StatusOr<v1::GetGroupResponse> response =
        co_await UnaryCall<v1::GetGroupResponse>(volumes_, method, request, kQueryTimeout);
    std::map<std::string, std::vector<SnapshotRef>> snapshots;
    if (absl::IsNotFound(response.status())) co_return snapshots;
    if (!response.ok()) co_return response.status();
    for (const v1::Volume& volume : response->group().volumes()) {
      for (const v1::Snapshot& one : volume.snapshots()) {
        snapshots[volume.id()].push_back({.name = one.name(), .identity = one.identity()});
      }
    }
    co_return snapshots;
  }

  Task<absl::StatusOr<std::unique_ptr<OutgoingTransfer>>> StartTransfer(
      TransferOrder order) override {
    using Async = class v1::TransferService::Stub::async;
    auto executor = co_await asio::this_coro::executor;
    auto stream =
        GrpcTransfer::Stream::Start(transfers_, &Async::Receive, absl::InfiniteDuration());
    auto transfer = std::make_shared<GrpcTransfer>(executor, std::move(stream));
    auto done = [](std::exception_ptr exception) {
      if (exception != nullptr) std::rethrow_exception(exception);
    };
    asio::co_spawn(executor, transfer->Follow(), std::move(done));
    auto handle = std::make_unique<TransferHandle>(transfer);
    v1::ReceiveRequest request;
    *request.mutable_header() = HeaderOf(order);
    DROVER_CO_RETURN_IF_ERROR(co_await transfer->Send(std::move(request)));
    co_return std::unique_ptr<OutgoingTransfer>(std::move(handle));
  }

 private:
  const std::shared_ptr<v1::VolumeService::Stub> volumes_;
  const std::shared_ptr<v1::TransferService::Stub> transfers_;
};

}  // namespace

std::shared_ptr<Peer> GrpcPeerConnector::Connect(const NodeName& node, const std::string& address) {
  return std::make_shared<GrpcPeer>(connect_(node, address));
}

}  // namespace drover::volume
