#include "testing/simulation/coordinator_host.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::simulation {

using coordinator::Change;
using coordinator::MigrationRecord;

absl::Status WatchedStore::Commit(const Change& change) {
  if (shared_.world.random().Chance(shared_.crash_before)) {
    shared_.world.Trace(kCoordinator, "dies before a write");
    return absl::InternalError("the disk died");
  }
  Watch(change);
  const absl::Status written = store_.Commit(change);
  if (!written.ok()) {
    shared_.world.Fail(absl::StrCat("I3 or I4: the journal refuses: ", written.message()));
    return written;
  }
  if (shared_.world.random().Chance(shared_.crash_after)) {
    shared_.world.Trace(kCoordinator, "dies after a write");
    return absl::InternalError("the disk died");
  }
  return absl::OkStatus();
}

void WatchedStore::Watch(const Change& change) {
  for (const MigrationRecord& next : change.migrations) {
    const MigrationRecord* before = nullptr;
    for (const MigrationRecord& one : disk_->state.migrations) {
      if (one.id == next.id) before = &one;
    }
    if (before == nullptr && !shared_.generations.insert(next.generation.value()).second) {
      shared_.world.Fail(absl::StrCat("I4: generation ", next.generation.value(), " again"));
    }
    if (before != nullptr && before->state == next.state) continue;
    shared_.world.Trace(kCoordinator,
                        absl::StrCat(next.application.value(), " ", next.source.value(), ">",
                                     next.destination.value(), " ", next.generation.value(), ": ",
                                     coordinator::MigrationStateName(next.state),
                                     next.error.empty() ? "" : ": ", next.error));
  }
}

void CoordinatorHost::Start() {
  if (process_ != nullptr) return;
  process_ = std::make_shared<Process>();
  dying_ = false;
  auto die = [this](const absl::Status& why) {
    if (std::exchange(dying_, true)) return;
    process_->Stop();
    const absl::Duration down =
        deps_.world.random().Between(absl::Milliseconds(50), absl::Seconds(2));
    deps_.world.After(absl::ZeroDuration(), [this, down] { Crash(down); });
  };
  parts_ = std::make_unique<Parts>();
  parts_->store = std::make_unique<WatchedStore>(store_state, disk);
  parts_->pool = std::make_unique<BlockingPool>(process_->executor());
  parts_->sleeper = std::make_unique<SimSleeper>(deps_.world, process_);
  const SimConnector::Deps connector{deps_.world, deps_.network, deps_.find_node, heard_,
                                     deps_.mutant};
  parts_->connector = std::make_unique<SimConnector>(connector, process_);
  parts_->journal = *coordinator::Journal::Open(*parts_->store, *parts_->pool, die);
  deps_.world.Trace(kCoordinator, absl::StrCat("begins, epoch ", parts_->journal->fence().epoch()));
  const coordinator::OrchestratorDeps deps{*parts_->journal, *parts_->connector,
                                           hosts_,           deps_.world,
                                           *parts_->sleeper, process_->executor()};
  parts_->orchestrator = std::make_unique<coordinator::Orchestrator>(deps);
  deps_.world.After(absl::ZeroDuration(), process_, [this] { parts_->orchestrator->Recover(); });
}

void CoordinatorHost::End() {
  if (process_ == nullptr) return;
  process_.reset();
  parts_->orchestrator.reset();
  parts_->journal.reset();
  parts_.reset();
}

void CoordinatorHost::Crash(absl::Duration down) {
  if (process_ == nullptr) return;
  deps_.world.Trace(kCoordinator, "crashes");
  End();
  const int restart = ++restarts_;
  auto start = [this, restart] {
    if (restart == restarts_) Start();
  };
  deps_.world.After(down, std::move(start));
}

}  // namespace drover::simulation
