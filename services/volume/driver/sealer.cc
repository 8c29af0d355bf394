#include "services/volume/driver/sealer.h"

#include <string>
#include <utility>

#include "services/common/log/log.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

// More than any application's own stop time-out; the container service ends the wait.
constexpr absl::Duration kStopTimeout = absl::Hours(1);

SealResult ResultOf(const GroupRecord& record) {
  SealResult result;
  for (const VolumeRecord& volume : record.volumes) {
    if (volume.final.has_value()) result.snapshots.push_back(*volume.final);
  }
  return result;
}

}  // namespace

Task<absl::StatusOr<SealResult>> Sealer::Seal(ApplicationName application, MigrationKey key) {
  const absl::Time begun = deps_.clock.Now();
  DROVER_CO_ASSIGN_OR_RETURN(bool sealed, co_await Begin(application, key));
  // The group's lock is not held meanwhile: the container service releases slots while it stops.
  // SEALING itself keeps everybody else out.
  if (!sealed) DROVER_CO_RETURN_IF_ERROR(co_await Stop(application));
  const absl::Time stopped = deps_.clock.Now();

  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  // Again: an abort may have come in between.
  DROVER_CO_ASSIGN_OR_RETURN(record, BeginSeal(record, key));
  if (record.state == GroupState::kSealed) co_return ResultOf(record);
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<SnapshotRef> snapshots, co_await Prove(record, key));
  DROVER_CO_ASSIGN_OR_RETURN(record, CompleteSeal(record, key, snapshots));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  SealResult result = ResultOf(record);
  result.stop_duration = stopped - begun;
  result.seal_duration = deps_.clock.Now() - stopped;
  LOG(INFO) << About{key.migration.value(), application.value(), "seal"} << "stopped in "
            << result.stop_duration << ", sealed in " << result.seal_duration;
  co_return result;
}

Task<absl::StatusOr<bool>> Sealer::Begin(ApplicationName application, MigrationKey key) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  DROVER_CO_ASSIGN_OR_RETURN(record, BeginSeal(record, key));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(record));
  co_return record.state == GroupState::kSealed;
}

Task<absl::Status> Sealer::Stop(ApplicationName application) {
  container::v1::StopContainerRequest request;
  request.set_application(application.value());
  auto stopped = co_await deps_.containers.StopContainer(std::move(request), kStopTimeout);
  if (stopped.ok()) co_return absl::OkStatus();
  // With the engine dead the application may be dead as well: the kernel's word counts.
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  absl::Status dead = co_await deps_.starts.ProveDead(record);
  if (dead.ok()) co_return dead;
  co_return stopped.status();
}

Task<absl::StatusOr<std::vector<SnapshotRef>>> Sealer::Prove(GroupRecord record, MigrationKey key) {
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.ProveDead(record));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.UnmountEverywhere(record));
  const std::string name = MigrationSnapshotName(key.migration, 0);
  auto snapshot = [this, record, name]() -> absl::StatusOr<std::vector<SnapshotRef>> {
    StorageBackend& backend = deps_.backend;
    std::vector<SnapshotRef> snapshots;
    for (const VolumeRecord& volume : record.volumes) {
      DROVER_RETURN_IF_ERROR(backend.CheckNoNested({record.application, volume.id}));
    }
    DROVER_RETURN_IF_ERROR(backend.Sync());
    for (const VolumeRecord& volume : record.volumes) {
      const VolumeKey volume_key{record.application, volume.id};
      // Of an earlier seal that failed after it.
      DROVER_RETURN_IF_ERROR(backend.DeleteSnapshot(volume_key, name));
      DROVER_ASSIGN_OR_RETURN(StoredSnapshot made, backend.CreateSnapshot(volume_key, name));
      snapshots.push_back(made.ref);
    }
    DROVER_RETURN_IF_ERROR(backend.Sync());
    for (const VolumeRecord& volume : record.volumes) {
      DROVER_RETURN_IF_ERROR(backend.CheckUnchangedSince({record.application, volume.id}, name));
    }
    return snapshots;
  };
  co_return co_await RunBlocking(deps_.pool, std::move(snapshot));
}

}  // namespace drover::volume
