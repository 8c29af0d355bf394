#include "services/volume/driver/receiver.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
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

// The program goes on with it while we wait for the disk or the network elsewhere.
constexpr int kPipe = 1 << 20;

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
  explicit Transfer(TransferOrder order)
      : stream(std::make_shared<IncomingTransfer>(std::move(order))) {
    const TransferOrder& what = stream->order();
    incoming = {.volume = {what.application, what.volume_id},
                .transfer = what.transfer,
                .snapshot = what.snapshot};
    if (!what.base_identity.empty()) incoming.base_identity = what.base_identity;
  }

  std::shared_ptr<IncomingTransfer> stream;
  IncomingSnapshot incoming;
  bool cancelled = false;
  std::unique_ptr<Child> child;
};

Task<absl::StatusOr<std::shared_ptr<IncomingTransfer>>> Receiver::Begin(TransferOrder order) {
  if (order.backend != backend_.Kind()) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "BACKEND_MISMATCH",
        absl::StrCat("this node's pool is ", backend_.Kind(), ", the sender's is ", order.backend));
  }
  auto transfer = std::make_shared<Transfer>(std::move(order));
  DROVER_CO_RETURN_IF_ERROR(co_await Start(transfer));
  auto done = [](std::exception_ptr exception) {
    if (exception != nullptr) std::rethrow_exception(exception);
  };
  boost::asio::co_spawn(executor_, Run(transfer), std::move(done));
  co_return transfer->stream;
}

Task<absl::Status> Receiver::Start(std::shared_ptr<Transfer> transfer) {
  const TransferOrder& order = transfer->stream->order();
  while (true) {
    AsyncMutex::Lock lock = co_await groups_.Lock(order.application);
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, groups_.Get(order.application));
    DROVER_CO_RETURN_IF_ERROR(CheckReceive(record, order.migration));
    if (FindVolume(record, order.volume_id) == nullptr) {
      co_return absl::NotFoundError(
          absl::StrCat("no volume ", VolumeDisplayName(order.application, order.volume_id),
                       " was reserved on this node"));
    }
    const std::shared_ptr<Transfer> other = UnderWay(transfer->incoming.volume);
    if (other == nullptr) {
      // Known before it goes: a claim must not count on what is no more.
      const bool replaces = order.base_identity.empty() && backend_.FullStreamReplaces();
      if (replaces) record = ForgetBase(record, order.volume_id);
      DROVER_CO_RETURN_IF_ERROR(co_await groups_.Save(record));
      co_return co_await StartProgram(transfer);
    }
    // A sender that begins anew has given up what it had begun. Two programs would be in each
    // other's way; the lock is needed by one that is about to be accepted.
    GiveUp(*other);
    lock.Release();
    (void)co_await other->stream->Result();
    if (!other->stream->ended()) co_return absl::CancelledError("the sender is gone");
  }
}

Task<absl::Status> Receiver::StartProgram(std::shared_ptr<Transfer> transfer) {
  auto begin = [this, incoming = transfer->incoming] { return backend_.BeginReceive(incoming); };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<std::string> command,
                             co_await RunBlocking(pool_, std::move(begin)));
  const ChildOptions options{.pipe_input = true, .pipe_bytes = kPipe};
  DROVER_CO_ASSIGN_OR_RETURN(transfer->child, Child::Start(executor_, std::move(command), options));
  transfers_[transfer->incoming.transfer] = transfer;
  co_return absl::OkStatus();
}

std::shared_ptr<Receiver::Transfer> Receiver::UnderWay(const VolumeKey& volume) const {
  for (const auto& [name, transfer] : transfers_) {
    if (transfer->incoming.volume == volume && !transfer->stream->ended()) return transfer;
  }
  return nullptr;
}

Task<void> Receiver::Run(std::shared_ptr<Transfer> transfer) {
  absl::StatusOr<StoredSnapshot> accepted = co_await FeedAndAccept(transfer);
  transfer->child.reset();
  if (accepted.ok()) co_return transfer->stream->End(std::move(accepted));
  auto discard = [this, incoming = transfer->incoming] {
    return backend_.DiscardReceived(incoming);
  };
  absl::Status discarded = co_await RunBlocking(pool_, std::move(discard));
  if (!discarded.ok()) LOG(WARNING) << "cannot discard a failed transfer: " << discarded;
  if (transfer->cancelled) accepted = absl::AbortedError("the transfer was given up");
  transfer->stream->End(std::move(accepted));
}

Task<absl::StatusOr<StoredSnapshot>> Receiver::FeedAndAccept(std::shared_ptr<Transfer> transfer) {
  DROVER_CO_RETURN_IF_ERROR(co_await Feed(transfer));
  co_return co_await Accept(transfer);
}

