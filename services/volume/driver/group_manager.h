// The verbs on volume groups that are no transfer, no seal and no gate.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_GROUP_MANAGER_H_
#define DROVER_SERVICES_VOLUME_DRIVER_GROUP_MANAGER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/driver/app_starts.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/push_rounds.h"
#include "services/volume/driver/receiver.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/volume_sizes.h"

namespace drover::volume {

// A group as others see it: its record, and what the pool says of its volumes.
struct GroupView {
  GroupRecord record;
  struct Contents {
    // As known last.
    int64_t size_bytes = 0;
    std::vector<StoredSnapshot> snapshots;
  };
  // In the order of the record's volumes.
  std::vector<Contents> contents;
  Doubt doubt = Doubt::kNone;
};

// Whether the contents of a listed group's volumes are looked up, or stay empty.
enum class Contents { kLookUp, kLeaveOut };

// Used on the io thread. Each method takes the group's lock. See volume_service.proto for what they
// do, and domain/transitions.h for what they refuse.
class GroupManager {
 public:
  struct Deps {
    StorageBackend& backend;
    BlockingPool& pool;
    GroupStore& groups;
    AppStarts& starts;
    PushRounds& pushes;
    Receiver& receiver;
    VolumeSizes& sizes;
    ServingGuard& guard;
  };
  explicit GroupManager(Deps deps) : deps_(deps) {}

  // Before the port opens: reads the records, deletes what cut-off transfers and conclusions left.
  Task<absl::Status> Recover();

  Task<absl::StatusOr<PoolInfo>> Pool();
  Task<absl::StatusOr<std::vector<GroupView>>> List(Contents contents);
  Task<absl::StatusOr<GroupView>> Get(ApplicationName application);

  Task<absl::StatusOr<GroupView>> Create(ApplicationName application, Generation generation,
                                         std::vector<VolumeRecord> volumes);
  Task<absl::Status> Delete(ApplicationName application, Generation generation);
  Task<absl::StatusOr<GroupView>> Resize(ApplicationName application, std::string volume_id,
                                         int64_t maximum_size_bytes);
  // `volumes`: with dataset ids for those that may be new.
  Task<absl::StatusOr<GroupView>> SetAttached(ApplicationName application, Generation generation,
                                              std::vector<VolumeRecord> volumes);
  Task<absl::Status> DeleteVolume(ApplicationName application, std::string volume_id);

  Task<absl::StatusOr<GroupView>> Lock(ApplicationName application, MigrationKey key);
  // `source`: the source's group, with sizes and snapshots. `here`: this node, for advice.
  Task<absl::StatusOr<GroupView>> Reserve(ApplicationName application, MigrationKey key,
                                          GroupView source, std::string backend, NodeName here);
  Task<absl::Status> Prepare(ApplicationName application, MigrationKey key,
                             std::vector<SnapshotRef> snapshots, StartId start);
  Task<absl::Status> Activate(ApplicationName application, MigrationKey key, StartId start);
  Task<absl::StatusOr<GroupView>> Retire(ApplicationName application, MigrationKey key);
  Task<absl::StatusOr<GroupView>> Finish(ApplicationName application, MigrationKey key);
  // Nothing if nothing is left here.
  Task<absl::StatusOr<std::optional<GroupView>>> Abort(ApplicationName application,
                                                       MigrationKey key);
  Task<absl::StatusOr<GroupView>> Claim(ApplicationName application, Generation generation);
  Task<absl::Status> Diverge(ApplicationName application, Generation generation);

 private:
  // Measures nothing: on the way of a cut-over nobody can wait for that.
  Task<absl::StatusOr<GroupView>> View(GroupRecord record);
  Task<absl::Status> Measure(GroupRecord record);
  // The live volumes of these groups are measured again in the background.
  void RefreshSizes(const std::vector<GroupRecord>& records);
  // Deletes Drover's own snapshots but for the bases, and, unless OWNED, the live volumes.
  Task<absl::Status> CleanUp(GroupRecord record);
  Task<absl::Status> CheckSpace(GroupRecord record, GroupView source);

  const Deps deps_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_GROUP_MANAGER_H_
