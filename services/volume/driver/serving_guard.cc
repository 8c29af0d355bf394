#include "services/volume/driver/serving_guard.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {
namespace {

// Less than a caller's deadline, so that it hears why.
constexpr absl::Duration kLongestWait = absl::Seconds(20);

absl::Status Refusal(Doubt doubt, const ApplicationName& application) {
  const std::string& name = application.value();
  switch (doubt) {
    case Doubt::kNone:
      return absl::OkStatus();
    case Doubt::kAwaitsCoordinator:
      return StatusWithReason(
          absl::StatusCode::kUnavailable, "AWAITS_COORDINATOR",
          absl::StrCat("the volumes of ", name,
                       " are served once the coordinator has said that they are still this "
                       "node's; see that it runs and reaches this node"));
    case Doubt::kOlderPool:
      return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "OLDER_POOL",
          absl::StrCat("this node's pool was put back to an older time, and writes of ", name,
                       " that came later are not in it; put the newer pool back, or give those "
                       "writes up with `drover volumes claim`"));
  }
  return absl::OkStatus();
}

}  // namespace

Task<absl::Status> ServingGuard::Begin() {
  auto look = [this] { return deps_.backend.GetPool(); };
  DROVER_CO_ASSIGN_OR_RETURN(PoolInfo pool, co_await RunBlocking(deps_.pool, std::move(look)));
  pool_identity_ = std::move(pool.identity);
  auto read = [this] { return deps_.file.Read(); };
  DROVER_CO_ASSIGN_OR_RETURN(witness_, co_await RunBlocking(deps_.pool, std::move(read)));
  for (const GroupRecord& record : deps_.groups.All()) {
    if (!IsOwner(record.state)) continue;
    const Trust trust = Judge(witness_, pool_identity_, record);
    doubted_[record.application] = {record.generation, trust};
    LOG_IF(ERROR, trust == Trust::kOlder)
        << Refusal(Doubt::kOlderPool, record.application).message();
  }
  background_.Spawn("patience with the coordinator", StopWaiting());
  background_.Spawn("witness", KeepWitness());
  co_return absl::OkStatus();
}

Task<void> ServingGuard::StopWaiting() {
  absl::Duration left = patience_;
  while (left > absl::ZeroDuration()) {
    co_await deps_.sleeper.SleepFor(left);
    if (background_.stopping()) co_return;
    left = heard_ + patience_ - deps_.clock.Now();
  }
  const size_t before = doubted_.size();
  std::erase_if(doubted_, [](const auto& one) { return one.second.trust == Trust::kSame; });
  LOG_IF(WARNING, doubted_.size() < before)
      << "no coordinator calls: serving what this node's own witness says is its";
  deps_.groups.changed().Notify();
}

Task<void> ServingGuard::KeepWitness() {
  while (!background_.stopping()) {
    const uint64_t seen = deps_.groups.changed().count();
    co_await WriteWitness();
    co_await deps_.groups.changed().Wait(seen);
  }
}

Task<void> ServingGuard::WriteWitness() {
  Witness now = WitnessOfNow();
  if (now == witness_) co_return;
  auto write = [this, now] { return deps_.file.Write(now); };
  const absl::Status written = co_await RunBlocking(deps_.pool, std::move(write));
  // The next change tries again; what is missing meanwhile is only the ability to notice.
  if (!written.ok()) LOG(ERROR) << "cannot write the witness: " << written;
  if (written.ok()) witness_ = std::move(now);
}

Task<void> ServingGuard::Stop() {
  co_await background_.Stop();
  co_await WriteWitness();
}

Witness ServingGuard::WitnessOfNow() const {
  Witness witness{.pool_identity = pool_identity_};
  const bool same_pool = witness_.has_value() && witness_->pool_identity == pool_identity_;
  for (const GroupRecord& record : deps_.groups.All()) {
    const auto doubted = doubted_.find(record.application);
    const bool vouched_for = doubted == doubted_.end() || doubted->second.trust == Trust::kSame ||
                             DoubtAbout(record) == Doubt::kNone;
    if (vouched_for) {
      witness.groups[record.application] = {record.generation, record.revision};
      continue;
    }
    // The next start of the daemon has to come to the same doubt.
    if (!same_pool) continue;
    const auto known = witness_->groups.find(record.application);
    if (known != witness_->groups.end()) witness.groups.insert(*known);
  }
  return witness;
}

void ServingGuard::Confirm(const ApplicationName& application, Generation generation) {
  const auto doubted = doubted_.find(application);
  const bool resolved = doubted != doubted_.end() && doubted->second.generation == generation &&
                        doubted->second.trust != Trust::kOlder;
  if (!resolved) return;
  doubted_.erase(doubted);
  // Those that wait; and the witness may say more now.
  deps_.groups.changed().Notify();
}

Doubt ServingGuard::DoubtAbout(const GroupRecord& record) const {
  const auto doubted = doubted_.find(record.application);
  const bool in_doubt = doubted != doubted_.end() && IsOwner(record.state) &&
                        doubted->second.generation == record.generation;
  if (!in_doubt) return Doubt::kNone;
  return doubted->second.trust == Trust::kOlder ? Doubt::kOlderPool : Doubt::kAwaitsCoordinator;
}

absl::Status ServingGuard::CheckNotOlder(const GroupRecord& record) const {
  const bool older = DoubtAbout(record) == Doubt::kOlderPool;
  return older ? Refusal(Doubt::kOlderPool, record.application) : absl::OkStatus();
}

Task<absl::Status> ServingGuard::Await(ApplicationName application) {
  const absl::Time deadline = deps_.clock.Now() + kLongestWait;
  while (true) {
    // Also of the record itself: what is claimed, or replaced, is in no doubt.
    const uint64_t seen = deps_.groups.changed().count();
    const std::optional<GroupRecord> record = deps_.groups.Find(application);
    const Doubt doubt = record.has_value() ? DoubtAbout(*record) : Doubt::kNone;
    const absl::Duration left = deadline - deps_.clock.Now();
    const bool wait = doubt == Doubt::kAwaitsCoordinator && left > absl::ZeroDuration();
    if (!wait) co_return Refusal(doubt, application);
    co_await deps_.groups.changed().WaitAtMost(seen, left, deps_.sleeper);
  }
}

}  // namespace drover::volume
