// The records of all groups on this node: read once, written through.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_GROUP_STORE_H_
#define DROVER_SERVICES_VOLUME_DRIVER_GROUP_STORE_H_

#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/domain/group_record.h"

namespace drover::volume {

// Used on the io thread. Whoever changes a group holds its lock from reading the record until it is
// saved.
class GroupStore {
 public:
  GroupStore(StorageBackend& backend, BlockingPool& pool) : backend_(backend), pool_(pool) {}

  // Reads the pool's records. Before anything else.
  Task<absl::Status> Load();

  // One operation on an application at a time.
  Task<AsyncMutex::Lock> Lock(ApplicationName application);

  // Somebody works on it, and may for long.
  bool IsLocked(const ApplicationName& application) const {
    return locks_.IsHeld(application.value());
  }

  // The record, DISCARDED ones included.
  std::optional<GroupRecord> Find(const ApplicationName& application) const;
  // NOT_FOUND if there is none, or only a DISCARDED one.
  absl::StatusOr<GroupRecord> Get(const ApplicationName& application) const;
  std::vector<GroupRecord> All() const;

  // Durable when it answers OK; nothing is written if nothing changed. A full pool is an answer;
  // any other failure to write ends the process, for then nobody knows which record the disk holds.
  Task<absl::Status> Save(GroupRecord record);
  // Deletes the group's data and record.
  Task<absl::Status> Remove(ApplicationName application);

  // Of a record, after it is durable.
  ChangeSignal& changed() { return changed_; }

 private:
  StorageBackend& backend_;
  BlockingPool& pool_;
  KeyedMutex locks_;
  std::map<ApplicationName, GroupRecord> records_;
  ChangeSignal changed_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_GROUP_STORE_H_
