// Slots and gates of the applications' containers, joined with the groups' records: who may run.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_APP_STARTS_H_
#define DROVER_SERVICES_VOLUME_DRIVER_APP_STARTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volume/backend/host.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/driver/gate_keeper.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/start_table.h"

namespace drover::volume {

// Only this class opens gates and unmounts volumes. Used on the io thread; the methods that take a
// record are called with the group's lock held.
class AppStarts {
 public:
  struct Deps {
    StorageBackend& backend;
    Host& host;
    BlockingPool& pool;
    GroupStore& groups;
    StartTable& starts;
    GateKeeper& gates;
    ServingGuard& guard;
  };
  explicit AppStarts(Deps deps) : deps_(deps) {}

  // The sockets of the starts that an earlier run attached.
  absl::Status ListenAgain();

  Task<absl::StatusOr<Start>> Attach(StartId id, ApplicationName application,
                                     std::vector<Slot> volumes);
  Task<absl::StatusOr<int>> AwaitGate(StartId id, ApplicationName application,
                                      ContainerId container_id);
  // OpenGate of the API: waits until the group may be served, and takes its lock.
  Task<absl::StatusOr<GroupRecord>> Open(StartId id, ApplicationName application,
                                         ContainerId container_id);
  // ReleaseSlots of the API: takes the group's lock. If something that is not of the container uses
  // a slot, that one stays until it does not (RemoveReleased), and no seal passes before.
  Task<absl::Status> Release(StartId id, ApplicationName application);
  // What of released starts was still in use, and is not any more. Takes the group's lock if there
  // is any.
  Task<void> RemoveReleased(ApplicationName application);

  // The gate of that start waits, and was proved to be its container's. FAILED_PRECONDITION
  // (GATE_LOST).
  Task<absl::StatusOr<KnownGate>> WaitingGate(StartId id, ApplicationName application);
  // Mounts all volumes into the start's slots, durable GATE_OPEN, opens the gate. A repeat is OK.
  Task<absl::StatusOr<GroupRecord>> OpenLocked(GroupRecord record, StartId id);
  // The start whose gate was opened last has no process left. FAILED_PRECONDITION (WRITER_FOUND).
  Task<absl::Status> ProveDead(GroupRecord record);
  // Unmounts the group's volumes from all slots, and proves that no mount of them is left in any
  // mount namespace. FAILED_PRECONDITION (WRITER_FOUND).
  Task<absl::Status> UnmountEverywhere(GroupRecord record);

 private:
  // From their slots. FAILED_PRECONDITION (WRITER_FOUND) if something uses one, or, where that
  // would do harm, if a volume of the group is mounted elsewhere.
  Task<absl::Status> Unmount(std::optional<GroupRecord> record, std::vector<Start> starts);
  Task<absl::Status> CheckCgroupEmpty(std::string cgroup, ApplicationName application);
  // FAILED_PRECONDITION (WRITER_FOUND) if a volume of the group is mounted elsewhere than at
  // `allowed`, and would stay so if it were unmounted there.
  Task<absl::Status> CheckOtherMounts(GroupRecord record, std::vector<std::string> allowed);

  const Deps deps_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_APP_STARTS_H_
