// One stream on its way in, between the connections that bring it and the program that takes it.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_INCOMING_TRANSFER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_INCOMING_TRANSFER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/change_signal.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/client/peer.h"
#include "services/volume/client/transfer_frames.h"

namespace drover::volume {

struct TransferStatus {
  int64_t bytes = 0;
  // Set once it is complete.
  std::optional<SnapshotRef> received;
};

// A connection attaches itself and puts frames in, the receiver takes their data out. When the
// connection breaks, everything stays as it is, until another one attaches itself or the receiver
// ends the transfer. Used on one executor; its waiting methods end when their coroutine is
// cancelled.
class IncomingTransfer : public std::enable_shared_from_this<IncomingTransfer> {
 public:
  explicit IncomingTransfer(TransferOrder order) : order_(std::move(order)) {}

  const TransferOrder& order() const { return order_; }
  // How much of the stream is here for good.
  int64_t taken_bytes() const { return frames_.bytes(); }

  // Lets its maker put frames in, until it is destroyed or another one is made.
  class Connection {
   public:
    // The connection before is hung up. `hang_up` ends a read that is waited for.
    Connection(std::shared_ptr<IncomingTransfer> transfer, std::function<void()> hang_up);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void HangUp() const { hang_up_(); }
    bool attached() const { return transfer_->attached_ == this; }
    // Until there is room for the next frame. False if none is wanted of this connection any more.
    Task<bool> Room();
    // The next frame; only while attached(). A damaged one ends the transfer.
    void Take(v1::TransferChunk chunk);
    void Take(const v1::TransferCommit& commit);

   private:
    const std::shared_ptr<IncomingTransfer> transfer_;
    const std::function<void()> hang_up_;
  };

  // The next part of the stream; empty when it was committed and is complete; else why it broke.
  Task<absl::StatusOr<std::string>> Next();
  // Nothing more is taken. Next answers `why`.
  void Break(absl::Status why);
  // The sender is not heard any more.
  void HangUp();

  TransferStatus status() const;
  void End(absl::StatusOr<StoredSnapshot> result);
  bool ended() const { return result_.has_value(); }
  // What it came to, once it has ended. UNAVAILABLE if the coroutine is cancelled.
  Task<absl::StatusOr<StoredSnapshot>> Result();

 private:
  const TransferOrder order_;
  FrameReader frames_;
  // Read ahead of the program.
  std::deque<std::string> parts_;
  int64_t parts_bytes_ = 0;
  bool committed_ = false;
  absl::Status broken_;
  std::optional<absl::StatusOr<StoredSnapshot>> result_;
  Connection* attached_ = nullptr;
  ChangeSignal changed_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_INCOMING_TRANSFER_H_
