#include "services/volume/driver/push_rounds.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

namespace asio = boost::asio;

constexpr int64_t kChunk = 256 << 10;
// The program goes on reading the disk while we send: four chunks, instead of a quarter of one.
constexpr int kPipe = 1 << 20;
// The destination verifies and syncs: it may have to write out all that its memory holds.
constexpr int kAcceptFactor = 10;
constexpr auto kProgressEvery = std::chrono::milliseconds(200);

struct SendPlan {
  // Absent: the whole is sent.
  std::optional<SnapshotRef> base;
  std::vector<std::string> command;
};

// The newest of `local` (oldest first) that the peer holds too, other than the one to be sent.
std::optional<SnapshotRef> NewestCommon(const std::vector<StoredSnapshot>& local,
                                        const std::vector<SnapshotRef>& held,
                                        const SnapshotRef& except) {
  for (auto one = local.rbegin(); one != local.rend(); ++one) {
    const bool common = std::any_of(held.begin(), held.end(), [&](const SnapshotRef& other) {
      return other.identity == one->ref.identity;
    });
    if (common && one->ref != except) return one->ref;
  }
  return std::nullopt;
}

// A part of that size, or what there is at the stream's end: parts as small as a program's writes
// would cost more than their bytes.
Task<absl::StatusOr<std::string>> ReadPart(Child& child, int64_t size, StallWatch& watch) {
  std::string part(size, '\0');
  size_t filled = 0;
  while (filled < part.size()) {
    DROVER_CO_ASSIGN_OR_RETURN(size_t count,
                               co_await child.Read(part.data() + filled, part.size() - filled));
    watch.Progress();
    if (count == 0) break;
    filled += count;
  }
  part.resize(filled);
  co_return part;
}

}  // namespace

