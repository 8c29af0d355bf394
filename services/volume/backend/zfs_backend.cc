#include "services/volume/backend/zfs_backend.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/ids/random_id.h"
#include "services/common/process/process.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/fuse_unmount.h"
#include "services/volume/backend/pool_layout.h"
#include "services/volume/backend/record_json.h"
#include "services/volume/backend/slot_mount.h"
#include "services/volume/backend/zfs_command.h"
#include "services/volume/backend/zfs_record.h"
#include "services/volume/domain/names.h"

namespace drover::volume {
namespace {

// Far longer than zfs-fuse needs to answer what an application left behind.
constexpr absl::Duration kFuseAnswerTimeout = absl::Seconds(20);

std::string QuotaText(int64_t bytes) { return bytes > 0 ? absl::StrCat(bytes) : "none"; }

absl::Status OkIfNotFound(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

// A snapshot that a clone was made from goes with the last of its clones.
absl::Status DestroySnapshot(const std::string& snapshot) {
  return OkIfNotFound(zfs::Zfs({"destroy", "-d", snapshot}).status());
}

// Of everything below `root`: the file systems that are clones of one of `dataset`'s snapshots,
// with that snapshot.
absl::StatusOr<std::map<std::string, std::string>> ClonesOf(const std::string& root,
                                                            const std::string& dataset) {
  DROVER_ASSIGN_OR_RETURN(std::vector<zfs::Property> all, zfs::GetAll(root, "origin", {}));
  std::map<std::string, std::string> clones;
  for (const zfs::Property& one : all) {
    if (absl::StartsWith(one.value, dataset + "@")) clones[one.dataset] = one.value;
  }
  return clones;
}

// Clones do not end with what they were made from: they take over the snapshots that they need.
absl::Status LetGoOfClones(const std::string& root, const std::string& dataset) {
  DROVER_ASSIGN_OR_RETURN(std::vector<zfs::Property> all, zfs::GetAll(dataset, "creation", {}));
  for (const zfs::Property& one : all) {
    if (!absl::StartsWith(one.dataset, dataset + "@")) continue;
    DROVER_RETURN_IF_ERROR(DestroySnapshot(one.dataset));
  }
  DROVER_ASSIGN_OR_RETURN(const auto clones, ClonesOf(root, dataset));
  for (const auto& [clone, snapshot] : clones) {
    DROVER_RETURN_IF_ERROR(zfs::Zfs({"promote", clone}).status());
  }
  return absl::OkStatus();
}

// The pool's GUID: the third word of the second line.
absl::StatusOr<std::string> GuidOfPool(const std::string& pool) {
  DROVER_ASSIGN_OR_RETURN(std::string output, RunChecked({"zpool", "get", "guid", pool}));
  const std::vector<std::string> lines = absl::StrSplit(output, '\n');
  if (lines.size() > 1) {
    const std::vector<std::string> words =
        absl::StrSplit(lines[1], absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() > 2) return words[2];
  }
  return absl::InternalError(absl::StrCat("zpool did not say the guid of ", pool));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ZfsBackend>> ZfsBackend::Create(const std::string& pool) {
  absl::StatusOr<std::string> guid = GuidOfPool(pool);
  if (!guid.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("no ZFS pool ", pool, " is imported (", guid.status().message(),
                     "); make one with drover-volume --init-pool --backend zfs, or import it"));
  }
  std::unique_ptr<ZfsBackend> backend(new ZfsBackend(pool));
  DROVER_ASSIGN_OR_RETURN(bool exists, zfs::Exists(backend->root_));
  if (!exists) {
    DROVER_RETURN_IF_ERROR(zfs::Zfs({"create", "-o", "mountpoint=none", backend->root_}).status());
  }
  backend->ballast_.Refill();
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  for (const MountEntry& mount : mounts) {
    if (absl::StartsWith(mount.source, backend->root_ + "/")) {
      backend->devices_[mount.source].insert(mount.device);
    }
  }
  return backend;
}

absl::Status ZfsBackend::DestroyIfThere(const std::string& dataset) {
  const std::vector<std::string> destroy = {"destroy", "-r", dataset};
  const absl::Status status = OkIfNotFound(zfs::ZfsOnceIdle(destroy).status());
  if (!absl::StrContains(status.message(), "dependent clones")) return status;
  DROVER_RETURN_IF_ERROR(LetGoOfClones(root_, dataset));
  return OkIfNotFound(zfs::ZfsOnceIdle(destroy).status());
}

std::string ZfsBackend::ApplicationOf(const std::string& dataset) const {
  const std::vector<std::string> below =
      absl::StrSplit(absl::StripPrefix(dataset, root_ + "/"), '/');
  return below.front();
}

std::string ZfsBackend::DatasetOf(const ApplicationName& application) const {
  return absl::StrCat(root_, "/", application.value());
}

std::string ZfsBackend::DatasetOf(const VolumeKey& volume) const {
  return absl::StrCat(DatasetOf(volume.application), "/", VolumeFolderName(volume.id));
}

absl::StatusOr<PoolInfo> ZfsBackend::GetPool() {
  DROVER_ASSIGN_OR_RETURN(std::string guid, GuidOfPool(pool_));
  DROVER_ASSIGN_OR_RETURN(int64_t used, zfs::GetNumber(pool_, "used"));
  DROVER_ASSIGN_OR_RETURN(int64_t available, zfs::GetNumber(pool_, "available"));
  return PoolInfo{.identity = guid, .size_bytes = used + available, .free_bytes = available};
}

absl::StatusOr<std::vector<GroupRecord>> ZfsBackend::ReadRecords() {
  // Only local ones: children inherit them.
  DROVER_ASSIGN_OR_RETURN(std::vector<zfs::Property> all,
                          zfs::GetAll(root_, "all", {"-s", "local"}));
  std::map<std::string, std::map<std::string, std::string>> by_dataset;
  for (zfs::Property& one : all) {
    if (absl::StartsWith(one.name, kRecordProperty)) {
      by_dataset[one.dataset][one.name] = std::move(one.value);
    }
  }
  std::vector<GroupRecord> records;
  for (const auto& [dataset, properties] : by_dataset) {
    // The parts of a record that was never completed.
    if (properties.count(kRecordProperty) == 0) continue;
    absl::StatusOr<std::string> text = JoinRecord(properties);
    if (!text.ok()) return Annotate(text.status(), dataset);
    absl::StatusOr<GroupRecord> record = RecordFromJson(*text);
    if (!record.ok()) return Annotate(record.status(), dataset);
    records.push_back(*std::move(record));
  }
  return records;
}

absl::Status ZfsBackend::WriteRecord(const GroupRecord& record) {
  return ballast_.Write([this, &record] { return SetRecord(record); });
}

absl::Status ZfsBackend::SetRecord(const GroupRecord& record) {
  const std::string dataset = DatasetOf(record.application);
  DROVER_ASSIGN_OR_RETURN(bool exists, zfs::Exists(dataset));
  if (!exists) DROVER_RETURN_IF_ERROR(zfs::Zfs({"create", dataset}).status());
  // Every `zfs set` is on the disk when it returns.
  DROVER_ASSIGN_OR_RETURN(std::string present, zfs::Get(dataset, kRecordProperty));
  for (const auto& [name, value] : SplitRecord(RecordToJson(record), present)) {
    DROVER_RETURN_IF_ERROR(zfs::Set(dataset, name, value));
  }
  return absl::OkStatus();
}

absl::Status ZfsBackend::RemoveGroup(const ApplicationName& application) {
  DROVER_RETURN_IF_ERROR(RemoveVolumes(application));
  return DestroyIfThere(DatasetOf(application));
}

absl::Status ZfsBackend::RemoveVolumes(const ApplicationName& application) {
  const std::string parent = DatasetOf(application);
  absl::StatusOr<std::string> names =
      zfs::Zfs({"list", "-H", "-r", "-o", "name", "-t", "filesystem", parent});
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  const std::vector<std::string> datasets = absl::StrSplit(*names, '\n', absl::SkipEmpty());
  for (const std::string& name : datasets) {
    if (name != parent) DROVER_RETURN_IF_ERROR(DestroyIfThere(name));
  }
  return absl::OkStatus();
}

absl::Status ZfsBackend::CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) {
  const std::string dataset = DatasetOf(volume);
  DROVER_ASSIGN_OR_RETURN(bool exists, zfs::Exists(dataset));
  if (!exists) {
    // noauto: `zfs mount -a` at boot must not show it to anybody.
    DROVER_RETURN_IF_ERROR(zfs::Zfs({"create", "-p", "-o", "canmount=noauto", dataset}).status());
  }
  // Also makes the new dataset's first transaction durable.
  return zfs::Set(dataset, "refquota", QuotaText(maximum_size_bytes));
}

absl::Status ZfsBackend::CloneVolume(const VolumeKey& source, const std::string& snapshot,
                                     const VolumeKey& clone, int64_t maximum_size_bytes) {
  const std::string dataset = DatasetOf(clone);
  DROVER_RETURN_IF_ERROR(DestroyIfThere(dataset));
  DROVER_RETURN_IF_ERROR(zfs::Zfs({"clone", "-p", "-o", "canmount=noauto",
                                   absl::StrCat(DatasetOf(source), "@", snapshot), dataset})
                             .status());
  return zfs::Set(dataset, "refquota", QuotaText(maximum_size_bytes));
}

absl::Status ZfsBackend::RemoveVolume(const VolumeKey& volume) {
  return DestroyIfThere(DatasetOf(volume));
}

absl::Status ZfsBackend::SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) {
  return zfs::Set(DatasetOf(volume), "refquota", QuotaText(maximum_size_bytes));
}

absl::StatusOr<int64_t> ZfsBackend::UsedBytes(const VolumeKey& volume, std::stop_token stop) {
  absl::StatusOr<int64_t> bytes = zfs::GetNumber(DatasetOf(volume), "referenced");
  if (absl::IsNotFound(bytes.status())) return 0;
  return bytes;
}

absl::StatusOr<StoredSnapshot> ZfsBackend::CreateSnapshot(const VolumeKey& volume,
                                                          const std::string& name) {
  const std::string snapshot = absl::StrCat(DatasetOf(volume), "@", name);
  const absl::Status taken = zfs::Zfs({"snapshot", snapshot}).status();
  if (zfs::IsBusy(taken)) {
    // What was synced before a power cut is in its intent log, which only a mount replays: a
    // snapshot without that would lack it.
    return absl::UnavailableError(absl::StrCat(
        taken.message(), ": after a power cut it has to be mounted once; start the application"));
  }
  DROVER_RETURN_IF_ERROR(taken);
  DROVER_ASSIGN_OR_RETURN(std::string guid, zfs::Get(snapshot, "guid"));
  DROVER_ASSIGN_OR_RETURN(int64_t seconds, zfs::GetNumber(snapshot, "creation"));
  return StoredSnapshot{.ref = {.name = name, .identity = guid},
                        .create_time = absl::FromUnixSeconds(seconds)};
}

absl::StatusOr<std::vector<ZfsBackend::Listed>> ZfsBackend::List(const VolumeKey& volume) {
  const std::string prefix = DatasetOf(volume) + "@";
  absl::StatusOr<std::vector<zfs::Property>> all =
      zfs::GetAll(DatasetOf(volume), "guid,creation,createtxg,defer_destroy", {});
  if (absl::IsNotFound(all.status())) return std::vector<Listed>();
  if (!all.ok()) return all.status();
  std::map<std::string, Listed> by_name;
  for (const zfs::Property& one : *all) {
    if (!absl::StartsWith(one.dataset, prefix)) continue;
    Listed& found = by_name[one.dataset.substr(prefix.size())];
    int64_t number = 0;
    (void)absl::SimpleAtoi(one.value, &number);
    if (one.name == "guid") found.snapshot.ref.identity = one.value;
    if (one.name == "creation") found.snapshot.create_time = absl::FromUnixSeconds(number);
    if (one.name == "createtxg") found.transaction = number;
    if (one.name == "defer_destroy") found.only_for_clones = one.value == "on";
  }
  std::vector<Listed> listed;
  for (auto& [name, one] : by_name) {
    one.snapshot.ref.name = name;
    listed.push_back(one);
  }
  std::stable_sort(listed.begin(), listed.end(),
                   [](const Listed& a, const Listed& b) { return a.transaction < b.transaction; });
  return listed;
}

absl::StatusOr<std::vector<StoredSnapshot>> ZfsBackend::ListSnapshots(const VolumeKey& volume) {
  DROVER_ASSIGN_OR_RETURN(std::vector<Listed> listed, List(volume));
  std::vector<StoredSnapshot> snapshots;
  for (Listed& one : listed) {
    if (!one.only_for_clones) snapshots.push_back(std::move(one.snapshot));
  }
  return snapshots;
}

absl::Status ZfsBackend::CheckRollBack(const VolumeKey& volume, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(const std::vector<Listed> listed, List(volume));
  const std::string dataset = DatasetOf(volume);
  DROVER_ASSIGN_OR_RETURN(const auto clones, ClonesOf(root_, dataset));
  bool found = false;
  for (const Listed& one : listed) {
    for (const auto& [clone, snapshot] : clones) {
      if (!found || snapshot != absl::StrCat(dataset, "@", one.snapshot.ref.name)) continue;
      return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "HAS_CLONES",
          absl::StrCat("on ZFS a volume cannot be put back to a time before a clone was made of "
                       "it, and ",
                       ApplicationOf(clone),
                       " is one; clone the volume again instead, or delete that clone"));
    }
    found = found || (one.snapshot.ref.name == name && !one.only_for_clones);
  }
  return found ? absl::OkStatus() : NoSuchSnapshot(volume, name);
}

