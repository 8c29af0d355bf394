#include "services/coordinator/store/fake_store.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace drover::coordinator {
namespace {

template <class Record, class Key>
void Put(std::vector<Record>& records, const Record& record, Key key) {
  for (Record& existing : records) {
    if (key(existing) == key(record)) {
      existing = record;
      return;
    }
  }
  records.push_back(record);
}

}  // namespace

absl::StatusOr<EpochRecord> FakeStore::TakeEpoch(Epoch above) {
  disk_->epoch = std::max(disk_->epoch, above.value()) + 1;
  const EpochRecord start{Epoch(disk_->epoch), absl::StrCat(disk_->nonces, disk_->epoch)};
  disk_->state.starts.push_back(start);
  return start;
}

absl::StatusOr<StoredState> FakeStore::Load() { return disk_->state; }

absl::Status FakeStore::Commit(const Change& change) {
  Disk next = *disk_;
  if (change.counters.generation < next.state.counters.generation ||
      change.counters.route_revision < next.state.counters.route_revision ||
      change.counters.sequence < next.state.counters.sequence) {
    return absl::FailedPreconditionError("a counter would go back");
  }
  next.state.counters = change.counters;
  for (const NodeRecord& node : change.nodes) {
    Put(next.state.nodes, node, [](const NodeRecord& r) { return r.name; });
  }
  for (const NodeName& name : change.removed_nodes) {
    std::erase_if(next.state.nodes, [&](const NodeRecord& node) { return node.name == name; });
  }
  for (const ApplicationRecord& application : change.applications) {
    Put(next.state.applications, application, [](const ApplicationRecord& r) { return r.name; });
  }
  for (const ApplicationName& name : change.removed_applications) {
    std::erase_if(next.state.applications,
                  [&](const ApplicationRecord& record) { return record.name == name; });
  }
  for (const MigrationRecord& migration : change.migrations) {
    if (!IsBeforeCommit(migration.state)) {
      const bool committed = IsCommitted(migration.state);
      if (next.committed.try_emplace(migration.id, committed).first->second != committed) {
        return absl::FailedPreconditionError("COMMIT and ABORT");
      }
    }
    Put(next.state.migrations, migration, [](const MigrationRecord& r) { return r.id; });
  }
  for (const DeploymentRecord& deployment : change.deployments) {
    Put(next.state.deployments, deployment, [](const DeploymentRecord& r) { return r.id; });
  }
  next.state.starts.insert(next.state.starts.end(), change.adopted_starts.begin(),
                           change.adopted_starts.end());
  if (change.recovery.has_value()) next.state.recovery = *change.recovery;
  next.audit.insert(next.audit.end(), change.audit.begin(), change.audit.end());
  *disk_ = std::move(next);
  return after_commit == nullptr ? absl::OkStatus() : after_commit(change);
}

absl::StatusOr<UniqueFd> FakeStore::BackUp(const std::string& recovery) {
  UniqueFd file(memfd_create("backup", MFD_CLOEXEC));
  const ssize_t written = write(file.get(), recovery.data(), recovery.size());
  if (written != static_cast<ssize_t>(recovery.size())) return absl::InternalError("no memory");
  return file;
}

absl::StatusOr<std::vector<AuditEntry>> FakeStore::LoadAudit() { return disk_->audit; }

}  // namespace drover::coordinator
