#include "services/volume/backend/btrfs_backend.h"

#include <stdio.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/btrfs_ioctl.h"
#include "services/volume/backend/errno_status.h"
#include "services/volume/backend/slot_mount.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

absl::Status DeleteIfSubvolume(const std::string& folder, const std::string& name) {
  if (!btrfs::IsSubvolume(absl::StrCat(folder, "/", name))) return absl::OkStatus();
  return btrfs::DeleteSubvolume(folder, name);
}

// Deletes a folder that holds subvolumes and perhaps plain files, but no deeper folders.
absl::Status DeleteFolderOfSubvolumes(const std::string& folder) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(folder));
  for (const std::string& name : names) {
    DROVER_RETURN_IF_ERROR(DeleteIfSubvolume(folder, name));
    std::error_code gone;
    fs::remove_all(absl::StrCat(folder, "/", name), gone);
  }
  return RemoveEmptyFolder(folder);
}

absl::Status DeleteVolumeFolder(const std::string& folder) {
  DROVER_RETURN_IF_ERROR(DeleteIfSubvolume(folder, "live"));
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(folder + "/snapshots"));
  for (const std::string& name : names) {
    DROVER_RETURN_IF_ERROR(DeleteFolderOfSubvolumes(absl::StrCat(folder, "/snapshots/", name)));
  }
  DROVER_RETURN_IF_ERROR(RemoveEmptyFolder(folder + "/snapshots"));
  return RemoveEmptyFolder(folder);
}

StoredSnapshot Stored(const std::string& name, const btrfs::SubvolumeInfo& info) {
  return {.ref = {.name = name,
                  .identity = info.received_uuid.empty() ? info.uuid : info.received_uuid},
          .create_time = info.create_time};
}

// The device of the pool in mount tables; FAILED_PRECONDITION unless `pool` is the mount point of a
// btrfs top level (streams and bind mounts name subvolumes relative to that).
absl::StatusOr<std::string> DeviceOfPool(const std::string& pool) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  std::string device;
  for (const MountEntry& mount : mounts) {
    if (mount.mount_point == pool && mount.file_system == "btrfs" && mount.root == "/") {
      device = mount.device;
    }
  }
  if (!device.empty()) return device;
  return absl::FailedPreconditionError(
      absl::StrCat("no btrfs pool is mounted at ", pool,
                   "; make one with drover-volume --init-pool, or mount it"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BtrfsBackend>> BtrfsBackend::Create(const std::string& pool) {
  DROVER_ASSIGN_OR_RETURN(std::string device, DeviceOfPool(pool));
  std::unique_ptr<BtrfsBackend> backend(new BtrfsBackend(pool, std::move(device)));
  const PoolLayout& layout = backend->layout_;
  DROVER_RETURN_IF_ERROR(MakeFolders(layout.Applications()));
  if (!fs::exists(layout.Identity())) {
    DROVER_RETURN_IF_ERROR(WriteFileDurably(layout.Identity(), RandomUuid() + "\n"));
    DROVER_RETURN_IF_ERROR(backend->Sync());
  }
  backend->ballast_.Refill();
  return backend;
}

absl::StatusOr<PoolInfo> BtrfsBackend::GetPool() { return ReadPoolInfo(layout_); }

absl::StatusOr<std::vector<GroupRecord>> BtrfsBackend::ReadRecords() {
  return ReadRecordFiles(layout_);
}

absl::Status BtrfsBackend::WriteRecord(const GroupRecord& record) {
  return ballast_.Write([this, &record] { return WriteRecordFile(layout_, record); });
}

absl::Status BtrfsBackend::RemoveGroup(const ApplicationName& application) {
  DROVER_RETURN_IF_ERROR(RemoveVolumes(application));
  if (!fs::exists(layout_.Application(application))) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(RemoveFileDurably(layout_.Record(application)));
  std::error_code error;
  fs::remove_all(layout_.Application(application), error);
  return Sync();
}

absl::Status BtrfsBackend::RemoveVolumes(const ApplicationName& application) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> transfers,
                          EntriesOf(layout_.IncomingOf(application)));
  for (const std::string& transfer : transfers) {
    DROVER_RETURN_IF_ERROR(
        DeleteFolderOfSubvolumes(absl::StrCat(layout_.IncomingOf(application), "/", transfer)));
  }
  DROVER_RETURN_IF_ERROR(RemoveEmptyFolder(layout_.IncomingOf(application)));
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> volumes,
                          EntriesOf(layout_.Volumes(application)));
  for (const std::string& volume : volumes) {
    DROVER_RETURN_IF_ERROR(
        DeleteVolumeFolder(absl::StrCat(layout_.Volumes(application), "/", volume)));
  }
  return RemoveEmptyFolder(layout_.Volumes(application));
}

absl::Status BtrfsBackend::CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) {
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(volume)));
  if (!btrfs::IsSubvolume(layout_.Live(volume))) {
    DROVER_RETURN_IF_ERROR(btrfs::CreateSubvolume(layout_.Volume(volume), "live"));
  }
  DROVER_RETURN_IF_ERROR(btrfs::LimitSubvolume(layout_.Live(volume), maximum_size_bytes));
  return Sync();
}

