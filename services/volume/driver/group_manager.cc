#include "services/volume/driver/group_manager.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/room/pool_room.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

// Where there is one to measure.
bool HasLiveVolume(const GroupRecord& record) {
  return IsOwner(record.state) || record.state == GroupState::kDiverged;
}

bool Holds(const std::vector<StoredSnapshot>& snapshots, const std::string& identity) {
  return std::any_of(snapshots.begin(), snapshots.end(),
                     [&](const StoredSnapshot& one) { return one.ref.identity == identity; });
}

}  // namespace

Task<absl::Status> GroupManager::Recover() {
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Load());
  auto wipe = [this] { return deps_.backend.WipePartials(); };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(wipe)));
  for (const GroupRecord& record : deps_.groups.All()) {
    const bool concluded =
        record.state == GroupState::kRetired || record.state == GroupState::kDiscarded;
    if (!concluded) continue;
    absl::Status status = co_await CleanUp(record);
    // What is left takes space, but harms nobody.
    if (!status.ok()) LOG(WARNING) << "cannot clean up " << record.application << ": " << status;
  }
  RefreshSizes(deps_.groups.All());
  co_return absl::OkStatus();
}

Task<absl::StatusOr<PoolInfo>> GroupManager::Pool() {
  auto look = [this] { return deps_.backend.GetPool(); };
  co_return co_await RunBlocking(deps_.pool, std::move(look));
}

Task<absl::StatusOr<GroupView>> GroupManager::View(GroupRecord record) {
  auto list = [this, record]() -> absl::StatusOr<std::vector<GroupView::Contents>> {
    std::vector<GroupView::Contents> all;
    for (const VolumeRecord& volume : record.volumes) {
      GroupView::Contents contents;
      DROVER_ASSIGN_OR_RETURN(contents.snapshots,
                              deps_.backend.ListSnapshots({record.application, volume.id}));
      all.push_back(std::move(contents));
    }
    return all;
  };
  GroupView view{.record = record, .doubt = deps_.guard.DoubtAbout(record)};
  DROVER_CO_ASSIGN_OR_RETURN(view.contents, co_await RunBlocking(deps_.pool, std::move(list)));
  for (size_t i = 0; HasLiveVolume(record) && i < record.volumes.size(); ++i) {
    view.contents[i].size_bytes = deps_.sizes.LastKnown({record.application, record.volumes[i].id});
  }
  co_return view;
}

void GroupManager::RefreshSizes(const std::vector<GroupRecord>& records) {
  std::vector<VolumeKey> volumes;
  for (const GroupRecord& record : records) {
    if (!HasLiveVolume(record)) continue;
    for (const VolumeRecord& volume : record.volumes) {
      volumes.push_back({record.application, volume.id});
    }
  }
  deps_.sizes.Refresh(std::move(volumes));
}

Task<absl::StatusOr<std::vector<GroupView>>> GroupManager::List(Contents contents) {
  std::vector<GroupView> views;
  const std::vector<GroupRecord> records = deps_.groups.All();
  // Only a coordinator asks for records alone, again and again.
  if (contents == Contents::kLeaveOut) deps_.guard.CoordinatorCalled();
  if (contents == Contents::kLookUp) RefreshSizes(records);
  for (const GroupRecord& record : records) {
    if (record.state == GroupState::kDiscarded) continue;
    if (contents == Contents::kLeaveOut) {
      views.push_back({.record = record, .doubt = deps_.guard.DoubtAbout(record)});
      views.back().contents.resize(record.volumes.size());
      continue;
    }
    co_await deps_.starts.RemoveReleased(record.application);
    DROVER_CO_ASSIGN_OR_RETURN(GroupView view, co_await View(record));
    views.push_back(std::move(view));
  }
  co_return views;
}

Task<absl::StatusOr<GroupView>> GroupManager::Get(ApplicationName application) {
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  co_return co_await View(std::move(record));
}

