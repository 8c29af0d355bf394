// A storage pool with a failpoint before and after each change (services/common/failpoint).
#ifndef DROVER_SERVICES_VOLUME_BACKEND_FAILPOINT_BACKEND_H_
#define DROVER_SERVICES_VOLUME_BACKEND_FAILPOINT_BACKEND_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "services/volume/backend/storage_backend.h"

namespace drover::volume {

// As thread-safe as the one behind it. The places are volume.record.STATE (with `.open` while a
// gate is) for records, and volume.pool.METHOD for all else.
class FailpointBackend : public StorageBackend {
 public:
  explicit FailpointBackend(std::unique_ptr<StorageBackend> behind) : behind_(std::move(behind)) {}

  absl::Status WriteRecord(const GroupRecord& record) override;
  absl::Status RemoveGroup(const ApplicationName& application) override;
  absl::Status RemoveVolumes(const ApplicationName& application) override;
  absl::Status CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) override;
  absl::Status CloneVolume(const VolumeKey& source, const std::string& snapshot,
                           const VolumeKey& clone, int64_t maximum_size_bytes) override;
  absl::Status RemoveVolume(const VolumeKey& volume) override;
  absl::Status SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) override;
  absl::StatusOr<StoredSnapshot> CreateSnapshot(const VolumeKey& volume,
                                                const std::string& name) override;
  absl::Status DeleteSnapshot(const VolumeKey& volume, const std::string& name) override;
  absl::Status Sync() override;
  absl::StatusOr<std::vector<std::string>> BeginReceive(const IncomingSnapshot& incoming) override;
  absl::StatusOr<StoredSnapshot> AcceptReceived(const IncomingSnapshot& incoming) override;
  absl::Status DiscardReceived(const IncomingSnapshot& incoming) override;
  absl::Status WipePartials() override;
  absl::Status MakeServing(const VolumeKey& volume, const std::string& snapshot,
                           int64_t maximum_size_bytes) override;
  absl::Status DropLive(const VolumeKey& volume) override;
  absl::Status Mount(const VolumeKey& volume, const std::string& path) override;
  absl::Status Unmount(const VolumeKey& volume, const std::string& path) override;

  std::string Kind() const override { return behind_->Kind(); }
  absl::StatusOr<PoolInfo> GetPool() override { return behind_->GetPool(); }
  absl::StatusOr<std::vector<GroupRecord>> ReadRecords() override { return behind_->ReadRecords(); }
  absl::StatusOr<int64_t> UsedBytes(const VolumeKey& volume, std::stop_token stop) override {
    return behind_->UsedBytes(volume, std::move(stop));
  }
  absl::StatusOr<std::vector<StoredSnapshot>> ListSnapshots(const VolumeKey& volume) override {
    return behind_->ListSnapshots(volume);
  }
  absl::Status CheckRollBack(const VolumeKey& volume, const std::string& name) override {
    return behind_->CheckRollBack(volume, name);
  }
  absl::Status CheckNoNested(const VolumeKey& volume) override {
    return behind_->CheckNoNested(volume);
  }
  absl::Status CheckUnchangedSince(const VolumeKey& volume, const std::string& name) override {
    return behind_->CheckUnchangedSince(volume, name);
  }
  absl::StatusOr<std::vector<std::string>> SendCommand(
      const VolumeKey& volume, const std::string& name,
      const std::optional<std::string>& base) override {
    return behind_->SendCommand(volume, name, base);
  }
  bool FullStreamReplaces() const override { return behind_->FullStreamReplaces(); }
  bool HeldCopiesWedgeUnmount() const override { return behind_->HeldCopiesWedgeUnmount(); }
  bool IsMountOf(const VolumeKey& volume, const MountEntry& mount) override {
    return behind_->IsMountOf(volume, mount);
  }

 private:
  const std::unique_ptr<StorageBackend> behind_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_FAILPOINT_BACKEND_H_
