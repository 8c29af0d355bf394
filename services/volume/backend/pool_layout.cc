#include "services/volume/backend/pool_layout.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/errno_status.h"
#include "services/volume/backend/record_json.h"

namespace drover::volume {

namespace fs = std::filesystem;

std::string VolumeFolderName(const std::string& id) {
  return id.empty() ? "volume" : absl::StrCat("volume-", id);
}

std::string PoolLayout::Identity() const { return pool_ + "/drover/pool-identity"; }
std::string PoolLayout::Ballast() const { return pool_ + "/drover/ballast"; }
std::string PoolLayout::Applications() const { return pool_ + "/drover/apps"; }
std::string PoolLayout::Application(const ApplicationName& application) const {
  return absl::StrCat(Applications(), "/", application.value());
}
std::string PoolLayout::Record(const ApplicationName& application) const {
  return Application(application) + "/record.json";
}
std::string PoolLayout::Volumes(const ApplicationName& application) const {
  return Application(application) + "/volumes";
}
std::string PoolLayout::Volume(const VolumeKey& volume) const {
  return absl::StrCat(Volumes(volume.application), "/", VolumeFolderName(volume.id));
}
std::string PoolLayout::Live(const VolumeKey& volume) const { return Volume(volume) + "/live"; }
std::string PoolLayout::Snapshots(const VolumeKey& volume) const {
  return Volume(volume) + "/snapshots";
}
std::string PoolLayout::SnapshotFolder(const VolumeKey& volume, const std::string& name) const {
  return absl::StrCat(Snapshots(volume), "/", name);
}
std::string PoolLayout::Snapshot(const VolumeKey& volume, const std::string& name) const {
  return absl::StrCat(SnapshotFolder(volume, name), "/", name);
}
std::string PoolLayout::IncomingOf(const ApplicationName& application) const {
  return Application(application) + "/incoming";
}
std::string PoolLayout::Incoming(const IncomingSnapshot& incoming) const {
  return absl::StrCat(IncomingOf(incoming.volume.application), "/", incoming.transfer);
}

absl::StatusOr<std::vector<std::string>> EntriesOf(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename());
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::InternalError(absl::StrCat("cannot list ", folder, ": ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status MakeFolders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return absl::OkStatus();
  errno = error.value();
  return ErrnoStatus(absl::StrCat("cannot make ", path));
}

absl::Status SyncFolder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const absl::Status status =
      synced ? absl::OkStatus() : ErrnoStatus(absl::StrCat("cannot sync ", path));
  if (fd >= 0) close(fd);
  return status;
}

absl::Status RemoveEmptyFolder(const std::string& path) {
  if (rmdir(path.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(absl::StrCat("cannot remove ", path));
}

absl::StatusOr<int64_t> DiskUsage(const std::string& folder, std::stop_token stop) {
  std::string path = folder;
  char* roots[] = {path.data(), nullptr};
  std::unique_ptr<FTS, int (*)(FTS*)> tree(
      fts_open(roots, FTS_PHYSICAL | FTS_XDEV | FTS_NOCHDIR, nullptr), &fts_close);
  if (tree == nullptr) return 0;
  int64_t bytes = 0;
  std::set<ino_t> linked;
  while (FTSENT* entry = fts_read(tree.get())) {
    if (stop.stop_requested()) return absl::CancelledError("the measurement was stopped");
    const bool counted = entry->fts_info == FTS_F || entry->fts_info == FTS_D ||
                         entry->fts_info == FTS_SL || entry->fts_info == FTS_DEFAULT;
    // Files vanish while a running application's volume is walked: those are not counted.
    if (!counted) continue;
    const struct stat& info = *entry->fts_statp;
    if (entry->fts_info == FTS_F && info.st_nlink > 1 && !linked.insert(info.st_ino).second) {
      continue;
    }
    bytes += int64_t{info.st_blocks} * 512;
  }
  return bytes;
}

absl::StatusOr<PoolInfo> ReadPoolInfo(const PoolLayout& layout) {
  struct statvfs info;
  if (statvfs(layout.pool().c_str(), &info) != 0) {
    return ErrnoStatus(absl::StrCat("cannot inspect the pool ", layout.pool()));
  }
  DROVER_ASSIGN_OR_RETURN(std::string identity, ReadFile(layout.Identity()));
  return PoolInfo{.identity = std::string(absl::StripSuffix(identity, "\n")),
                  .size_bytes = static_cast<int64_t>(info.f_blocks * info.f_frsize),
                  .free_bytes = static_cast<int64_t>(info.f_bavail * info.f_frsize)};
}

absl::StatusOr<std::vector<GroupRecord>> ReadRecordFiles(const PoolLayout& layout) {
  DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(layout.Applications()));
  std::vector<GroupRecord> records;
  for (const std::string& name : names) {
    const std::string path = layout.Record(ApplicationName(name));
    absl::StatusOr<std::string> text = ReadFile(path);
    // The folder of a group whose creation or deletion was cut short.
    if (absl::IsNotFound(text.status())) continue;
    if (!text.ok()) return text.status();
    absl::StatusOr<GroupRecord> record = RecordFromJson(*text);
    if (!record.ok()) return Annotate(record.status(), path);
    records.push_back(*std::move(record));
  }
  return records;
}

absl::Status WriteRecordFile(const PoolLayout& layout, const GroupRecord& record) {
  const std::string folder = layout.Application(record.application);
  if (!fs::exists(folder)) {
    DROVER_RETURN_IF_ERROR(MakeFolders(folder));
    DROVER_RETURN_IF_ERROR(SyncFolder(layout.Applications()));
  }
  return WriteFileDurably(layout.Record(record.application), RecordToJson(record) + "\n");
}

}  // namespace drover::volume
