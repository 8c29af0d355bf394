#include "services/volume/service/transfer_service.h"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <string>
#include <utility>

#include "services/common/status/status_macros.h"
#include "services/volume/client/resend_window.h"
#include "services/volume/domain/names.h"
#include "services/volume/service/convert.h"

namespace drover::volume {
namespace {

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

// Puts into `transfer` what this connection brings, and acknowledges it.
Task<absl::Status> Carry(std::shared_ptr<IncomingTransfer> transfer, bool resumed,
                         IncomingTransfer::Connection& connection,
                         RequestReader<v1::ReceiveRequest>& reader,
                         ResponseWriter<v1::ReceiveResponse>& writer) {
  // At once if it is resumed: its sender must know where to go on.
  int64_t acknowledged = resumed ? -1 : 0;
  while (co_await connection.Room()) {
    const int64_t taken = transfer->taken_bytes();
    if (acknowledged < 0 || taken - acknowledged >= ResendLimit(taken) / 4) {
      acknowledged = taken;
      v1::ReceiveResponse response;
      response.set_acknowledged_bytes(taken);
      co_await writer.Write(std::move(response));
    }
    std::optional<v1::ReceiveRequest> request = co_await reader.Read();
    if (!connection.attached()) {
      co_return absl::AbortedError("the sender goes on over another connection");
    }
    if (!request.has_value()) {
      co_return absl::UnavailableError("the connection ended before the transfer was complete");
    }
    if (request->has_commit()) {
      connection.Take(request->commit());
    } else {
      connection.Take(std::move(*request->mutable_chunk()));
    }
  }
  co_return absl::OkStatus();
}

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
  // A connection that breaks cancels this coroutine, which must not end the transfer.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  if (caller.identity.kind != IdentityKind::kNode) {
    co_return absl::PermissionDeniedError("only a node's volume service sends snapshots");
  }
  std::optional<v1::ReceiveRequest> first = co_await reader.Read();
  if (!first.has_value() || !first->has_header()) {
    co_return absl::InvalidArgumentError("a transfer begins with its header");
  }
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<IncomingTransfer> transfer,
                             co_await FindOrBegin(first->header()));
  auto hang_up = [&context] { context.TryCancel(); };
  IncomingTransfer::Connection connection(transfer, std::move(hang_up));
  DROVER_CO_RETURN_IF_ERROR(
      co_await Carry(transfer, first->header().resume(), connection, reader, writer));
  DROVER_CO_ASSIGN_OR_RETURN(StoredSnapshot received, co_await transfer->Result());
  v1::ReceiveResponse response;
  response.set_acknowledged_bytes(transfer->taken_bytes());
  *response.mutable_received() = ToProto(received);
  co_await writer.Write(std::move(response));
  co_return absl::OkStatus();
}

Task<absl::StatusOr<std::shared_ptr<IncomingTransfer>>> TransferServiceImpl::FindOrBegin(
    v1::TransferHeader header) {
  DROVER_CO_ASSIGN_OR_RETURN(TransferOrder order, OrderFrom(header));
  if (header.resume()) co_return receiver_.Find(order);
  co_return co_await receiver_.Begin(std::move(order));
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
