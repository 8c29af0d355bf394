// Volumes as ZFS datasets.
//
//   POOL/drover                      mountpoint=none
//   POOL/drover/APP                  the group's record, as local properties
//   POOL/drover/APP/VOLUME           `volume`, or `volume-ID`; snapshots beside it
#ifndef DROVER_SERVICES_VOLUME_BACKEND_ZFS_BACKEND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_ZFS_BACKEND_H_

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "services/volume/backend/storage_backend.h"
#include "services/volume/backend/zfs_ballast.h"

namespace drover::volume {

// A volume is served from the dataset that received it: a clone would pin its origin, and could not
// be sent back. So the dataset is kept unmounted (even an `ls` breaks the next increment) until
// Mount, and rolled back to the common snapshot before it receives again. The identity of a
// snapshot is its GUID, which travels in streams.
class ZfsBackend : public StorageBackend {
 public:
  // FAILED_PRECONDITION if there is no such pool.
  static absl::StatusOr<std::unique_ptr<ZfsBackend>> Create(const std::string& pool);

  std::string Kind() const override { return "zfs"; }
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
  // Nothing changes in a dataset that is not mounted: that is what it checks.
  absl::Status CheckUnchangedSince(const VolumeKey& volume, const std::string& name) override;
  absl::Status Sync() override;
  absl::StatusOr<std::vector<std::string>> SendCommand(
      const VolumeKey& volume, const std::string& name,
      const std::optional<std::string>& base) override;
  bool FullStreamReplaces() const override { return true; }
  absl::StatusOr<std::vector<std::string>> BeginReceive(const IncomingSnapshot& incoming) override;
  absl::StatusOr<StoredSnapshot> AcceptReceived(const IncomingSnapshot& incoming) override;
  absl::Status DiscardReceived(const IncomingSnapshot& incoming) override;
  // Nothing: ZFS itself drops a receive that did not end.
  absl::Status WipePartials() override { return absl::OkStatus(); }
  absl::Status MakeServing(const VolumeKey& volume, const std::string& snapshot,
                           int64_t maximum_size_bytes) override;
  // Nothing: the dataset holds the snapshots, too.
  absl::Status DropLive(const VolumeKey& volume) override { return absl::OkStatus(); }
  absl::Status Mount(const VolumeKey& volume, const std::string& path) override;
  absl::Status Unmount(const VolumeKey& volume, const std::string& path) override;
  bool HeldCopiesWedgeUnmount() const override { return true; }
  bool IsMountOf(const VolumeKey& volume, const MountEntry& mount) override;

 private:
  explicit ZfsBackend(const std::string& pool)
      : pool_(pool), root_(pool + "/drover"), ballast_(pool + "/drover-ballast") {}

  // The application whose volume that is.
  std::string ApplicationOf(const std::string& dataset) const;
  std::string DatasetOf(const ApplicationName& application) const;
  std::string DatasetOf(const VolumeKey& volume) const;
  // All mounts of the volume that this service sees; remembers their devices.
  absl::StatusOr<std::vector<MountEntry>> MountsOf(const VolumeKey& volume);
  // The one at `path`, if there is one.
  absl::StatusOr<std::optional<MountEntry>> FindMount(const VolumeKey& volume,
                                                      const std::string& path);
  struct Listed {
    StoredSnapshot snapshot;
    // Times have only seconds; transactions are in order.
    int64_t transaction = 0;
    // It was deleted, and stays until the last clone of it has gone.
    bool only_for_clones = false;
  };
  // Oldest first; empty if there is no such volume.
  absl::StatusOr<std::vector<Listed>> List(const VolumeKey& volume);
  // With all below. Clones of it live on. OK if there is none.
  absl::Status DestroyIfThere(const std::string& dataset);
  absl::Status SetRecord(const GroupRecord& record);
  // A full transfer replaces the dataset, and with it all its snapshots.
  absl::Status CheckNothingOfPeopleGoes(const IncomingSnapshot& incoming);
  // Back to the base of the transfer, or to nothing.
  absl::Status Rewind(const IncomingSnapshot& incoming);

  const std::string pool_;
  const std::string root_;
  ZfsBallast ballast_;
  std::mutex mutex_;  // Guards what follows.
  // Devices under which each dataset was mounted here. Another node's pool on the same kernel may
  // have the same names.
  std::map<std::string, std::set<std::string>> devices_;
  // The newest transfer into each volume: an earlier one must not touch the dataset any more.
  std::map<VolumeKey, std::string> transfers_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_ZFS_BACKEND_H_