Task<absl::StatusOr<GroupView>> GroupManager::Create(ApplicationName application,
                                                     Generation generation,
                                                     std::vector<VolumeRecord> volumes) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  const std::optional<GroupRecord> existing = deps_.groups.Find(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record,
                             volume::Create(existing, application, generation, volumes));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  // A repeat makes what an interrupted attempt left out.
  auto create = [this, record] {
    for (const VolumeRecord& volume : record.volumes) {
      DROVER_RETURN_IF_ERROR(
          deps_.backend.CreateVolume({record.application, volume.id}, volume.maximum_size_bytes));
    }
    return absl::OkStatus();
  };
  absl::Status created = co_await RunBlocking(deps_.pool, std::move(create));
  if (!created.ok()) {
    if (!record.served) (void)co_await deps_.groups.Remove(application);
    co_return created;
  }
  co_return co_await View(std::move(record));
}

Task<absl::Status> GroupManager::Delete(ApplicationName application, Generation generation) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_RETURN_IF_ERROR(CheckDelete(record, generation));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.UnmountEverywhere(record));
  deps_.sizes.Forget(application);
  if (record.state != GroupState::kDiverged) co_return co_await deps_.groups.Remove(application);
  auto remove = [this, application] { return deps_.backend.RemoveVolumes(application); };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(remove)));
  co_return co_await deps_.groups.Save(Discard(record));
}

Task<absl::StatusOr<GroupView>> GroupManager::Resize(ApplicationName application,
                                                     std::string volume_id,
                                                     int64_t maximum_size_bytes) {
  int64_t used = 0;
  if (maximum_size_bytes > 0) {
    const VolumeKey key{application, volume_id};
    DROVER_CO_ASSIGN_OR_RETURN(used, co_await deps_.sizes.Measure(key));
  }
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_RETURN_IF_ERROR(CheckUnlocked(record));
  DROVER_CO_RETURN_IF_ERROR(CheckHasVolume(record, volume_id));
  const auto volume = std::find_if(record.volumes.begin(), record.volumes.end(),
                                   [&](const VolumeRecord& one) { return one.id == volume_id; });
  if (maximum_size_bytes < used) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "BELOW_USED",
        absl::StrCat(VolumeDisplayName(application, volume_id), " holds ", used,
                     " bytes, more than ", maximum_size_bytes, "; choose a higher limit"));
  }
  auto limit = [this, application, volume_id, maximum_size_bytes] {
    return deps_.backend.SetLimit({application, volume_id}, maximum_size_bytes);
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(limit)));
  if (volume->maximum_size_bytes != maximum_size_bytes) {
    volume->maximum_size_bytes = maximum_size_bytes;
    ++record.revision;
  }
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  co_return co_await View(std::move(record));
}

Task<absl::StatusOr<GroupView>> GroupManager::SetAttached(ApplicationName application,
                                                          Generation generation,
                                                          std::vector<VolumeRecord> volumes) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::SetAttached(record, generation, volumes));
  // New ones first: a volume that a record names is there.
  auto create = [this, record, next] {
    for (const VolumeRecord& volume : next.volumes) {
      if (FindVolume(record, volume.id) != nullptr) continue;
      DROVER_RETURN_IF_ERROR(
          deps_.backend.CreateVolume({next.application, volume.id}, volume.maximum_size_bytes));
    }
    return absl::OkStatus();
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(create)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  co_return co_await View(std::move(next));
}

Task<absl::Status> GroupManager::DeleteVolume(ApplicationName application, std::string volume_id) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, RemoveVolume(record, volume_id));
  auto remove = [this, key = VolumeKey{application, volume_id}] {
    return deps_.backend.RemoveVolume(key);
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(remove)));
  deps_.sizes.Forget(application);
  co_return co_await deps_.groups.Save(next);
}

