#include "services/volume/client/grpc_peer.h"

#include <grpcpp/generic/generic_stub.h>

#include <utility>

#include "absl/time/time.h"
#include "drover/volume/v1/volume_service.grpc.pb.h"
#include "services/common/async/client_call.h"
#include "services/volume/client/grpc_transfer.h"

namespace drover::volume {
namespace {

constexpr absl::Duration kQueryTimeout = absl::Seconds(30);

// Requests are handed over as bytes, which a generated stub does not do.
constexpr char kReceive[] = "/drover.volume.v1.TransferService/Receive";
using ReceiveStub = grpc::TemplatedGenericStub<grpc::ByteBuffer, v1::ReceiveResponse>;
using ReceiveReactor = grpc::ClientBidiReactor<grpc::ByteBuffer, v1::ReceiveResponse>;

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

// Ends a transfer that was dropped; its coroutines let go of it afterwards.
class TransferHandle : public OutgoingTransfer {
 public:
  explicit TransferHandle(std::shared_ptr<GrpcTransfer> transfer)
      : transfer_(std::move(transfer)) {}
  ~TransferHandle() override { transfer_->Cancel(); }
  Task<absl::Status> Write(std::string part) override { return transfer_->Write(std::move(part)); }
  Task<absl::Status> Commit() override { return transfer_->Commit(); }
  void Cancel() override { transfer_->Cancel(); }
  int64_t resent_bytes() const override { return transfer_->resent_bytes(); }

 private:
  std::shared_ptr<GrpcTransfer> transfer_;
};

class GrpcPeer : public Peer {
 public:
  explicit GrpcPeer(std::shared_ptr<grpc::Channel> channel)
      : channel_(channel), volumes_(v1::VolumeService::NewStub(channel)) {}

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

  Task<std::unique_ptr<OutgoingTransfer>> StartTransfer(TransferOrder order) override {
    auto open = [channel = channel_](WhenUnreachable unreachable) {
      auto stub = std::make_shared<ReceiveStub>(channel);
      auto begin = [stub](grpc::ClientContext* context, ReceiveReactor* reactor) {
        stub->PrepareBidiStreamingCall(context, kReceive, grpc::StubOptions(), reactor);
      };
      return ReceiveCall::StartWith(std::move(begin), absl::InfiniteDuration(), unreachable);
    };
    auto executor = co_await boost::asio::this_coro::executor;
    co_return std::make_unique<TransferHandle>(
        GrpcTransfer::Start(executor, std::move(open), HeaderOf(order)));
  }

 private:
  const std::shared_ptr<grpc::Channel> channel_;
  const std::shared_ptr<v1::VolumeService::Stub> volumes_;
};

}  // namespace

std::shared_ptr<Peer> GrpcPeerConnector::Connect(const NodeName& node, const std::string& address) {
  return std::make_shared<GrpcPeer>(connect_(node, address));
}

}  // namespace drover::volume
