// A pool of plain folders for tests: no root, no special file system, real child processes (tar).
#ifndef DROVER_SERVICES_VOLUME_BACKEND_FAKE_BACKEND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_FAKE_BACKEND_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "services/volume/backend/pool_layout.h"
#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

// Keeps the contract of StorageBackend with copies of folders. Nothing is mounted: a mount is only
// remembered, and is busy when a test says so. Always sends the whole content, and yet insists on
// the base of an incremental stream.
class FakeBackend : public StorageBackend {
 public:
  // `pool`: an empty or earlier used folder.
  static absl::StatusOr<std::unique_ptr<FakeBackend>> Create(const std::string& pool);

  // --- for tests ---
  std::string LivePath(const VolumeKey& volume) const { return layout_.Live(volume); }
  // Something uses the volume's mounts: unmounting is refused.
  void SetBusy(bool busy);
  void SetFreeBytes(int64_t bytes);
  void SetNested(bool nested);
  // The next AcceptReceived fails with this.
  void FailNextAccept(absl::Status status);
  // The program of the next stream hangs: it sends nothing, or takes nothing.
  void HangNextSend();
  void HangNextReceive();
  // Called on the measuring thread before each measurement of a volume.
  void OnMeasure(std::function<void()> on_measure);
  // Where the volume is mounted; empty if nowhere.
  std::set<std::string> MountsOf(const VolumeKey& volume) const;

  std::string Kind() const override { return "fake"; }
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
  absl::Status Sync() override { return absl::OkStatus(); }
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
  bool IsMountOf(const VolumeKey& volume, const MountEntry& mount) override { return false; }

 private:
  explicit FakeBackend(const std::string& pool) : layout_(pool) {}

  const PoolLayout layout_;
  mutable std::mutex mutex_;  // Calls come from several threads.
  bool busy_ = false;
  bool nested_ = false;
  int64_t free_bytes_ = int64_t{1} << 40;
  absl::Status next_accept_;
  std::function<void()> on_measure_;
  bool hang_send_ = false;
  bool hang_receive_ = false;
  std::map<VolumeKey, std::set<std::string>> mounts_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_FAKE_BACKEND_H_
