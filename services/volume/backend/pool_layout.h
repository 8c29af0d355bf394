// Where things lie in a pool that is a folder:
//
//   POOL/drover/pool-identity                               the pool's identity
//   POOL/drover/ballast                                     given up when the pool is full
//   POOL/drover/apps/APP/record.json                        the group's record
//   POOL/drover/apps/APP/incoming/TRANSFER/NAME             a snapshot that is arriving
//   POOL/drover/apps/APP/volumes/VOLUME/live                what the application writes to
//   POOL/drover/apps/APP/volumes/VOLUME/snapshots/NAME/NAME
//
// VOLUME is `volume`, or `volume-ID`. A snapshot has a folder of its own because a read-only
// subvolume cannot be moved to another folder, but the folder around it can: that is how a received
// snapshot is taken over in one atomic step.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_POOL_LAYOUT_H_
#define DROVER_SERVICES_VOLUME_BACKEND_POOL_LAYOUT_H_

#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

class PoolLayout {
 public:
  explicit PoolLayout(std::string pool) : pool_(std::move(pool)) {}

  const std::string& pool() const { return pool_; }
  std::string Identity() const;
  std::string Ballast() const;
  std::string Applications() const;
  std::string Application(const ApplicationName& application) const;
  std::string Record(const ApplicationName& application) const;
  std::string Volumes(const ApplicationName& application) const;
  std::string Volume(const VolumeKey& volume) const;
  std::string Live(const VolumeKey& volume) const;
  std::string Snapshots(const VolumeKey& volume) const;
  // The folder around the snapshot, and the snapshot.
  std::string SnapshotFolder(const VolumeKey& volume, const std::string& name) const;
  std::string Snapshot(const VolumeKey& volume, const std::string& name) const;
  std::string IncomingOf(const ApplicationName& application) const;
  std::string Incoming(const IncomingSnapshot& incoming) const;

 private:
  std::string pool_;
};

// The name of a volume's folder or dataset: `volume`, or `volume-ID`.
std::string VolumeFolderName(const std::string& id);

// Names in `folder`, sorted; none if it is not there.
absl::StatusOr<std::vector<std::string>> EntriesOf(const std::string& folder);
absl::Status MakeFolders(const std::string& path);
// The folder's list of entries is on the disk.
absl::Status SyncFolder(const std::string& path);
// Removes an empty folder. OK if there is none.
absl::Status RemoveEmptyFolder(const std::string& path);
// Bytes that the files below `folder` take on the disk; 0 if it is not there. Walks the tree:
// CANCELLED soon after `stop`.
absl::StatusOr<int64_t> DiskUsage(const std::string& folder, std::stop_token stop);
// Total and free bytes, with the identity kept in the layout (made when there is none).
absl::StatusOr<PoolInfo> ReadPoolInfo(const PoolLayout& layout);

// Records as files of the layout.
absl::StatusOr<std::vector<GroupRecord>> ReadRecordFiles(const PoolLayout& layout);
absl::Status WriteRecordFile(const PoolLayout& layout, const GroupRecord& record);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_POOL_LAYOUT_H_