Task<absl::Status> GroupManager::Measure(GroupRecord record) {
  for (const VolumeRecord& volume : record.volumes) {
    const VolumeKey key{record.application, volume.id};
    absl::StatusOr<int64_t> measured = co_await deps_.sizes.Measure(key);
    if (!measured.ok()) co_return measured.status();
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<GroupView>> GroupManager::Lock(ApplicationName application, MigrationKey key) {
  {
    // The admission of a move: its destination must know how much will come. Nobody else waits for
    // it: the group's lock is not taken yet.
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
    DROVER_CO_RETURN_IF_ERROR(volume::Lock(record, key).status());
    DROVER_CO_RETURN_IF_ERROR(deps_.guard.CheckNotOlder(record));
    DROVER_CO_RETURN_IF_ERROR(co_await Measure(record));
  }
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::Lock(record, key));
  auto check = [this, record] {
    for (const VolumeRecord& volume : record.volumes) {
      DROVER_RETURN_IF_ERROR(deps_.backend.CheckNoNested({record.application, volume.id}));
    }
    return absl::OkStatus();
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(check)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  co_return co_await View(std::move(record));
}

Task<absl::Status> GroupManager::CheckSpace(GroupRecord record, GroupView source) {
  auto check = [this, record, source]() -> absl::Status {
    int64_t coming = 0;
    for (size_t i = 0; i < source.contents.size(); ++i) {
      DROVER_ASSIGN_OR_RETURN(
          std::vector<StoredSnapshot> here,
          deps_.backend.ListSnapshots({record.application, source.record.volumes[i].id}));
      const auto& there = source.contents[i].snapshots;
      const bool common = std::any_of(there.begin(), there.end(), [&](const auto& one) {
        return Holds(here, one.ref.identity);
      });
      // How much an increment takes is known only when it comes.
      if (!common) coming += source.contents[i].size_bytes;
    }
    DROVER_ASSIGN_OR_RETURN(PoolInfo pool, deps_.backend.GetPool());
    const int64_t needed = PoolRoomFor(coming);
    if (needed <= pool.free_bytes) return absl::OkStatus();
    // What was deleted a moment ago is free only once it is written that it is.
    DROVER_RETURN_IF_ERROR(deps_.backend.Sync());
    DROVER_ASSIGN_OR_RETURN(pool, deps_.backend.GetPool());
    if (needed <= pool.free_bytes) return absl::OkStatus();
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "POOL_FULL",
        absl::StrCat("this node's pool has ", pool.free_bytes, " bytes free, but ", needed,
                     " are needed to receive ", record.application.value(), "; make room in it"));
  };
  co_return co_await RunBlocking(deps_.pool, std::move(check));
}

Task<absl::StatusOr<GroupView>> GroupManager::Reserve(ApplicationName application, MigrationKey key,
                                                      GroupView source, std::string backend,
                                                      NodeName here) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  if (backend != deps_.backend.Kind()) {
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "BACKEND_MISMATCH",
        absl::StrCat("this node's pool is ", deps_.backend.Kind(), ", the source's is ", backend));
  }
  const std::optional<GroupRecord> existing = deps_.groups.Find(application);
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupRecord record, volume::Reserve(existing, application, key, source.record.volumes, here));
  if (record != existing) DROVER_CO_RETURN_IF_ERROR(co_await CheckSpace(record, source));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  for (size_t i = 0; i < record.volumes.size(); ++i) {
    deps_.sizes.Assume({application, record.volumes[i].id}, source.contents[i].size_bytes);
  }
  co_return co_await View(std::move(record));
}

Task<absl::Status> GroupManager::Prepare(ApplicationName application, MigrationKey key,
                                         std::vector<SnapshotRef> snapshots, StartId start) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::Prepare(record, key, snapshots));
  absl::StatusOr<KnownGate> gate = co_await deps_.starts.WaitingGate(start, application);
  if (!gate.ok()) co_return gate.status();
  auto prepare = [this, next]() -> absl::Status {
    for (const VolumeRecord& volume : next.volumes) {
      const VolumeKey volume_key{next.application, volume.id};
      DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> here,
                              deps_.backend.ListSnapshots(volume_key));
      if (!Holds(here, volume.final->identity)) {
        return absl::FailedPreconditionError(
            absl::StrCat("the final snapshot of ", VolumeDisplayName(next.application, volume.id),
                         " has not arrived"));
      }
      DROVER_RETURN_IF_ERROR(
          deps_.backend.MakeServing(volume_key, volume.final->name, volume.maximum_size_bytes));
    }
    return deps_.backend.Sync();
  };
  if (next != record) {
    DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(prepare)));
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> GroupManager::Activate(ApplicationName application, MigrationKey key,
                                          StartId start) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, TakeOwnership(record, key));
  if (AwaitsFilling(record)) {
    DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
    co_return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "NOT_FILLED",
        absl::StrCat("the volumes of ", application.value(),
                     " are here, and are still to be filled with what its image holds"));
  }
  // One durable record says both, that the data is ours and that the gate is open.
  const absl::Status opened = (co_await deps_.starts.OpenLocked(record, start)).status();
  if (opened.ok()) co_return opened;
  // The data is ours all the same, for another start.
  DROVER_CO_ASSIGN_OR_RETURN(record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, TakeOwnership(record, key));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  co_return opened;
}