class PushRounds::Round : public std::enable_shared_from_this<Round> {
 public:
  Round(asio::any_io_executor executor, PushOrder order, bool is_repeated)
      : is_repeated(is_repeated), order_(std::move(order)), changed_(executor) {
    changed_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  const PushOrder& order() const { return order_; }
  bool finished() const { return result_.has_value(); }
  bool failed() const { return result_.has_value() && !result_->ok(); }
  const absl::StatusOr<PushResult>& result() const { return *result_; }

  void Finish(absl::StatusOr<PushResult> result) {
    result_ = std::move(result);
    changed_.cancel();
  }
  // Ends the stream that is under way, and lets no other begin.
  void Cancel() {
    cancelled_ = true;
    if (transfer_ != nullptr) transfer_->Cancel();
    if (child_ != nullptr) child_->Kill();
  }
  bool cancelled() const { return cancelled_; }

  // Until the round has finished.
  Task<void> Finished() {
    while (!finished()) co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  // Until then, or for a moment.
  Task<void> FinishedOrAMoment() {
    asio::steady_timer timer(changed_.get_executor(), kProgressEvery);
    // Waking all waiters is harmless: each looks again at what it waits for. A timer that has
    // expired already wakes even after it is destroyed here: nothing but this may keep the round.
    auto wake = [self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->changed_.cancel();
    };
    timer.async_wait(std::move(wake));
    if (!finished()) co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  // An earlier attempt failed.
  const bool is_repeated;
  PushProgress progress;
  int64_t resent_bytes = 0;
  // What Cancel ends; set while a stream is under way.
  OutgoingTransfer* transfer_ = nullptr;
  Child* child_ = nullptr;

 private:
  const PushOrder order_;
  asio::steady_timer changed_;  // Never expires; cancelling it wakes whoever waits.
  std::optional<absl::StatusOr<PushResult>> result_;
  bool cancelled_ = false;
};

Task<absl::StatusOr<PushResult>> PushRounds::Run(
    PushOrder order, std::function<Task<bool>(PushProgress)> on_progress) {
  const auto key = std::make_pair(order.key.migration, order.round);
  std::shared_ptr<Round> round = rounds_[key];
  if (round != nullptr && !round->failed() &&
      (round->order().destination != order.destination || round->order().key != order.key ||
       round->order().application != order.application)) {
    co_return absl::AlreadyExistsError(absl::StrCat("round ", order.round, " of migration ",
                                                    order.key.migration.value(),
                                                    " was begun with other parameters"));
  }
  if (round == nullptr || round->failed()) {
    round = std::make_shared<Round>(deps_.executor, order, round != nullptr);
    rounds_[key] = round;
    auto done = [round](std::exception_ptr exception, absl::StatusOr<PushResult> result) {
      if (exception != nullptr) std::rethrow_exception(exception);
      round->Finish(std::move(result));
    };
    asio::co_spawn(deps_.executor, Push(round), std::move(done));
  }
  while (!round->finished()) {
    if (!co_await on_progress(round->progress)) {
      co_return absl::CancelledError("the caller is gone; the round goes on");
    }
    co_await round->FinishedOrAMoment();
  }
  co_return round->result();
}

Task<void> PushRounds::Cancel(MigrationId migration) {
  std::vector<std::shared_ptr<Round>> rounds;
  for (const auto& [key, round] : rounds_) {
    if (key.first == migration && round != nullptr) rounds.push_back(round);
  }
  for (const auto& round : rounds) {
    if (!round->finished()) round->Cancel();
    co_await round->Finished();
  }
}

void PushRounds::Forget(const MigrationId& migration) {
  std::erase_if(rounds_, [&](const auto& entry) { return entry.first.first == migration; });
}

Task<void> PushRounds::CancelAll() {
  std::vector<MigrationId> migrations;
  for (const auto& [key, round] : rounds_) migrations.push_back(key.first);
  for (const MigrationId& migration : migrations) co_await Cancel(migration);
}

Task<absl::StatusOr<PushResult>> PushRounds::Push(std::shared_ptr<Round> round) {
  const PushOrder& order = round->order();
  const absl::Time begun = deps_.clock.Now();
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<SnapshotRef> snapshots, co_await TakeSnapshots(order));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(order.application));
  std::shared_ptr<Peer> peer = deps_.peers.Connect(order.destination, order.address);
  DROVER_CO_ASSIGN_OR_RETURN(HeldSnapshots held, co_await Held(round, peer));
  PushResult result{.snapshots = snapshots};
  for (size_t i = 0; i < snapshots.size(); ++i) {
    const std::string volume_id = record.volumes[i].id;
    auto sent = co_await SendVolume(round, peer, volume_id, snapshots[i], held[volume_id]);
    if (ReasonOf(sent.status()) == "WRONG_BASE") {
      LOG(WARNING) << About{order.key.migration.value(), order.application.value(), "copy"}
                   << sent.status().message() << "; it is sent whole";
      std::vector<SnapshotRef> nothing;
      sent = co_await SendVolume(round, peer, volume_id, snapshots[i], std::move(nothing));
    }
    if (round->cancelled()) co_return absl::AbortedError("the migration was aborted");
    // What was taken for there is not: the next attempt asks.
    if (ReasonOf(sent.status()) == "BASE_MISSING" && !round->is_repeated) {
      sent = absl::UnavailableError(sent.status().message());
    }
    if (!sent.ok()) {
      co_return Annotate(sent.status(),
                         absl::StrCat("sending ", VolumeDisplayName(order.application, volume_id),
                                      " to node ", order.destination.value()));
    }
    result.incremental = result.incremental && *sent;
  }
  // The application waits for the final delta; the move's end cleans up.
  if (order.round > 0) co_await PruneEarlierRounds(order, snapshots);
  result.bytes = round->progress.sent_bytes;
  result.resent_bytes = round->resent_bytes;
  result.duration = deps_.clock.Now() - begun;
  LOG(INFO) << About{order.key.migration.value(), order.application.value(), "copy"} << "round "
            << order.round << ": " << result.bytes << " bytes in " << result.duration << ", "
            << result.resent_bytes << " of them twice";
  co_return result;
}

std::optional<PushResult> PushRounds::LastSent(const PushOrder& order) const {
  std::optional<PushResult> last;
  for (const auto& [key, round] : rounds_) {
    // In the order of the rounds.
    if (key.first == order.key.migration && round != nullptr && round->finished() &&
        !round->failed()) {
      last = *round->result();
    }
  }
  return last;
}

Task<absl::StatusOr<PushRounds::HeldSnapshots>> PushRounds::Held(std::shared_ptr<Round> round,
                                                                 std::shared_ptr<Peer> peer) {
  const PushOrder& order = round->order();
  const std::optional<PushResult> last = LastSent(order);
  if (order.round == 0 && !round->is_repeated && last.has_value()) {
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(order.application));
    HeldSnapshots held;
    for (size_t i = 0; i < last->snapshots.size(); ++i) {
      held[record.volumes[i].id] = {last->snapshots[i]};
    }
    co_return held;
  }
  auto held = co_await peer->Snapshots(order.application);
  if (held.ok()) co_return held;
  co_return Annotate(held.status(), absl::StrCat("cannot ask node ", order.destination.value()));
}

