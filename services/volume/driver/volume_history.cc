#include "services/volume/driver/volume_history.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

// Of a snapshot that lives only while a clone is made of it: `drover-clone-…`.
constexpr char kClonePrefix[] = "clone-";

std::vector<SnapshotRef> RefsOf(const std::vector<StoredSnapshot>& snapshots) {
  std::vector<SnapshotRef> refs;
  for (const StoredSnapshot& one : snapshots) refs.push_back(one.ref);
  return refs;
}

}  // namespace

Task<void> VolumeHistory::Recover() {
  for (const GroupRecord& record : deps_.groups.All()) {
    auto tidy = [this, record] { return DeleteCloneSnapshots(record); };
    const absl::Status tidied = co_await RunBlocking(deps_.pool, std::move(tidy));
    LOG_IF(WARNING, !tidied.ok()) << "cannot clean up " << record.application << ": " << tidied;
    const bool begun =
        std::any_of(record.volumes.begin(), record.volumes.end(),
                    [](const VolumeRecord& volume) { return !volume.roll_back.empty(); });
    if (!begun || !deps_.guard.CheckNotOlder(record).ok()) continue;
    AsyncMutex::Lock lock = co_await deps_.groups.Lock(record.application);
    const absl::Status completed = co_await CompleteRollBacks(record);
    LOG_IF(WARNING, !completed.ok())
        << record.application << " is still half put back to a snapshot: " << completed;
  }
}

Task<absl::StatusOr<StoredSnapshot>> VolumeHistory::CreateSnapshot(ApplicationName application,
                                                                   std::string volume_id,
                                                                   std::string name) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_RETURN_IF_ERROR(CheckUnlocked(record));
  DROVER_CO_RETURN_IF_ERROR(CheckHasVolume(record, volume_id));
  auto create = [this, key = VolumeKey{application, volume_id},
                 name]() -> absl::StatusOr<StoredSnapshot> {
    DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> here, deps_.backend.ListSnapshots(key));
    for (const StoredSnapshot& one : here) {
      if (one.ref.name != name) continue;
      return absl::AlreadyExistsError(absl::StrCat(
          "there is a snapshot ", name, " of ", VolumeDisplayName(key.application, key.id),
          " already; choose another name, or delete that one first"));
    }
    DROVER_RETURN_IF_ERROR(deps_.backend.CheckNoNested(key));
    DROVER_ASSIGN_OR_RETURN(StoredSnapshot made, deps_.backend.CreateSnapshot(key, name));
    DROVER_RETURN_IF_ERROR(deps_.backend.Sync());
    return made;
  };
  co_return co_await RunBlocking(deps_.pool, std::move(create));
}

Task<absl::Status> VolumeHistory::DeleteSnapshot(ApplicationName application, std::string volume_id,
                                                 std::string name) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_RETURN_IF_ERROR(CheckAtRest(record));
  DROVER_CO_RETURN_IF_ERROR(CheckHasVolume(record, volume_id));
  const VolumeRecord* volume = FindVolume(record, volume_id);
  const bool is_base = volume->base.has_value() && volume->base->name == name;
  if (is_base || volume->roll_back == name) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "SNAPSHOT_NEEDED",
        is_base ? absl::StrCat("snapshot ", name, " makes the next move of ", application.value(),
                               " incremental; it is replaced by that move")
                : absl::StrCat(application.value(), " is being put back to snapshot ", name));
  }
  auto remove = [this, key = VolumeKey{application, volume_id}, name] {
    return deps_.backend.DeleteSnapshot(key, name);
  };
  co_return co_await RunBlocking(deps_.pool, std::move(remove));
}

