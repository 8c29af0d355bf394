// Takes the snapshots that a peer sends for a reserved group.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_RECEIVER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_RECEIVER_H_

#include <boost/asio/any_io_executor.hpp>
#include <functional>
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
#include "services/volume/driver/stall_watch.h"

namespace drover::volume {

// The next verified bytes of a stream; empty when it was committed and is complete; an error if it
// was damaged or broke off.
using NextPart = std::function<Task<absl::StatusOr<std::string>>()>;

struct TransferStatus {
  int64_t bytes = 0;
  // Set once it is complete.
  std::optional<SnapshotRef> received;
};

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

  // Feeds the stream to the backend's program in the transfer's private place, and accepts the
  // snapshot only if the stream was committed, the program ended well, what it made is what was
  // announced, and the group still receives for that migration. Else all of it is deleted, also if
  // the calling coroutine is cancelled. UNAVAILABLE (STALLED) if nothing moves for long: a `next`
  // that is waited for then must answer at once when `hang_up` is called.
  Task<absl::StatusOr<StoredSnapshot>> Receive(TransferOrder order, NextPart next,
                                               std::function<void()> hang_up);

  // NOT_FOUND for a transfer that this run of the daemon does not know.
  absl::StatusOr<TransferStatus> Status(const std::string& transfer) const;

  // Ends the transfers of an application: their programs are killed, nothing of them is accepted.
  void Cancel(const ApplicationName& application);
  // Forgets what has ended.
  void Forget(const ApplicationName& application);

 private:
  struct Transfer;

  Task<absl::Status> Feed(std::shared_ptr<Transfer> transfer, NextPart next,
                          std::function<void()> hang_up);
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