Task<absl::StatusOr<GroupView>> GroupManager::Retire(ApplicationName application,
                                                     MigrationKey key) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::Retire(record, key));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  deps_.pushes.Forget(key.migration);
  DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
  co_return co_await View(std::move(record));
}

Task<absl::StatusOr<GroupView>> GroupManager::Finish(ApplicationName application,
                                                     MigrationKey key) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::Finish(record, key));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  deps_.receiver.Forget(application);
  DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
  co_return co_await View(std::move(record));
}

Task<absl::StatusOr<std::optional<GroupView>>> GroupManager::Abort(ApplicationName application,
                                                                   MigrationKey key) {
  // Before the lock: a round that is under way takes it at its end.
  co_await deps_.pushes.Cancel(key.migration);
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  const std::optional<GroupRecord> existing = deps_.groups.Find(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, volume::Abort(existing, application, key));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  deps_.pushes.Forget(key.migration);
  if (!record.lock.has_value()) {
    deps_.receiver.Cancel(application);
    DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
    deps_.receiver.Forget(application);
  }
  if (record.state == GroupState::kDiscarded) co_return std::optional<GroupView>();
  DROVER_CO_ASSIGN_OR_RETURN(GroupView view, co_await View(std::move(record)));
  co_return std::optional<GroupView>(std::move(view));
}

Task<absl::StatusOr<GroupView>> GroupManager::Claim(ApplicationName application,
                                                    Generation generation) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::Claim(record, generation));
  const bool has_live_volumes = HasLiveVolume(record) || record.state == GroupState::kPrepared;
  deps_.receiver.Cancel(application);
  auto make_live = [this, next, has_live_volumes]() -> absl::Status {
    for (const VolumeRecord& volume : next.volumes) {
      if (has_live_volumes) break;
      DROVER_RETURN_IF_ERROR(deps_.backend.MakeServing(
          {next.application, volume.id}, volume.base->name, volume.maximum_size_bytes));
    }
    return deps_.backend.Sync();
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(deps_.pool, std::move(make_live)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  LOG(WARNING) << About{.application = application.value(), .phase = "claim"}
               << "claimed under generation " << generation << "; it was "
               << GroupStateName(record.state) << " under " << record.generation;
  deps_.receiver.Forget(application);
  DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(next));
  co_return co_await View(std::move(next));
}

Task<absl::Status> GroupManager::Diverge(ApplicationName application, Generation generation) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::Diverge(record, generation));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  LOG_IF(WARNING, next != record) << About{.application = application.value(), .phase = "claim"}
                                  << "its volumes were claimed elsewhere under generation "
                                  << generation << "; what is here is kept as DIVERGED";
  if (record.lock.has_value()) co_await deps_.pushes.Cancel(record.lock->migration);
  co_return absl::OkStatus();
}

Task<absl::Status> GroupManager::CleanUp(GroupRecord record) {
  if (!HasLiveVolume(record)) deps_.sizes.Forget(record.application);
  auto clean = [this, record]() -> absl::Status {
    StorageBackend& backend = deps_.backend;
    if (record.state == GroupState::kDiscarded) return backend.RemoveVolumes(record.application);
    for (const VolumeRecord& volume : record.volumes) {
      const VolumeKey key{record.application, volume.id};
      if (record.state != GroupState::kOwned) DROVER_RETURN_IF_ERROR(backend.DropLive(key));
      DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, backend.ListSnapshots(key));
      for (const StoredSnapshot& one : snapshots) {
        const bool own = !MigrationOfSnapshot(one.ref.name).empty();
        if (own && one.ref != volume.base) {
          DROVER_RETURN_IF_ERROR(backend.DeleteSnapshot(key, one.ref.name));
        }
      }
    }
    return backend.Sync();
  };
  co_return co_await RunBlocking(deps_.pool, std::move(clean));
}

}  // namespace drover::volume
