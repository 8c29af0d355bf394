// One stream of a snapshot to a peer, over as many connections as it takes.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_GRPC_TRANSFER_H_
#define DROVER_SERVICES_VOLUME_CLIENT_GRPC_TRANSFER_H_

#include <grpcpp/support/byte_buffer.h>

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "drover/volume/v1/transfer_service.pb.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/client_call.h"
#include "services/volume/client/peer.h"
#include "services/volume/client/resend_window.h"
#include "services/volume/client/transfer_frames.h"

namespace drover::volume {

// One call of TransferService.Receive. Requests are given serialised: see WireChunk.
using ReceiveCall = BidiStream<grpc::ByteBuffer, v1::ReceiveResponse>;
using OpenReceiveCall = std::function<ReceiveCall(WhenUnreachable)>;

// Takes parts as long as its window has room, and sends them beside its caller. When the connection
// breaks it waits for another one, asks how much the peer has taken, and goes on there; whoever
// owns it decides for how long. Ends, with the peer's words, when the peer refuses. Used on one
// executor. Its coroutines keep it until it has ended: Cancel must be called at last.
class GrpcTransfer : public std::enable_shared_from_this<GrpcTransfer> {
 public:
  static std::shared_ptr<GrpcTransfer> Start(boost::asio::any_io_executor executor,
                                             OpenReceiveCall open, v1::TransferHeader header);

  // See OutgoingTransfer.
  Task<absl::Status> Write(std::string part);
  Task<absl::Status> Commit();
  void Cancel();
  int64_t resent_bytes() const { return window_.resent_bytes(); }

 private:
  struct Connection;

  GrpcTransfer(OpenReceiveCall open, v1::TransferHeader header)
      : open_(std::move(open)), header_(std::move(header)) {}
  // Connection after connection, until the transfer has ended.
  Task<void> Run();
  // All that is written, until the connection is over.
  Task<void> Send(std::shared_ptr<Connection> connection);
  // What the peer says, until the connection is over.
  Task<void> Follow(std::shared_ptr<Connection> connection);
  void End(absl::Status status);

  const OpenReceiveCall open_;
  v1::TransferHeader header_;
  FrameWriter frames_;
  ResendWindow window_;
  bool committed_ = false;
  std::shared_ptr<Connection> connection_;
  ChangeSignal changed_;
  bool cancelled_ = false;
  std::optional<absl::Status> ended_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_GRPC_TRANSFER_H_
