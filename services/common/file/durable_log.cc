#include "services/common/file/durable_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

absl::Status ErrnoStatus(absl::string_view what, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", what, " ", path));
}

}  // namespace

absl::StatusOr<DurableLog> DurableLog::Open(const std::string& path) {
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!file.valid()) return ErrnoStatus("open", path);
  // So that a new file's name is as durable as what will be in it.
  std::string folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  UniqueFd parent(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent.valid() || fsync(parent.get()) != 0) return ErrnoStatus("sync", folder);
  return DurableLog(path, std::move(file));
}

absl::Status DurableLog::Append(absl::string_view record) {
  while (!record.empty()) {
    const ssize_t count = write(fd_.get(), record.data(), record.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus("append to", path_);
    record.remove_prefix(count);
  }
  // The data and the file's length, which is all that a reader needs.
  if (fdatasync(fd_.get()) != 0) return ErrnoStatus("sync", path_);
  return absl::OkStatus();
}

absl::Status DurableLog::Clear() {
  if (ftruncate(fd_.get(), 0) != 0) return ErrnoStatus("empty", path_);
  return absl::OkStatus();
}

}  // namespace drover
