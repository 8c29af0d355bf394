#include "services/volume/driver/receiver.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/process/child.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

// A program that ran out of space says so only in words.
absl::Status RecogniseFullPool(const absl::Status& status) {
  if (!absl::StrContains(status.message(), "No space left on device") &&
      !absl::StrContains(status.message(), "out of space") &&
      !absl::StrContains(status.message(), "Disk quota exceeded")) {
    return status;
  }
  LOG(WARNING) << "the pool is full: " << status.message();
  return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL",
                          "this node's storage pool is full; make room in it");
}

}  // namespace

struct Receiver::Transfer {
  TransferOrder order;
  IncomingSnapshot incoming;
  TransferStatus status;
  bool cancelled = false;
  bool running = true;
  std::unique_ptr<Child> child;
};

Task<absl::StatusOr<StoredSnapshot>> Receiver::Receive(TransferOrder order, NextPart next,
                                                       std::function<void()> hang_up) {
  // The sender may die at any time: an exception would skip the cleaning up.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  if (order.backend != backend_.Kind()) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "BACKEND_MISMATCH",
        absl::StrCat("this node's pool is ", backend_.Kind(), ", the sender's is ", order.backend));
  }
  auto transfer = std::make_shared<Transfer>();
  transfer->order = order;
  transfer->incoming = {.volume = {order.application, order.volume_id},
                        .transfer = order.transfer,
                        .snapshot = order.snapshot};
  if (!order.base_identity.empty()) transfer->incoming.base_identity = order.base_identity;
  {
    AsyncMutex::Lock lock = co_await groups_.Lock(order.application);
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, groups_.Get(order.application));
    DROVER_CO_RETURN_IF_ERROR(CheckReceive(record, order.migration));
    if (FindVolume(record, order.volume_id) == nullptr) {
      co_return absl::NotFoundError(
          absl::StrCat("no volume ", VolumeDisplayName(order.application, order.volume_id),
                       " was reserved on this node"));
    }
    // A sender that begins anew has given up what it had begun.
    for (const auto& [name, other] : transfers_) {
      if (other->running && other->incoming.volume == transfer->incoming.volume) {
        other->cancelled = true;
        if (other->child != nullptr) other->child->Kill();
      }
    }
    auto begin = [this, incoming = transfer->incoming] { return backend_.BeginReceive(incoming); };
    DROVER_CO_ASSIGN_OR_RETURN(std::vector<std::string> command,
                               co_await RunBlocking(pool_, std::move(begin)));
    DROVER_CO_ASSIGN_OR_RETURN(
        transfer->child,
        Child::Start(executor_, std::move(command), {.pipe_input = true, .pipe_output = false}));
    transfers_[order.transfer] = transfer;
  }
  absl::Status fed = co_await Feed(transfer, std::move(next), std::move(hang_up));
  absl::StatusOr<StoredSnapshot> accepted = absl::InternalError("nothing was accepted");
  if (fed.ok()) {
    accepted = co_await Accept(transfer);
  } else {
    accepted = fed;
  }
  transfer->child.reset();
  transfer->running = false;
  if (accepted.ok()) {
    transfer->status.received = accepted->ref;
    co_return accepted;
  }
  auto discard = [this, incoming = transfer->incoming] {
    return backend_.DiscardReceived(incoming);
  };
  absl::Status discarded = co_await RunBlocking(pool_, std::move(discard));
  if (!discarded.ok()) LOG(WARNING) << "cannot discard a failed transfer: " << discarded;
  if (transfer->cancelled) co_return absl::AbortedError("the transfer was given up");
  co_return accepted.status();
}

Task<absl::Status> Receiver::Feed(std::shared_ptr<Transfer> transfer, NextPart next,
                                  std::function<void()> hang_up) {
  bool for_sender = false;
  auto give_up = [&for_sender, transfer, hang_up = std::move(hang_up)] {
    if (for_sender) hang_up();
    transfer->child->Kill();
  };
  StallWatch watch(executor_, stall_limit_, std::move(give_up));
  absl::Status broken;
  bool committed = false;
  while (true) {
    for_sender = true;
    absl::StatusOr<std::string> part = co_await next();
    for_sender = false;
    watch.Progress();
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != boost::asio::cancellation_type::none) {
      part = absl::UnavailableError("the transfer was given up");
    }
    if (!part.ok()) broken = part.status();
    committed = part.ok() && part->empty();
    if (!part.ok() || committed) break;
    absl::Status written = co_await transfer->child->Write(part->data(), part->size());
    // It does not read any more: its own words say why.
    if (!written.ok()) break;
    watch.Progress();
    transfer->status.bytes += static_cast<int64_t>(part->size());
  }
  if (!broken.ok()) transfer->child->Kill();
  transfer->child->CloseInput();
  absl::Status ended = co_await transfer->child->Wait();
  if (watch.stalled()) {
    co_return StatusWithReason(
        absl::StatusCode::kUnavailable, "STALLED",
        absl::StrCat("the stream made no progress for ", absl::FormatDuration(stall_limit_),
                     " after ", transfer->status.bytes, " bytes: ",
                     broken.ok() ? "this node's pool takes nothing more; look at its disk"
                                 : "the sender is silent; look at it and at the network"));
  }
  if (!broken.ok()) co_return broken;
  if (ended.ok() && !committed) {
    co_return absl::UnavailableError("the transfer ended before it was complete");
  }
  co_return RecogniseFullPool(ended);
}

Task<absl::StatusOr<StoredSnapshot>> Receiver::Accept(std::shared_ptr<Transfer> transfer) {
  AsyncMutex::Lock lock = co_await groups_.Lock(transfer->order.application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, groups_.Get(transfer->order.application));
  DROVER_CO_RETURN_IF_ERROR(CheckReceive(record, transfer->order.migration));
  if (transfer->cancelled) co_return absl::AbortedError("the transfer was given up");
  const VolumeRecord* volume = FindVolume(record, transfer->order.volume_id);
  auto accept = [this, incoming = transfer->incoming, base = volume->base,
                 migration =
                     transfer->order.migration.migration]() -> absl::StatusOr<StoredSnapshot> {
    DROVER_ASSIGN_OR_RETURN(StoredSnapshot accepted, backend_.AcceptReceived(incoming));
    // Earlier rounds' snapshots have done their work: the next one builds on this.
    DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> all,
                            backend_.ListSnapshots(incoming.volume));
    for (const StoredSnapshot& one : all) {
      const bool earlier = MigrationOfSnapshot(one.ref.name) == migration &&
                           one.ref.name != accepted.ref.name && one.ref != base;
      if (earlier) DROVER_RETURN_IF_ERROR(backend_.DeleteSnapshot(incoming.volume, one.ref.name));
    }
    return accepted;
  };
  co_return co_await RunBlocking(pool_, std::move(accept));
}

absl::StatusOr<TransferStatus> Receiver::Status(const std::string& transfer) const {
  const auto found = transfers_.find(transfer);
  if (found != transfers_.end()) return found->second->status;
  return absl::NotFoundError(absl::StrCat("no transfer ", transfer, " is known here"));
}

void Receiver::Cancel(const ApplicationName& application) {
  for (const auto& [name, transfer] : transfers_) {
    if (transfer->order.application != application || !transfer->running) continue;
    transfer->cancelled = true;
    if (transfer->child != nullptr) transfer->child->Kill();
  }
}

void Receiver::Forget(const ApplicationName& application) {
  std::erase_if(transfers_, [&](const auto& entry) {
    return entry.second->order.application == application && !entry.second->running;
  });
}

}  // namespace drover::volume
