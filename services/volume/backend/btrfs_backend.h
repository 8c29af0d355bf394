// Volumes as btrfs subvolumes of a mounted pool. See pool_layout.h for the folders.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_BTRFS_BACKEND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_BTRFS_BACKEND_H_

#include <memory>
#include <string>
#include <vector>

#include "services/volume/backend/ballast.h"
#include "services/volume/backend/pool_layout.h"
#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

// A received snapshot stays as it came (turning it writable would clear its received UUID and break
// the next incremental); the live volume is a writable clone of it. The identity of a snapshot is
// its received UUID, else its own UUID: exactly what `btrfs send` writes into streams.
class BtrfsBackend : public StorageBackend {
 public:
  // `pool` is the mount point of a btrfs file system's top level. FAILED_PRECONDITION if it is not.
  static absl::StatusOr<std::unique_ptr<BtrfsBackend>> Create(const std::string& pool);

  std::string Kind() const override { return "btrfs"; }
  absl::StatusOr<PoolInfo> GetPool() override;
  absl::StatusOr<std::vector<GroupRecord>> ReadRecords() override;
  absl::Status WriteRecord(const GroupRecord& record) override;
  absl::Status RemoveGroup(const ApplicationName& application) override;
  absl::Status RemoveVolumes(const ApplicationName& application) override;
  absl::Status CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) override;
  absl::Status CloneVolume(const VolumeKey& source, const std::string& snapshot,
                           const VolumeKey& clone, int64_t maximum_size_bytes) override;
  absl::Status RemoveVolume(const VolumeKey& volume) override;
  absl::Status SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) override;
  absl::StatusOr<int64_t> UsedBytes(const VolumeKey& volume, std::stop_token stop) override;
  absl::StatusOr<StoredSnapshot> CreateSnapshot(const VolumeKey& volume,
                                                const std::string& name) override;
  absl::StatusOr<std::vector<StoredSnapshot>> ListSnapshots(const VolumeKey& volume) override;
  absl::Status CheckRollBack(const VolumeKey& volume, const std::string& name) override;
  absl::Status DeleteSnapshot(const VolumeKey& volume, const std::string& name) override;
  absl::Status CheckNoNested(const VolumeKey& volume) override;
  absl::Status CheckUnchangedSince(const VolumeKey& volume, const std::string& name) override;
  absl::Status Sync() override;
  absl::StatusOr<std::vector<std::string>> SendCommand(
      const VolumeKey& volume, const std::string& name,
      const std::optional<std::string>& base) override;
  bool FullStreamReplaces() const override { return false; }
  absl::StatusOr<std::vector<std::string>> BeginReceive(const IncomingSnapshot& incoming) override;
  absl::StatusOr<StoredSnapshot> AcceptReceived(const IncomingSnapshot& incoming) override;
  absl::Status DiscardReceived(const IncomingSnapshot& incoming) override;
  absl::Status WipePartials() override;
  absl::Status MakeServing(const VolumeKey& volume, const std::string& snapshot,
                           int64_t maximum_size_bytes) override;
  absl::Status DropLive(const VolumeKey& volume) override;
  absl::Status Mount(const VolumeKey& volume, const std::string& path) override;
  absl::Status Unmount(const VolumeKey& volume, const std::string& path) override;
  bool HeldCopiesWedgeUnmount() const override { return false; }
  bool IsMountOf(const VolumeKey& volume, const MountEntry& mount) override;

 private:
  // FAILED_PRECONDITION (WRONG_BASE) unless what was received is `built_on` the announced base.
  // btrfs receive looks for that by its received UUID in all of the pool.
  absl::Status CheckBase(const IncomingSnapshot& incoming, const std::string& built_on);

  BtrfsBackend(const std::string& pool, std::string device)
      : layout_(pool),
        device_(std::move(device)),
        ballast_(layout_.Ballast(), [this] { return Sync(); }) {}

  const PoolLayout layout_;
  // `major:minor` of the pool's file system in mount tables.
  const std::string device_;
  FileBallast ballast_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_BTRFS_BACKEND_H_