absl::Status BtrfsBackend::CloneVolume(const VolumeKey& source, const std::string& snapshot,
                                       const VolumeKey& clone, int64_t maximum_size_bytes) {
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(clone)));
  DROVER_RETURN_IF_ERROR(DropLive(clone));
  DROVER_RETURN_IF_ERROR(btrfs::SnapshotSubvolume(layout_.Snapshot(source, snapshot),
                                                  layout_.Volume(clone), "live", false));
  return btrfs::LimitSubvolume(layout_.Live(clone), maximum_size_bytes);
}

absl::Status BtrfsBackend::RemoveVolume(const VolumeKey& volume) {
  DROVER_RETURN_IF_ERROR(DeleteVolumeFolder(layout_.Volume(volume)));
  return Sync();
}

absl::Status BtrfsBackend::SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) {
  return btrfs::LimitSubvolume(layout_.Live(volume), maximum_size_bytes);
}

absl::StatusOr<int64_t> BtrfsBackend::UsedBytes(const VolumeKey& volume, std::stop_token stop) {
  return DiskUsage(layout_.Live(volume), std::move(stop));
}

absl::StatusOr<StoredSnapshot> BtrfsBackend::CreateSnapshot(const VolumeKey& volume,
                                                            const std::string& name) {
  const std::string folder = layout_.SnapshotFolder(volume, name);
  DROVER_RETURN_IF_ERROR(MakeFolders(folder));
  DROVER_RETURN_IF_ERROR(btrfs::SnapshotSubvolume(layout_.Live(volume), folder, name, true));
  DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo info,
                          btrfs::GetSubvolumeInfo(layout_.Snapshot(volume, name)));
  return Stored(name, info);
}

absl::StatusOr<std::vector<StoredSnapshot>> BtrfsBackend::ListSnapshots(const VolumeKey& volume) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(layout_.Snapshots(volume)));
  std::vector<StoredSnapshot> snapshots;
  for (const std::string& name : names) {
    // An empty folder is left of a snapshot whose making or deletion was cut short.
    if (!btrfs::IsSubvolume(layout_.Snapshot(volume, name))) continue;
    DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo info,
                            btrfs::GetSubvolumeInfo(layout_.Snapshot(volume, name)));
    snapshots.push_back(Stored(name, info));
  }
  std::stable_sort(snapshots.begin(), snapshots.end(),
                   [](const StoredSnapshot& a, const StoredSnapshot& b) {
                     return a.create_time < b.create_time;
                   });
  return snapshots;
}

absl::Status BtrfsBackend::CheckRollBack(const VolumeKey& volume, const std::string& name) {
  if (btrfs::IsSubvolume(layout_.Snapshot(volume, name))) return absl::OkStatus();
  return NoSuchSnapshot(volume, name);
}

absl::Status BtrfsBackend::DeleteSnapshot(const VolumeKey& volume, const std::string& name) {
  return DeleteFolderOfSubvolumes(layout_.SnapshotFolder(volume, name));
}

absl::Status BtrfsBackend::CheckNoNested(const VolumeKey& volume) {
  if (!btrfs::IsSubvolume(layout_.Live(volume))) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(bool nested, btrfs::HasNestedSubvolume(layout_.Live(volume)));
  if (!nested) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "NESTED_VOLUME",
      absl::StrCat(layout_.Live(volume), " holds another subvolume, which a snapshot leaves out; ",
                   "replace it by a plain folder (btrfs subvolume list -o shows it)"));
}

absl::Status BtrfsBackend::CheckUnchangedSince(const VolumeKey& volume, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo live, btrfs::GetSubvolumeInfo(layout_.Live(volume)));
  DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo snapshot,
                          btrfs::GetSubvolumeInfo(layout_.Snapshot(volume, name)));
  if (live.generation == snapshot.generation) return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
                          absl::StrCat(layout_.Live(volume), " was written to after snapshot ",
                                       name, "; find the writer and end it"));
}

absl::Status BtrfsBackend::Sync() { return btrfs::SyncFileSystem(layout_.pool()); }

absl::StatusOr<std::vector<std::string>> BtrfsBackend::SendCommand(
    const VolumeKey& volume, const std::string& name, const std::optional<std::string>& base) {
  std::vector<std::string> argv = {"btrfs", "send", "-q"};
  if (base.has_value()) {
    argv.insert(argv.end(), {"-p", layout_.Snapshot(volume, *base)});
  }
  argv.push_back(layout_.Snapshot(volume, name));
  return argv;
}