Task<absl::Status> Receiver::Feed(std::shared_ptr<Transfer> transfer) {
  const std::shared_ptr<IncomingTransfer> stream = transfer->stream;
  Child& child = *transfer->child;
  bool for_sender = false;
  auto give_up = [&for_sender, stream, &child] {
    stream->Break(absl::UnavailableError("the sender is silent"));
    if (for_sender) stream->HangUp();
    child.Kill();
  };
  StallWatch watch(executor_, stall_limit_, std::move(give_up));
  absl::Status broken;
  bool committed = false;
  while (true) {
    for_sender = true;
    absl::StatusOr<std::string> part = co_await stream->Next();
    for_sender = false;
    watch.Progress();
    if (!part.ok()) broken = part.status();
    committed = part.ok() && part->empty();
    if (!part.ok() || committed) break;
    absl::Status written = co_await child.Write(part->data(), part->size());
    // It does not read any more: its own words say why.
    if (!written.ok()) break;
    watch.Progress();
  }
  if (!broken.ok()) child.Kill();
  child.CloseInput();
  absl::Status ended = co_await child.Wait();
  if (watch.stalled()) {
    co_return StatusWithReason(
        absl::StatusCode::kUnavailable, "STALLED",
        absl::StrCat("the stream made no progress for ", absl::FormatDuration(stall_limit_),
                     " after ", stream->taken_bytes(), " bytes: ",
                     broken.ok() ? "this node's pool takes nothing more; look at its disk"
                                 : "the sender is silent; look at it and at the network"));
  }
  if (!broken.ok()) co_return broken;
  if (ended.ok() && !committed) {
    co_return absl::DataLossError("the receiving program ended before the stream did");
  }
  co_return RecogniseFullPool(ended);
}

Task<absl::StatusOr<StoredSnapshot>> Receiver::Accept(std::shared_ptr<Transfer> transfer) {
  AsyncMutex::Lock lock = co_await groups_.Lock(transfer->stream->order().application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record,
                             groups_.Get(transfer->stream->order().application));
  DROVER_CO_RETURN_IF_ERROR(CheckReceive(record, transfer->stream->order().migration));
  if (transfer->cancelled) co_return absl::AbortedError("the transfer was given up");
  const VolumeRecord* volume = FindVolume(record, transfer->stream->order().volume_id);
  auto accept =
      [this, incoming = transfer->incoming, base = volume->base,
       migration =
           transfer->stream->order().migration.migration]() -> absl::StatusOr<StoredSnapshot> {
    DROVER_ASSIGN_OR_RETURN(StoredSnapshot accepted, backend_.AcceptReceived(incoming));
    // The application waits for the final delta: PREPARED makes it durable, the move's end cleans
    // up.
    if (accepted.ref.name == MigrationSnapshotName(migration, 0)) return accepted;
    DROVER_RETURN_IF_ERROR(backend_.Sync());
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

absl::StatusOr<std::shared_ptr<IncomingTransfer>> Receiver::Find(const TransferOrder& order) const {
  const auto found = transfers_.find(order.transfer);
  if (found != transfers_.end() && found->second->stream->order() == order) {
    return found->second->stream;
  }
  return StatusWithReason(absl::StatusCode::kUnavailable, "TRANSFER_LOST",
                          "the destination was restarted and has discarded the unfinished copy");
}

absl::StatusOr<TransferStatus> Receiver::Status(const std::string& transfer) const {
  const auto found = transfers_.find(transfer);
  if (found == transfers_.end()) {
    return absl::NotFoundError(absl::StrCat("no transfer ", transfer, " is known here"));
  }
  return found->second->stream->status();
}

void Receiver::GiveUp(Transfer& transfer) {
  if (transfer.stream->ended()) return;
  transfer.cancelled = true;
  transfer.stream->Break(absl::AbortedError("the transfer was given up"));
  if (transfer.child != nullptr) transfer.child->Kill();
}

void Receiver::Cancel(const ApplicationName& application) {
  for (const auto& [name, transfer] : transfers_) {
    if (transfer->incoming.volume.application == application) GiveUp(*transfer);
  }
}

void Receiver::Forget(const ApplicationName& application) {
  std::erase_if(transfers_, [&](const auto& entry) {
    return entry.second->incoming.volume.application == application &&
           entry.second->stream->ended();
  });
}

Task<void> Receiver::Stop() {
  const auto transfers = transfers_;
  for (const auto& [name, transfer] : transfers) GiveUp(*transfer);
  for (const auto& [name, transfer] : transfers) (void)co_await transfer->stream->Result();
}

}  // namespace drover::volume