Task<absl::StatusOr<std::vector<SnapshotRef>>> PushRounds::TakeSnapshots(PushOrder order) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(order.application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(order.application));
  DROVER_CO_RETURN_IF_ERROR(CheckPush(record, order.key, order.round == 0));
  std::vector<SnapshotRef> snapshots;
  if (order.round == 0) {
    for (const VolumeRecord& volume : record.volumes) snapshots.push_back(volume.final.value());
    co_return snapshots;
  }
  const std::string name = MigrationSnapshotName(order.key.migration, order.round);
  auto take = [this, record, name]() -> absl::StatusOr<std::vector<SnapshotRef>> {
    std::vector<SnapshotRef> taken;
    for (const VolumeRecord& volume : record.volumes) {
      const VolumeKey key{record.application, volume.id};
      DROVER_RETURN_IF_ERROR(deps_.backend.CheckNoNested(key));
      DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> existing,
                              deps_.backend.ListSnapshots(key));
      // Taken before this daemon was restarted: it may be at the destination already.
      const auto found =
          std::find_if(existing.begin(), existing.end(),
                       [&](const StoredSnapshot& one) { return one.ref.name == name; });
      if (found != existing.end()) {
        taken.push_back(found->ref);
        continue;
      }
      DROVER_ASSIGN_OR_RETURN(StoredSnapshot made, deps_.backend.CreateSnapshot(key, name));
      taken.push_back(made.ref);
    }
    DROVER_RETURN_IF_ERROR(deps_.backend.Sync());
    return taken;
  };
  co_return co_await RunBlocking(deps_.pool, std::move(take));
}

Task<absl::StatusOr<bool>> PushRounds::SendVolume(std::shared_ptr<Round> round,
                                                  std::shared_ptr<Peer> peer, std::string volume_id,
                                                  SnapshotRef snapshot,
                                                  std::vector<SnapshotRef> held) {
  const PushOrder& order = round->order();
  const bool there = std::any_of(held.begin(), held.end(), [&](const SnapshotRef& other) {
    return other.identity == snapshot.identity;
  });
  if (there) co_return true;
  const VolumeKey key{order.application, volume_id};
  auto make = [this, key, snapshot, held]() -> absl::StatusOr<SendPlan> {
    SendPlan plan;
    DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> local, deps_.backend.ListSnapshots(key));
    plan.base = NewestCommon(local, held, snapshot);
    std::optional<std::string> base_name;
    if (plan.base.has_value()) {
      base_name = plan.base->name;
    }
    DROVER_ASSIGN_OR_RETURN(plan.command, deps_.backend.SendCommand(key, snapshot.name, base_name));
    return plan;
  };
  DROVER_CO_ASSIGN_OR_RETURN(SendPlan plan, co_await RunBlocking(deps_.pool, std::move(make)));
  const std::optional<SnapshotRef>& base = plan.base;
  // How much an increment takes is known only when it has been sent.
  if (!base.has_value()) round->progress.total_bytes += deps_.sizes.LastKnown(key);
  if (round->cancelled()) co_return absl::AbortedError("the migration was aborted");
  TransferOrder header{.transfer = RandomHex(16),
                       .application = order.application,
                       .volume_id = volume_id,
                       .migration = order.key,
                       .snapshot = snapshot,
                       .base_identity = base.has_value() ? base->identity : "",
                       .backend = deps_.backend.Kind()};
  std::unique_ptr<OutgoingTransfer> transfer = co_await peer->StartTransfer(std::move(header));
  round->transfer_ = transfer.get();
  absl::Status status = co_await Stream(round, *transfer, std::move(plan.command));
  round->transfer_ = nullptr;
  round->resent_bytes += transfer->resent_bytes();
  if (!status.ok()) co_return status;
  co_return base.has_value();
}

