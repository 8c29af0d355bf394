#include "services/volume/driver/app_starts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

// Ten times the gate's pause between attempts to connect.
constexpr absl::Duration kReconnectGrace = absl::Seconds(1);

absl::Status WriterFound(const ApplicationName& application, absl::string_view where) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
      absl::StrCat("something can still write to the data of ", application.value(), ": ", where));
}

// The slots are those of the volumes that the application uses: no more, no fewer.
absl::Status CheckSlotsFit(const Start& start, const GroupRecord& record) {
  const auto attached = std::count_if(record.volumes.begin(), record.volumes.end(),
                                      [](const VolumeRecord& volume) { return !volume.detached; });
  bool fit = static_cast<int64_t>(start.slots.size()) == attached;
  for (const Slot& slot : start.slots) {
    const VolumeRecord* volume = FindVolume(record, slot.volume_id);
    fit = fit && volume != nullptr && !volume->detached;
  }
  if (fit) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("start ", start.id.value(), " was attached with other volumes than ",
                   record.application.value(), " has; stage its container again"));
}

}  // namespace

absl::Status AppStarts::ListenAgain() {
  for (const Start& start : deps_.starts.All()) {
    if (start.executed || start.released) continue;
    DROVER_RETURN_IF_ERROR(deps_.gates.Listen(start.id, start.control_folder));
  }
  return absl::OkStatus();
}

Task<absl::StatusOr<Start>> AppStarts::Attach(StartId id, ApplicationName application,
                                              std::vector<Slot> volumes) {
  DROVER_CO_ASSIGN_OR_RETURN(Start start,
                             co_await deps_.starts.Attach(id, application, std::move(volumes)));
  DROVER_CO_RETURN_IF_ERROR(deps_.gates.Listen(id, start.control_folder));
  co_return start;
}

Task<absl::StatusOr<int>> AppStarts::AwaitGate(StartId id, ApplicationName application,
                                               ContainerId container_id) {
  absl::StatusOr<Start> start = deps_.starts.Get(id, application);
  if (!start.ok()) co_return start.status();
  DROVER_CO_ASSIGN_OR_RETURN(
      KnownGate gate, co_await deps_.gates.Await(id, container_id, absl::InfiniteDuration()));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.SetContainer(id, container_id));
  co_return gate.pid;
}

Task<absl::StatusOr<KnownGate>> AppStarts::WaitingGate(StartId id, ApplicationName application) {
  DROVER_CO_ASSIGN_OR_RETURN(Start start, deps_.starts.Get(id, application));
  absl::StatusOr<KnownGate> gate = deps_.gates.Waiting(id);
  if (gate.ok() || start.container_id.empty() || start.executed) co_return gate;
  // After a restart of this daemon: the gate connects again by itself.
  co_return co_await deps_.gates.Await(id, start.container_id, kReconnectGrace);
}

Task<absl::StatusOr<GroupRecord>> AppStarts::Open(StartId id, ApplicationName application,
                                                  ContainerId container_id) {
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.guard.Await(application));
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, deps_.groups.Get(application));
  absl::StatusOr<Start> start = deps_.starts.Get(id, application);
  if (!start.ok()) co_return start.status();
  if (start->container_id != container_id) {
    co_return absl::FailedPreconditionError(
        absl::StrCat("start ", id.value(), " is not one of container ", container_id.value()));
  }
  co_return co_await OpenLocked(std::move(record), id);
}

Task<absl::StatusOr<GroupRecord>> AppStarts::OpenLocked(GroupRecord record, StartId id) {
  DROVER_CO_ASSIGN_OR_RETURN(Start start, deps_.starts.Get(id, record.application));
  DROVER_CO_RETURN_IF_ERROR(CheckSlotsFit(start, record));
  const bool recorded = record.state == GroupState::kOwned && record.gate.has_value() &&
                        record.gate->start_id == id && record.gate->open;
  if (recorded && start.executed) co_return record;
  absl::StatusOr<KnownGate> gate = co_await WaitingGate(id, record.application);
  if (recorded && !gate.ok()) {
    // Opened before this daemon was restarted: a gate that still waited would have connected.
    absl::Status dead = co_await ProveDead(record);
    if (dead.ok()) co_return gate.status();
    co_return record;
  }
  if (!gate.ok()) co_return gate.status();
  const GateRecord opened{
      .start_id = id, .container_id = gate->container_id, .cgroup = gate->cgroup};
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, OpenGate(record, opened));

  auto mount = [this, start]() -> absl::StatusOr<std::vector<GateMount>> {
    std::vector<GateMount> mounts;
    for (const Slot& slot : start.slots) {
      DROVER_RETURN_IF_ERROR(deps_.backend.Mount({start.application, slot.volume_id}, slot.path));
      DROVER_ASSIGN_OR_RETURN(FolderIdentity folder, deps_.host.Identify(slot.path));
      mounts.push_back({.folder = folder, .mountpoint = slot.mountpoint});
    }
    return mounts;
  };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<GateMount> mounts,
                             co_await RunBlocking(deps_.pool, std::move(mount)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(next));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.gates.Release(id, std::move(mounts)));
  DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.SetExecuted(id));
  LOG(INFO) << About{.application = record.application.value(), .phase = "gate"} << "gate of start "
            << id << " is open";
  co_return next;
}