absl::Status ZfsBackend::DeleteSnapshot(const VolumeKey& volume, const std::string& name) {
  return DestroySnapshot(absl::StrCat(DatasetOf(volume), "@", name));
}

absl::Status ZfsBackend::CheckNoNested(const VolumeKey& volume) {
  absl::StatusOr<std::string> names =
      zfs::Zfs({"list", "-H", "-r", "-o", "name", "-t", "filesystem,volume", DatasetOf(volume)});
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  if (!names.ok()) return names.status();
  if (std::count(names->begin(), names->end(), '\n') <= 1) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "NESTED_VOLUME",
      absl::StrCat(DatasetOf(volume), " has child datasets, which a snapshot leaves out; ",
                   "replace them by plain folders"));
}

absl::Status ZfsBackend::CheckUnchangedSince(const VolumeKey& volume, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(std::string mounted, zfs::Get(DatasetOf(volume), "mounted"));
  if (mounted == "no") return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
                          absl::StrCat(DatasetOf(volume), " was mounted again; unmount it"));
}

absl::Status ZfsBackend::Sync() {
  // There is no `zpool sync` in zfs-fuse; setting a property waits for the pool's transaction.
  return ballast_.Write([this] { return zfs::Set(root_, "drover:sync", RandomHex(4)); });
}

