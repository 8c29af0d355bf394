// Takes the snapshots that a peer sends for a reserved group.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_RECEIVER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_RECEIVER_H_

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/client/peer.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/incoming_transfer.h"
#include "services/volume/driver/stall_watch.h"

namespace drover::volume {

// Used on the io thread.
class Receiver {
 public:
  Receiver(boost::asio::any_io_executor executor, StorageBackend& backend, BlockingPool& pool,
           GroupStore& groups, absl::Duration stall_limit = kStallLimit)
      : executor_(std::move(executor)),
        backend_(backend),
        pool_(pool),
        groups_(groups),
        stall_limit_(1.5 * stall_limit) {}

  // Begins a transfer: what its connections bring is fed to the backend's program in the transfer's
  // private place, and the snapshot is accepted only if the stream was committed, the program ended
  // well, what it made is what was announced, and the group still receives for that migration. Else
  // all of it is deleted. It waits for its sender, connected or not, but ends as UNAVAILABLE
  // (STALLED) if nothing moves for long.
  Task<absl::StatusOr<std::shared_ptr<IncomingTransfer>>> Begin(TransferOrder order);

  // The one that was begun with that order, for a sender that lost its connection. UNAVAILABLE
  // (TRANSFER_LOST) if this run of the daemon does not know it: begin anew.
  absl::StatusOr<std::shared_ptr<IncomingTransfer>> Find(const TransferOrder& order) const;

  // NOT_FOUND for a transfer that this run of the daemon does not know.
  absl::StatusOr<TransferStatus> Status(const std::string& transfer) const;

  // Ends the transfers of an application: their programs are killed, nothing of them is accepted.
  void Cancel(const ApplicationName& application);
  // Forgets what has ended.
  void Forget(const ApplicationName& application);
  // At shutdown: ends them all, and answers when their programs are gone.
  Task<void> Stop();

 private:
  struct Transfer;

  static void GiveUp(Transfer& transfer);
  // The transfer into `volume` that has not ended; nullptr if there is none.
  std::shared_ptr<Transfer> UnderWay(const VolumeKey& volume) const;
  Task<absl::Status> Start(std::shared_ptr<Transfer> transfer);
  Task<absl::Status> StartProgram(std::shared_ptr<Transfer> transfer);
  // From the first part to the end.
  Task<void> Run(std::shared_ptr<Transfer> transfer);
  Task<absl::StatusOr<StoredSnapshot>> FeedAndAccept(std::shared_ptr<Transfer> transfer);
  Task<absl::Status> Feed(std::shared_ptr<Transfer> transfer);
  Task<absl::StatusOr<StoredSnapshot>> Accept(std::shared_ptr<Transfer> transfer);

  const boost::asio::any_io_executor executor_;
  StorageBackend& backend_;
  BlockingPool& pool_;
  GroupStore& groups_;
  const absl::Duration stall_limit_;
  std::map<std::string, std::shared_ptr<Transfer>> transfers_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_RECEIVER_H_