Task<absl::Status> PushRounds::Stream(std::shared_ptr<Round> round, OutgoingTransfer& transfer,
                                      std::vector<std::string> command) {
  const ChildOptions options{.pipe_output = true, .pipe_bytes = kPipe};
  DROVER_CO_ASSIGN_OR_RETURN(std::unique_ptr<Child> child,
                             Child::Start(deps_.executor, std::move(command), options));
  // Whatever way this ends, Cancel must not find the child any more.
  struct Unset {
    Round& round;
    ~Unset() { round.child_ = nullptr; }
  } unset{*round};
  round->child_ = child.get();
  // Whichever of the two is waited for answers with an error then.
  auto give_up = [&transfer, child = child.get()] {
    transfer.Cancel();
    child->Kill();
  };
  StallWatch watch(deps_.executor, deps_.stall_limit, std::move(give_up));
  absl::Status copied = co_await Copy(round, *child, transfer, watch);
  if (!watch.stalled()) co_return copied;
  co_return StatusWithReason(
      absl::StatusCode::kUnavailable, "STALLED",
      absl::StrCat("the stream made no progress for ", absl::FormatDuration(deps_.stall_limit),
                   " after ", round->progress.sent_bytes,
                   " bytes and was ended; look at the network and at both nodes' disks"));
}

Task<absl::Status> PushRounds::Copy(std::shared_ptr<Round> round, Child& child,
                                    OutgoingTransfer& transfer, StallWatch& watch) {
  const int64_t rate = round->order().bytes_per_second;
  const absl::Time begun = deps_.clock.Now();
  int64_t sent = 0;
  // With a limit of speed, parts of at most a second: a pause is no stall.
  const int64_t part_size = rate > 0 ? std::min(kChunk, rate) : kChunk;
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(std::string part, co_await ReadPart(child, part_size, watch));
    if (part.empty()) break;
    const auto size = static_cast<int64_t>(part.size());
    DROVER_CO_RETURN_IF_ERROR(co_await transfer.Write(std::move(part)));
    sent += size;
    round->progress.sent_bytes += size;
    co_await Pace(rate, sent, begun);
    watch.Progress();
  }
  // The stream counts only if its program ended well: never commit without knowing.
  DROVER_CO_RETURN_IF_ERROR(co_await child.Wait());
  watch.Allow(kAcceptFactor * deps_.stall_limit);
  co_return co_await transfer.Commit();
}

Task<void> PushRounds::Pace(int64_t rate, int64_t sent, absl::Time begun) const {
  if (rate <= 0) co_return;
  const absl::Duration due = absl::Seconds(static_cast<double>(sent) / static_cast<double>(rate));
  const absl::Duration ahead = due - (deps_.clock.Now() - begun);
  if (ahead > absl::ZeroDuration()) co_await deps_.sleeper.SleepFor(ahead);
}

Task<void> PushRounds::PruneEarlierRounds(PushOrder order, std::vector<SnapshotRef> sent) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(order.application);
  absl::StatusOr<GroupRecord> record = deps_.groups.Get(order.application);
  if (!record.ok() || record->lock != order.key) co_return;
  auto prune = [this, record = *record, order, sent] {
    for (size_t i = 0; i < sent.size() && i < record.volumes.size(); ++i) {
      const VolumeKey key{order.application, record.volumes[i].id};
      DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots,
                              deps_.backend.ListSnapshots(key));
      for (const StoredSnapshot& one : snapshots) {
        const bool earlier = MigrationOfSnapshot(one.ref.name) == order.key.migration &&
                             one.ref != sent[i] && one.ref != record.volumes[i].base;
        if (earlier) DROVER_RETURN_IF_ERROR(deps_.backend.DeleteSnapshot(key, one.ref.name));
      }
    }
    return absl::OkStatus();
  };
  absl::Status status = co_await RunBlocking(deps_.pool, std::move(prune));
  // They are deleted at the end of the migration at the latest.
  if (!status.ok()) LOG(WARNING) << "cannot delete earlier rounds' snapshots: " << status;
}

}  // namespace drover::volume