absl::StatusOr<std::vector<std::string>> ZfsBackend::SendCommand(
    const VolumeKey& volume, const std::string& name, const std::optional<std::string>& base) {
  // Never -p or -R: properties, the record among them, must not travel.
  std::vector<std::string> argv = {"zfs", "send"};
  if (base.has_value()) {
    argv.insert(argv.end(), {"-i", absl::StrCat(DatasetOf(volume), "@", *base)});
  }
  argv.push_back(absl::StrCat(DatasetOf(volume), "@", name));
  return argv;
}

absl::Status ZfsBackend::Rewind(const IncomingSnapshot& incoming) {
  const std::string dataset = DatasetOf(incoming.volume);
  if (!incoming.base_identity.has_value()) return DestroyIfThere(dataset);
  DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
  for (const StoredSnapshot& one : snapshots) {
    if (one.ref.identity != *incoming.base_identity) continue;
    return zfs::ZfsOnceIdle({"rollback", "-r", absl::StrCat(dataset, "@", one.ref.name)}).status();
  }
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "BASE_MISSING",
                          "the snapshot that the stream builds on is not on this node");
}

absl::Status ZfsBackend::CheckNothingOfPeopleGoes(const IncomingSnapshot& incoming) {
  if (incoming.base_identity.has_value()) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
  for (const StoredSnapshot& one : snapshots) {
    if (!MigrationOfSnapshot(one.ref.name).empty()) continue;
    const std::string name = VolumeDisplayName(incoming.volume.application, incoming.volume.id);
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "SNAPSHOTS_KEPT",
        absl::StrCat("this node keeps snapshot ", one.ref.name, " of an earlier time of ", name,
                     ", which a full copy would destroy; delete it with `drover volumes delete ",
                     name, "@", one.ref.name, "`, or move to another node"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ZfsBackend::BeginReceive(
    const IncomingSnapshot& incoming) {
  {
    std::lock_guard lock(mutex_);
    transfers_[incoming.volume] = incoming.transfer;
  }
  const std::string dataset = DatasetOf(incoming.volume);
  absl::StatusOr<std::string> mounted = zfs::Get(dataset, "mounted");
  if (mounted.ok() && *mounted == "yes") {
    return absl::FailedPreconditionError(
        absl::StrCat(dataset, " is mounted; unmount it before it receives"));
  }
  DROVER_RETURN_IF_ERROR(CheckNothingOfPeopleGoes(incoming));
  DROVER_RETURN_IF_ERROR(Rewind(incoming));
  return std::vector<std::string>{"zfs", "receive", "-u", dataset};
}

absl::StatusOr<StoredSnapshot> ZfsBackend::AcceptReceived(const IncomingSnapshot& incoming) {
  DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
  if (snapshots.empty() || snapshots.back().ref != incoming.snapshot) {
    return absl::DataLossError(absl::StrCat("what was received is not the snapshot ",
                                            incoming.snapshot.name,
                                            " that was announced; it was discarded"));
  }
  DROVER_RETURN_IF_ERROR(zfs::Set(DatasetOf(incoming.volume), "canmount", "noauto"));
  return snapshots.back();
}

absl::Status ZfsBackend::DiscardReceived(const IncomingSnapshot& incoming) {
  {
    std::lock_guard lock(mutex_);
    const auto newest = transfers_.find(incoming.volume);
    if (newest == transfers_.end() || newest->second != incoming.transfer) {
      return absl::OkStatus();
    }
  }
  return Rewind(incoming);
}

absl::Status ZfsBackend::MakeServing(const VolumeKey& volume, const std::string& snapshot,
                                     int64_t maximum_size_bytes) {
  const std::string dataset = DatasetOf(volume);
  DROVER_RETURN_IF_ERROR(
      zfs::ZfsOnceIdle({"rollback", "-r", absl::StrCat(dataset, "@", snapshot)}).status());
  return zfs::Set(dataset, "refquota", QuotaText(maximum_size_bytes));
}

absl::StatusOr<std::vector<MountEntry>> ZfsBackend::MountsOf(const VolumeKey& volume) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, OwnMounts());
  const std::string dataset = DatasetOf(volume);
  std::erase_if(mounts, [&](const MountEntry& mount) { return mount.source != dataset; });
  std::lock_guard lock(mutex_);
  for (const MountEntry& mount : mounts) devices_[mount.source].insert(mount.device);
  return mounts;
}

absl::StatusOr<std::optional<MountEntry>> ZfsBackend::FindMount(const VolumeKey& volume,
                                                                const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::vector<MountEntry> mounts, MountsOf(volume));
  for (MountEntry& mount : mounts) {
    if (mount.mount_point == path) return std::move(mount);
  }
  return std::nullopt;
}

