// TransferService: streams of snapshots from other nodes.
#ifndef DROVER_SERVICES_VOLUME_SERVICE_TRANSFER_SERVICE_H_
#define DROVER_SERVICES_VOLUME_SERVICE_TRANSFER_SERVICE_H_

#include <memory>

#include "drover/volume/v1/transfer_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/volume/driver/receiver.h"

namespace drover::volume {

// gRPC calls it from its own threads; every handler's coroutine runs on the io thread.
class TransferServiceImpl : public v1::TransferService::CallbackService {
 public:
  TransferServiceImpl(CallScope& calls, Receiver& receiver) : calls_(calls), receiver_(receiver) {}

  grpc::ServerBidiReactor<v1::ReceiveRequest, v1::ReceiveResponse>* Receive(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* GetTransfer(grpc::CallbackServerContext* context,
                                        const v1::GetTransferRequest* request,
                                        v1::GetTransferResponse* response) override;

 private:
  Task<absl::Status> DoReceive(Caller caller, grpc::CallbackServerContext& context,
                               RequestReader<v1::ReceiveRequest>& reader,
                               ResponseWriter<v1::ReceiveResponse>& writer);
  // The transfer that this connection begins, or goes on with.
  Task<absl::StatusOr<std::shared_ptr<IncomingTransfer>>> FindOrBegin(v1::TransferHeader header);

  CallScope& calls_;
  Receiver& receiver_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_SERVICE_TRANSFER_SERVICE_H_