absl::StatusOr<std::vector<std::string>> BtrfsBackend::BeginReceive(
    const IncomingSnapshot& incoming) {
  if (incoming.base_identity.has_value()) {
    DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
    const bool present = std::any_of(snapshots.begin(), snapshots.end(), [&](const auto& one) {
      return one.ref.identity == *incoming.base_identity;
    });
    if (!present) {
      return StatusWithReason(absl::StatusCode::kFailedPrecondition, "BASE_MISSING",
                              "the snapshot that the stream builds on is not on this node");
    }
  }
  const std::string folder = layout_.Incoming(incoming);
  DROVER_RETURN_IF_ERROR(DeleteFolderOfSubvolumes(folder));
  DROVER_RETURN_IF_ERROR(MakeFolders(folder));
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(incoming.volume)));
  // -C: a crafted stream stays in the private folder; -e: the stream must say that it has ended.
  return std::vector<std::string>{"btrfs", "receive", "-q", "-e", "-C", folder};
}

absl::StatusOr<StoredSnapshot> BtrfsBackend::AcceptReceived(const IncomingSnapshot& incoming) {
  const std::string folder = layout_.Incoming(incoming);
  const std::string& name = incoming.snapshot.name;
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> entries, EntriesOf(folder));
  if (entries != std::vector<std::string>{name}) {
    return absl::DataLossError(absl::StrCat("the stream made ", absl::StrCat(entries.size()),
                                            " entries instead of the snapshot ", name));
  }
  DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo info,
                          btrfs::GetSubvolumeInfo(absl::StrCat(folder, "/", name)));
  // A truncated or damaged stream leaves a writable subvolume without a received UUID.
  if (!info.read_only || info.received_uuid != incoming.snapshot.identity) {
    return absl::DataLossError(absl::StrCat("what was received is not the snapshot ", name,
                                            " that was announced; it was discarded"));
  }
  DROVER_RETURN_IF_ERROR(CheckBase(incoming, info.parent_uuid));
  DROVER_RETURN_IF_ERROR(Sync());
  const std::string target = layout_.SnapshotFolder(incoming.volume, name);
  if (rename(folder.c_str(), target.c_str()) != 0) {
    return ErrnoStatus(absl::StrCat("cannot take over the received snapshot ", target));
  }
  return Stored(name, info);
}

absl::Status BtrfsBackend::CheckBase(const IncomingSnapshot& incoming,
                                     const std::string& built_on) {
  if (!incoming.base_identity.has_value()) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
  for (const StoredSnapshot& one : snapshots) {
    if (one.ref.identity != *incoming.base_identity) continue;
    DROVER_ASSIGN_OR_RETURN(btrfs::SubvolumeInfo base, btrfs::GetSubvolumeInfo(layout_.Snapshot(
                                                           incoming.volume, one.ref.name)));
    if (base.uuid == built_on) return absl::OkStatus();
  }
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "WRONG_BASE",
      "another subvolume of the pool has the received UUID of the snapshot that "
      "the stream builds on, and was taken for it; what came of it was discarded");
}

absl::Status BtrfsBackend::DiscardReceived(const IncomingSnapshot& incoming) {
  return DeleteFolderOfSubvolumes(layout_.Incoming(incoming));
}

absl::Status BtrfsBackend::WipePartials() {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> applications, EntriesOf(layout_.Applications()));
  for (const std::string& name : applications) {
    const std::string incoming = layout_.IncomingOf(ApplicationName(name));
    DROVER_ASSIGN_OR_RETURN(std::vector<std::string> transfers, EntriesOf(incoming));
    for (const std::string& transfer : transfers) {
      DROVER_RETURN_IF_ERROR(DeleteFolderOfSubvolumes(absl::StrCat(incoming, "/", transfer)));
    }
  }
  return absl::OkStatus();
}

absl::Status BtrfsBackend::MakeServing(const VolumeKey& volume, const std::string& snapshot,
                                       int64_t maximum_size_bytes) {
  DROVER_RETURN_IF_ERROR(DropLive(volume));
  DROVER_RETURN_IF_ERROR(btrfs::SnapshotSubvolume(layout_.Snapshot(volume, snapshot),
                                                  layout_.Volume(volume), "live", false));
  return btrfs::LimitSubvolume(layout_.Live(volume), maximum_size_bytes);
}

absl::Status BtrfsBackend::DropLive(const VolumeKey& volume) {
  return DeleteIfSubvolume(layout_.Volume(volume), "live");
}

absl::Status BtrfsBackend::Mount(const VolumeKey& volume, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  for (const MountEntry& mount : mounts) {
    if (mount.mount_point == path && IsMountOf(volume, mount)) return absl::OkStatus();
  }
  return BindMount(layout_.Live(volume), path);
}

absl::Status BtrfsBackend::Unmount(const VolumeKey& volume, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  for (const MountEntry& mount : mounts) {
    if (mount.mount_point != path || !IsMountOf(volume, mount)) continue;
    DROVER_RETURN_IF_ERROR(PlainUnmount(path));
  }
  return absl::OkStatus();
}

bool BtrfsBackend::IsMountOf(const VolumeKey& volume, const MountEntry& mount) {
  // Relative to the file system's top level, where the pool is mounted.
  const std::string root = PoolLayout("").Live(volume);
  return mount.device == device_ &&
         (mount.root == root || absl::StartsWith(mount.root, root + "/"));
}

}  // namespace drover::volume