Task<absl::Status> VolumeHistory::RollBack(ApplicationName application, std::string volume_id,
                                           std::string snapshot) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.CheckNotOlder(record));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, BeginRollBack(record, volume_id, snapshot));
  // Before anything is recorded: what cannot be done is refused with the data as it was.
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.ProveDead(record));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.UnmountEverywhere(record));
  auto check = [this, key = VolumeKey{application, volume_id}, snapshot] {
    return deps_.backend.CheckRollBack(key, snapshot);
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(check)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  DROVER_CO_RETURN_IF_ERROR(co_await CompleteRollBacks(next));
  LOG(INFO) << About{.application = application.value(), .phase = "rollback"}
            << VolumeDisplayName(application, volume_id) << " is put back to " << snapshot;
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeHistory::CompleteRollBacks(GroupRecord record) {
  auto go_back = [this, record]() -> absl::StatusOr<GroupRecord> {
    GroupRecord done = record;
    for (const VolumeRecord& volume : record.volumes) {
      if (volume.roll_back.empty()) continue;
      const VolumeKey key{record.application, volume.id};
      DROVER_RETURN_IF_ERROR(
          deps_.backend.MakeServing(key, volume.roll_back, volume.maximum_size_bytes));
      DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> here, deps_.backend.ListSnapshots(key));
      done = CompleteRollBack(done, volume.id, RefsOf(here));
    }
    DROVER_RETURN_IF_ERROR(deps_.backend.Sync());
    return done;
  };
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord done,
                             co_await RunBlocking(deps_.pool, std::move(go_back)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(done));
  deps_.sizes.Forget(record.application);
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeHistory::Clone(ApplicationName source, ApplicationName clone,
                                        Generation generation) {
  if (source == clone) {
    co_return absl::InvalidArgumentError("a clone needs another name than its source");
  }
  // In the order of the names, so that two clones never wait for each other.
  AsyncMutex::Lock first = co_await deps_.groups.Lock(std::min(source, clone));
  AsyncMutex::Lock second = co_await deps_.groups.Lock(std::max(source, clone));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord original, deps_.groups.Get(source));
  DROVER_CO_RETURN_IF_ERROR(deps_.guard.CheckNotOlder(original));
  const std::optional<GroupRecord> existing = deps_.groups.Find(clone);
  // A repeat, whose answer was lost.
  const bool is_made = existing.has_value() && existing->state == GroupState::kOwned &&
                       existing->generation == generation;
  if (is_made) co_return absl::OkStatus();
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, CloneOf(existing, clone, generation, original));
  for (VolumeRecord& volume : record.volumes) volume.dataset_id = RandomUuid();
  // Of a clone that is cut short, this has what there is deleted.
  if (!existing.has_value()) {
    const GroupRecord nothing{.application = clone, .state = GroupState::kDiscarded};
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(nothing));
  }
  const std::string snapshot = MigrationSnapshotName(MigrationId(kClonePrefix + RandomHex(8)), 0);
  auto copy = [this, original, record, snapshot] {
    const absl::Status copied = CopyVolumes(original, record, snapshot);
    if (copied.ok()) return copied;
    // Why it failed says more than that the rest is in the way.
    (void)DeleteCloneSnapshots(original);
    (void)deps_.backend.RemoveVolumes(record.application);
    return copied;
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(copy)));
  // Last: a group that is OWNED is complete.
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  LOG(INFO) << About{.application = clone.value(), .phase = "clone"} << "made of " << source
            << " under generation " << generation;
  co_return absl::OkStatus();
}

absl::Status VolumeHistory::DeleteCloneSnapshots(const GroupRecord& record) {
  for (const VolumeRecord& volume : record.volumes) {
    const VolumeKey key{record.application, volume.id};
    DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> here, deps_.backend.ListSnapshots(key));
    for (const StoredSnapshot& one : here) {
      const std::string maker = MigrationOfSnapshot(one.ref.name).value();
      if (!absl::StartsWith(maker, kClonePrefix)) continue;
      DROVER_RETURN_IF_ERROR(deps_.backend.DeleteSnapshot(key, one.ref.name));
    }
  }
  return absl::OkStatus();
}

absl::Status VolumeHistory::CopyVolumes(const GroupRecord& source, const GroupRecord& clone,
                                        const std::string& snapshot) {
  StorageBackend& backend = deps_.backend;
  // What an attempt that was cut short has left.
  DROVER_RETURN_IF_ERROR(backend.RemoveVolumes(clone.application));
  for (const VolumeRecord& volume : clone.volumes) {
    const VolumeKey from{source.application, volume.id};
    DROVER_RETURN_IF_ERROR(backend.CheckNoNested(from));
    DROVER_RETURN_IF_ERROR(backend.CreateSnapshot(from, snapshot).status());
  }
  for (const VolumeRecord& volume : clone.volumes) {
    const VolumeKey from{source.application, volume.id};
    DROVER_RETURN_IF_ERROR(backend.CloneVolume(from, snapshot, {clone.application, volume.id},
                                               volume.maximum_size_bytes));
    DROVER_RETURN_IF_ERROR(backend.DeleteSnapshot(from, snapshot));
  }
  return backend.Sync();
}

}  // namespace drover::volume
