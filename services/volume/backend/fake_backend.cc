#include "services/volume/backend/fake_backend.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

// A snapshot is a folder with these three.
constexpr char kData[] = "/data";
constexpr char kIdentity[] = "/identity";
constexpr char kTime[] = "/time";

void CopyTree(const std::string& from, const std::string& to) {
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

const std::vector<std::string> kHang = {"sleep", "infinity"};

// What distinguishes two trees: paths, and the content of files.
std::map<std::string, std::string> TreeContent(const std::string& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string text = "folder";
    if (entry.is_regular_file()) text = ReadFile(entry.path()).value_or("");
    content[entry.path().lexically_relative(folder)] = text;
  }
  return content;
}

absl::StatusOr<StoredSnapshot> Describe(const std::string& path, const std::string& name) {
  DROVER_ASSIGN_OR_RETURN(std::string identity, ReadFile(path + kIdentity));
  DROVER_ASSIGN_OR_RETURN(std::string time, ReadFile(path + kTime));
  int64_t nanoseconds = 0;
  if (!absl::SimpleAtoi(time, &nanoseconds)) return absl::DataLossError("no time in " + path);
  return StoredSnapshot{.ref = {.name = name, .identity = identity},
                        .create_time = absl::FromUnixNanos(nanoseconds)};
}

void RemoveAll(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FakeBackend>> FakeBackend::Create(const std::string& pool) {
  std::unique_ptr<FakeBackend> backend(new FakeBackend(pool));
  DROVER_RETURN_IF_ERROR(MakeFolders(backend->layout_.Applications()));
  if (!fs::exists(backend->layout_.Identity())) {
    DROVER_RETURN_IF_ERROR(WriteFileDurably(backend->layout_.Identity(), RandomUuid()));
  }
  return backend;
}

void FakeBackend::SetBusy(bool busy) {
  std::lock_guard lock(mutex_);
  busy_ = busy;
}
void FakeBackend::SetFreeBytes(int64_t bytes) {
  std::lock_guard lock(mutex_);
  free_bytes_ = bytes;
}
void FakeBackend::SetNested(bool nested) {
  std::lock_guard lock(mutex_);
  nested_ = nested;
}
void FakeBackend::FailNextAccept(absl::Status status) {
  std::lock_guard lock(mutex_);
  next_accept_ = std::move(status);
}
void FakeBackend::HangNextSend() {
  std::lock_guard lock(mutex_);
  hang_send_ = true;
}
void FakeBackend::HangNextReceive() {
  std::lock_guard lock(mutex_);
  hang_receive_ = true;
}
void FakeBackend::OnMeasure(std::function<void()> on_measure) {
  std::lock_guard lock(mutex_);
  on_measure_ = std::move(on_measure);
}
std::set<std::string> FakeBackend::MountsOf(const VolumeKey& volume) const {
  std::lock_guard lock(mutex_);
  const auto found = mounts_.find(volume);
  return found == mounts_.end() ? std::set<std::string>() : found->second;
}

absl::StatusOr<PoolInfo> FakeBackend::GetPool() {
  DROVER_ASSIGN_OR_RETURN(PoolInfo info, ReadPoolInfo(layout_));
  std::lock_guard lock(mutex_);
  info.size_bytes = int64_t{1} << 40;
  info.free_bytes = free_bytes_;
  return info;
}

absl::StatusOr<std::vector<GroupRecord>> FakeBackend::ReadRecords() {
  return ReadRecordFiles(layout_);
}

absl::Status FakeBackend::WriteRecord(const GroupRecord& record) {
  return WriteRecordFile(layout_, record);
}

absl::Status FakeBackend::RemoveGroup(const ApplicationName& application) {
  RemoveAll(layout_.Application(application));
  return absl::OkStatus();
}

absl::Status FakeBackend::RemoveVolumes(const ApplicationName& application) {
  RemoveAll(layout_.Volumes(application));
  RemoveAll(layout_.IncomingOf(application));
  return absl::OkStatus();
}

absl::Status FakeBackend::CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) {
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(volume)));
  return MakeFolders(layout_.Live(volume));
}

absl::Status FakeBackend::CloneVolume(const VolumeKey& source, const std::string& snapshot,
                                      const VolumeKey& clone, int64_t maximum_size_bytes) {
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(clone)));
  RemoveAll(layout_.Live(clone));
  CopyTree(layout_.Snapshot(source, snapshot) + kData, layout_.Live(clone));
  return absl::OkStatus();
}

absl::Status FakeBackend::RemoveVolume(const VolumeKey& volume) {
  RemoveAll(layout_.Volume(volume));
  return absl::OkStatus();
}

absl::Status FakeBackend::SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) {
  return absl::OkStatus();
}

absl::StatusOr<int64_t> FakeBackend::UsedBytes(const VolumeKey& volume, std::stop_token stop) {
  std::function<void()> on_measure;
  {
    std::lock_guard lock(mutex_);
    on_measure = on_measure_;
  }
  if (on_measure) on_measure();
  return DiskUsage(layout_.Live(volume), std::move(stop));
}

absl::StatusOr<StoredSnapshot> FakeBackend::CreateSnapshot(const VolumeKey& volume,
                                                           const std::string& name) {
  const std::string path = layout_.Snapshot(volume, name);
  if (fs::exists(path)) return absl::AlreadyExistsError(path);
  DROVER_RETURN_IF_ERROR(MakeFolders(path));
  CopyTree(layout_.Live(volume), path + kData);
  DROVER_RETURN_IF_ERROR(WriteFileDurably(path + kIdentity, RandomUuid()));
  DROVER_RETURN_IF_ERROR(
      WriteFileDurably(path + kTime, absl::StrCat(absl::ToUnixNanos(absl::Now()))));
  return Describe(path, name);
}

