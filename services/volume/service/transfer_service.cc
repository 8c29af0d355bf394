#include "services/volume/service/transfer_service.h"

#include <optional>
#include <string>
#include <utility>

#include "services/common/status/status_macros.h"
#include "services/volume/client/transfer_frames.h"
#include "services/volume/domain/names.h"
#include "services/volume/service/convert.h"

namespace drover::volume {
namespace {

constexpr int64_t kAcknowledgeEvery = 8 << 20;

absl::StatusOr<TransferOrder> OrderFrom(const v1::TransferHeader& header) {
  DROVER_RETURN_IF_ERROR(CheckPlainName("transfer", header.transfer()));
  DROVER_RETURN_IF_ERROR(CheckVolumeId(header.volume_id()));
  DROVER_ASSIGN_OR_RETURN(ApplicationName application, ApplicationFrom(header.application()));
  DROVER_ASSIGN_OR_RETURN(Generation generation, GenerationFrom(header.generation()));
  DROVER_ASSIGN_OR_RETURN(SnapshotRef snapshot, SnapshotFrom(header.snapshot()));
  return TransferOrder{.transfer = header.transfer(),
                       .application = std::move(application),
                       .volume_id = header.volume_id(),
                       .migration = {MigrationId(header.migration()), generation},
                       .snapshot = std::move(snapshot),
                       .base_identity = header.base_identity(),
                       .backend = header.backend()};
}

// Checks one stream's frames and acknowledges what was taken.
class IncomingStream {
 public:
  IncomingStream(RequestReader<v1::ReceiveRequest>& reader,
                 ResponseWriter<v1::ReceiveResponse>& writer)
      : reader_(reader), writer_(writer) {}

  // See NextPart.
  Task<absl::StatusOr<std::string>> Next() {
    std::optional<v1::ReceiveRequest> request = co_await reader_.Read();
    if (!request.has_value()) {
      co_return absl::UnavailableError("the sender ended the transfer before it was complete");
    }
    if (request->has_commit()) {
      DROVER_CO_RETURN_IF_ERROR(frames_.Check(request->commit()));
      co_return std::string();
    }
    DROVER_CO_RETURN_IF_ERROR(frames_.Check(request->chunk()));
    if (frames_.bytes() - acknowledged_ >= kAcknowledgeEvery) {
      acknowledged_ = frames_.bytes();
      v1::ReceiveResponse response;
      response.set_acknowledged_bytes(acknowledged_);
      co_await writer_.Write(std::move(response));
    }
    co_return std::move(*request->mutable_chunk()->mutable_data());
  }

  int64_t bytes() const { return frames_.bytes(); }

 private:
  RequestReader<v1::ReceiveRequest>& reader_;
  ResponseWriter<v1::ReceiveResponse>& writer_;
  FrameReader frames_;
  int64_t acknowledged_ = 0;
};

}  // namespace

grpc::ServerBidiReactor<v1::ReceiveRequest, v1::ReceiveResponse>* TransferServiceImpl::Receive(
    grpc::CallbackServerContext* context) {
  auto handler = [this, context](Caller caller, RequestReader<v1::ReceiveRequest>& reader,
                                 ResponseWriter<v1::ReceiveResponse>& writer) {
    return DoReceive(std::move(caller), *context, reader, writer);
  };
  return ServeBidi<v1::ReceiveRequest, v1::ReceiveResponse>(calls_, context, std::move(handler));
}

Task<absl::Status> TransferServiceImpl::DoReceive(Caller caller,
                                                  grpc::CallbackServerContext& context,
                                                  RequestReader<v1::ReceiveRequest>& reader,
                                                  ResponseWriter<v1::ReceiveResponse>& writer) {
  if (caller.identity.kind != IdentityKind::kNode) {
    co_return absl::PermissionDeniedError("only a node's volume service sends snapshots");
  }
  std::optional<v1::ReceiveRequest> first = co_await reader.Read();
  if (!first.has_value() || !first->has_header()) {
    co_return absl::InvalidArgumentError("a transfer begins with its header");
  }
  DROVER_CO_ASSIGN_OR_RETURN(TransferOrder order, OrderFrom(first->header()));
  IncomingStream stream(reader, writer);
  auto next = [&stream] { return stream.Next(); };
  auto hang_up = [&context] { context.TryCancel(); };
  DROVER_CO_ASSIGN_OR_RETURN(StoredSnapshot received,
                             co_await receiver_.Receive(std::move(order), next, hang_up));
  v1::ReceiveResponse response;
  response.set_acknowledged_bytes(stream.bytes());
  *response.mutable_received() = ToProto(received);
  co_await writer.Write(std::move(response));
  co_return absl::OkStatus();
}

grpc::ServerUnaryReactor* TransferServiceImpl::GetTransfer(grpc::CallbackServerContext* context,
                                                           const v1::GetTransferRequest* request,
                                                           v1::GetTransferResponse* response) {
  auto handler = [this](Caller caller,
                        v1::GetTransferRequest r) -> Task<absl::StatusOr<v1::GetTransferResponse>> {
    DROVER_CO_ASSIGN_OR_RETURN(TransferStatus status, receiver_.Status(r.transfer()));
    v1::GetTransferResponse answer;
    answer.set_acknowledged_bytes(status.bytes);
    if (status.received.has_value()) *answer.mutable_received() = ToProto(*status.received);
    co_return answer;
  };
  return ServeUnary(calls_, context, request, response, std::move(handler));
}

}  // namespace drover::volume
