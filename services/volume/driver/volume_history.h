// A volume's past and its offspring: snapshots that people take, going back to one, clones.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_VOLUME_HISTORY_H_
#define DROVER_SERVICES_VOLUME_DRIVER_VOLUME_HISTORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/blocking.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/driver/app_starts.h"
#include "services/volume/driver/group_store.h"
#include "services/volume/driver/serving_guard.h"
#include "services/volume/driver/volume_sizes.h"

namespace drover::volume {

// Used on the io thread. Each method takes the group's lock. See volume_service.proto for what they
// do, and domain/transitions.h for what they refuse.
class VolumeHistory {
 public:
  struct Deps {
    StorageBackend& backend;
    BlockingPool& pool;
    GroupStore& groups;
    AppStarts& starts;
    VolumeSizes& sizes;
    ServingGuard& guard;
  };
  explicit VolumeHistory(Deps deps) : deps_(deps) {}

  // Before the port opens, after the guard has begun: ends what a crash has left half put back, and
  // deletes what it has left of clones. A group that is still half put back is not served.
  Task<void> Recover();

  Task<absl::StatusOr<StoredSnapshot>> CreateSnapshot(ApplicationName application,
                                                      std::string volume_id, std::string name);
  Task<absl::Status> DeleteSnapshot(ApplicationName application, std::string volume_id,
                                    std::string name);
  Task<absl::Status> RollBack(ApplicationName application, std::string volume_id,
                              std::string snapshot);
  // A group of the name `clone` that begins with what the volumes of `source` hold.
  Task<absl::Status> Clone(ApplicationName source, ApplicationName clone, Generation generation);

 private:
  // With the group's lock held: makes the live volume what its record says it is to be.
  Task<absl::Status> CompleteRollBacks(GroupRecord record);
  // Those that a clone which was cut short has left.
  absl::Status DeleteCloneSnapshots(const GroupRecord& record);
  // Snapshots of all volumes that go to `clone`, and its volumes made of them.
  absl::Status CopyVolumes(const GroupRecord& source, const GroupRecord& clone,
                           const std::string& snapshot);

  const Deps deps_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_VOLUME_HISTORY_H_
