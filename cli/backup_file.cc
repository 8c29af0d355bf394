#include "cli/backup_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

// How every SQLite database begins.
constexpr absl::string_view kMagic("SQLite format 3\0", 16);

absl::Status Failure(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

absl::Status Exists(const std::string& path) {
  return absl::AlreadyExistsError(
      absl::StrCat(path, " exists; choose another name, or replace it with --force"));
}

absl::Status SyncFolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return Failure("sync", folder);
  return absl::OkStatus();
}

}  // namespace

BackupFile::BackupFile(std::string path, bool replace)
    : path_(std::move(path)),
      partial_(absl::StrCat(path_, ".partial-", getpid())),
      replace_(replace) {}

BackupFile::BackupFile(BackupFile&& other) noexcept
    : path_(std::move(other.path_)),
      partial_(std::exchange(other.partial_, "")),
      replace_(other.replace_),
      file_(std::move(other.file_)),
      size_(other.size_),
      begin_(std::move(other.begin_)) {}

BackupFile::~BackupFile() {
  if (!partial_.empty()) unlink(partial_.c_str());
}

absl::StatusOr<BackupFile> BackupFile::Create(const std::string& path, bool replace) {
  if (!replace && access(path.c_str(), F_OK) == 0) return Exists(path);
  BackupFile backup(path, replace);
  backup.file_ =
      UniqueFd(open(backup.partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!backup.file_.valid()) {
    const absl::Status failed = Failure("create", backup.partial_);
    backup.partial_.clear();
    return failed;
  }
  return backup;
}

absl::Status BackupFile::Append(absl::string_view data) {
  if (begin_.size() < kMagic.size()) {
    absl::StrAppend(&begin_, data.substr(0, kMagic.size() - begin_.size()));
  }
  size_ += static_cast<int64_t>(data.size());
  while (!data.empty()) {
    const ssize_t count = write(file_.get(), data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failure("write", partial_);
    data.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status BackupFile::Finish(int64_t size) {
  if (begin_ != kMagic || size_ != size) {
    return absl::DataLossError(
        absl::StrCat("what the coordinator sent is no whole backup; ", path_, " was not written"));
  }
  if (fsync(file_.get()) != 0) return Failure("sync", partial_);
  const unsigned flags = replace_ ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, path_.c_str(), flags) != 0) {
    return errno == EEXIST ? Exists(path_) : Failure("name", path_);
  }
  partial_.clear();
  return SyncFolderOf(path_);
}

}  // namespace drover::cli