Task<absl::Status> AppStarts::Release(StartId id, ApplicationName application) {
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  std::optional<GroupRecord> record = deps_.groups.Find(application);
  const bool recorded =
      record.has_value() && record->gate.has_value() && record->gate->start_id == id;
  if (recorded) DROVER_CO_RETURN_IF_ERROR(co_await ProveDead(*record));
  absl::StatusOr<KnownGate> gate = deps_.gates.Waiting(id);
  if (gate.ok()) {
    DROVER_CO_RETURN_IF_ERROR(co_await CheckCgroupEmpty(gate->cgroup, application));
  }
  absl::StatusOr<Start> start = deps_.starts.Get(id, application);
  bool held = false;
  if (start.ok()) {
    std::vector<Start> only = {*start};
    const absl::Status unmounted = co_await Unmount(record, std::move(only));
    // Not by the application, whose end was proved: a shell of the host, say. It keeps the data
    // from being moved, but not the application from being started here again.
    held = ReasonOf(unmounted) == "WRITER_FOUND" && record.has_value() &&
           record->state == GroupState::kOwned;
    if (!unmounted.ok() && !held) co_return unmounted;
    LOG_IF(WARNING, held) << "start " << id << " of " << application << ": " << unmounted.message();
  }
  if (recorded) DROVER_CO_RETURN_IF_ERROR(co_await deps_.groups.Save(CloseGate(*record, id)));
  deps_.gates.Forget(id);
  if (held) co_return co_await deps_.starts.SetReleased(id);
  if (start.ok()) DROVER_CO_RETURN_IF_ERROR(co_await deps_.starts.Remove(id));
  co_return absl::OkStatus();
}

Task<void> AppStarts::RemoveReleased(ApplicationName application) {
  std::vector<Start> released = deps_.starts.Of(application);
  std::erase_if(released, [](const Start& start) { return !start.released; });
  // Who lists groups must not wait for a seal: the next list tries again.
  if (released.empty() || deps_.groups.IsLocked(application)) co_return;
  AsyncMutex::Lock lock = co_await deps_.groups.Lock(application);
  std::optional<GroupRecord> record = deps_.groups.Find(application);
  // The application's own copies do no harm: its slot's mount stays.
  if (record.has_value() && record->gate.has_value() && record->gate->open) record.reset();
  for (const Start& start : released) {
    std::vector<Start> only = {start};
    absl::Status removed = co_await Unmount(record, std::move(only));
    if (removed.ok()) removed = co_await deps_.starts.Remove(start.id);
    VLOG_IF(1, !removed.ok()) << "start " << start.id << " of " << application << ": " << removed;
  }
}

Task<absl::Status> AppStarts::Unmount(std::optional<GroupRecord> record,
                                      std::vector<Start> starts) {
  if (record.has_value() && deps_.backend.HeldCopiesWedgeUnmount()) {
    std::vector<std::string> paths;
    for (const Start& start : deps_.starts.Of(record->application)) {
      for (const Slot& slot : start.slots) paths.push_back(slot.path);
    }
    DROVER_CO_RETURN_IF_ERROR(co_await CheckOtherMounts(*record, std::move(paths)));
  }
  auto unmount = [this, starts] {
    for (const Start& start : starts) {
      for (const Slot& slot : start.slots) {
        DROVER_RETURN_IF_ERROR(
            deps_.backend.Unmount({start.application, slot.volume_id}, slot.path));
      }
    }
    return absl::OkStatus();
  };
  co_return co_await RunBlocking(deps_.pool, std::move(unmount));
}

Task<absl::Status> AppStarts::CheckCgroupEmpty(std::string cgroup, ApplicationName application) {
  auto look = [this, cgroup] { return deps_.host.IsCgroupEmpty(cgroup); };
  DROVER_CO_ASSIGN_OR_RETURN(bool empty, co_await RunBlocking(deps_.pool, std::move(look)));
  if (empty) co_return absl::OkStatus();
  co_return WriterFound(
      application, absl::StrCat("processes of its container still run (",
                                cgroup.substr(0, cgroup.find('\n')), "); end them and try again"));
}

Task<absl::Status> AppStarts::ProveDead(GroupRecord record) {
  if (!record.gate.has_value()) co_return absl::OkStatus();
  co_return co_await CheckCgroupEmpty(record.gate->cgroup, record.application);
}

Task<absl::Status> AppStarts::UnmountEverywhere(GroupRecord record) {
  std::vector<Start> starts = deps_.starts.Of(record.application);
  DROVER_CO_RETURN_IF_ERROR(co_await Unmount(record, std::move(starts)));
  std::vector<std::string> allowed;
  co_return co_await CheckOtherMounts(std::move(record), std::move(allowed));
}

Task<absl::Status> AppStarts::CheckOtherMounts(GroupRecord record,
                                               std::vector<std::string> allowed) {
  auto look = [this, record, allowed]() -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(const std::vector<MountEntry> mounts, deps_.host.AllMounts());
    for (const MountEntry& mount : MountsBeside(allowed, mounts)) {
      for (const VolumeRecord& volume : record.volumes) {
        if (!deps_.backend.IsMountOf({record.application, volume.id}, mount)) continue;
        return WriterFound(record.application, absl::StrCat("it is mounted at ", mount.mount_point,
                                                            " in the mount namespace of process ",
                                                            mount.pid, "; unmount it there"));
      }
    }
    return absl::OkStatus();
  };
  co_return co_await RunBlocking(deps_.pool, std::move(look));
}

}  // namespace drover::volume