absl::StatusOr<std::vector<StoredSnapshot>> FakeBackend::ListSnapshots(const VolumeKey& volume) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(layout_.Snapshots(volume)));
  std::vector<StoredSnapshot> snapshots;
  for (const std::string& name : names) {
    DROVER_ASSIGN_OR_RETURN(StoredSnapshot one, Describe(layout_.Snapshot(volume, name), name));
    snapshots.push_back(std::move(one));
  }
  std::stable_sort(snapshots.begin(), snapshots.end(),
                   [](const auto& a, const auto& b) { return a.create_time < b.create_time; });
  return snapshots;
}

absl::Status FakeBackend::CheckRollBack(const VolumeKey& volume, const std::string& name) {
  if (fs::exists(layout_.Snapshot(volume, name))) return absl::OkStatus();
  return NoSuchSnapshot(volume, name);
}

absl::Status FakeBackend::DeleteSnapshot(const VolumeKey& volume, const std::string& name) {
  RemoveAll(layout_.SnapshotFolder(volume, name));
  return absl::OkStatus();
}

absl::Status FakeBackend::CheckNoNested(const VolumeKey& volume) {
  std::lock_guard lock(mutex_);
  if (!nested_) return absl::OkStatus();
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "NESTED_VOLUME", "nested");
}

absl::Status FakeBackend::CheckUnchangedSince(const VolumeKey& volume, const std::string& name) {
  if (TreeContent(layout_.Live(volume)) == TreeContent(layout_.Snapshot(volume, name) + kData)) {
    return absl::OkStatus();
  }
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND", "it was changed");
}

absl::StatusOr<std::vector<std::string>> FakeBackend::SendCommand(
    const VolumeKey& volume, const std::string& name, const std::optional<std::string>& base) {
  std::lock_guard lock(mutex_);
  if (std::exchange(hang_send_, false)) return kHang;
  return std::vector<std::string>{"tar", "-C", layout_.SnapshotFolder(volume, name), "-c", name};
}

absl::StatusOr<std::vector<std::string>> FakeBackend::BeginReceive(
    const IncomingSnapshot& incoming) {
  DROVER_ASSIGN_OR_RETURN(std::vector<StoredSnapshot> snapshots, ListSnapshots(incoming.volume));
  const bool present =
      !incoming.base_identity.has_value() ||
      std::any_of(snapshots.begin(), snapshots.end(), [&](const StoredSnapshot& one) {
        return one.ref.identity == *incoming.base_identity;
      });
  if (!present) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "BASE_MISSING", "no base");
  }
  RemoveAll(layout_.Incoming(incoming));
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Incoming(incoming)));
  DROVER_RETURN_IF_ERROR(MakeFolders(layout_.Snapshots(incoming.volume)));
  std::lock_guard lock(mutex_);
  if (std::exchange(hang_receive_, false)) return kHang;
  return std::vector<std::string>{"tar", "-C", layout_.Incoming(incoming), "-x"};
}

absl::StatusOr<StoredSnapshot> FakeBackend::AcceptReceived(const IncomingSnapshot& incoming) {
  {
    std::lock_guard lock(mutex_);
    absl::Status status = std::exchange(next_accept_, absl::OkStatus());
    if (!status.ok()) return status;
  }
  const std::string& name = incoming.snapshot.name;
  const std::string folder = layout_.Incoming(incoming);
  absl::StatusOr<StoredSnapshot> snapshot = Describe(absl::StrCat(folder, "/", name), name);
  if (!snapshot.ok() || snapshot->ref.identity != incoming.snapshot.identity) {
    return absl::DataLossError("not the announced snapshot");
  }
  // As on the real ones, the order of arrival is the order of age.
  DROVER_RETURN_IF_ERROR(WriteFileDurably(absl::StrCat(folder, "/", name, kTime),
                                          absl::StrCat(absl::ToUnixNanos(absl::Now()))));
  fs::rename(folder, layout_.SnapshotFolder(incoming.volume, name));
  return snapshot;
}

absl::Status FakeBackend::DiscardReceived(const IncomingSnapshot& incoming) {
  RemoveAll(layout_.Incoming(incoming));
  return absl::OkStatus();
}

absl::Status FakeBackend::WipePartials() {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(layout_.Applications()));
  for (const std::string& name : names) RemoveAll(layout_.IncomingOf(ApplicationName(name)));
  return absl::OkStatus();
}

absl::Status FakeBackend::MakeServing(const VolumeKey& volume, const std::string& snapshot,
                                      int64_t maximum_size_bytes) {
  RemoveAll(layout_.Live(volume));
  CopyTree(layout_.Snapshot(volume, snapshot) + kData, layout_.Live(volume));
  return absl::OkStatus();
}

absl::Status FakeBackend::DropLive(const VolumeKey& volume) {
  RemoveAll(layout_.Live(volume));
  return absl::OkStatus();
}

absl::Status FakeBackend::Mount(const VolumeKey& volume, const std::string& path) {
  std::lock_guard lock(mutex_);
  mounts_[volume].insert(path);
  return absl::OkStatus();
}

absl::Status FakeBackend::Unmount(const VolumeKey& volume, const std::string& path) {
  std::lock_guard lock(mutex_);
  if (busy_ && mounts_[volume].count(path) > 0) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND", "it is used");
  }
  mounts_[volume].erase(path);
  return absl::OkStatus();
}

}  // namespace drover::volume