absl::Status ZfsBackend::Mount(const VolumeKey& volume, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::optional<MountEntry> mounted, FindMount(volume, path));
  if (mounted.has_value()) return absl::OkStatus();
  // A dataset is mounted once: a place that is still in use for an earlier start has it.
  DROVER_ASSIGN_OR_RETURN(const std::vector<MountEntry> elsewhere, MountsOf(volume));
  if (!elsewhere.empty()) return BindMount(elsewhere.front().mount_point, path);
  const std::string dataset = DatasetOf(volume);
  DROVER_RETURN_IF_ERROR(zfs::Set(dataset, "mountpoint", path));
  DROVER_RETURN_IF_ERROR(zfs::Zfs({"mount", dataset}).status());
  DROVER_ASSIGN_OR_RETURN(mounted, FindMount(volume, path));
  if (mounted.has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(dataset, " was mounted in another mount namespace than this service's; ",
                   "start zfs-fuse and drover-volume in the same one"));
}

absl::Status ZfsBackend::Unmount(const VolumeKey& volume, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::optional<MountEntry> mount, FindMount(volume, path));
  if (!mount.has_value()) return absl::OkStatus();
  // zfs-fuse; with ZFS in the kernel the type is "zfs".
  if (absl::StartsWith(mount->file_system, "fuse")) {
    return UnmountFuse(path, mount->device, kFuseAnswerTimeout);
  }
  return PlainUnmount(path);
}

bool ZfsBackend::IsMountOf(const VolumeKey& volume, const MountEntry& mount) {
  std::lock_guard lock(mutex_);
  const auto devices = devices_.find(DatasetOf(volume));
  return devices != devices_.end() && mount.source == devices->first &&
         devices->second.count(mount.device) > 0;
}

}  // namespace drover::volume
