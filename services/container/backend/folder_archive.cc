#include "services/container/backend/folder_archive.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/file/unique_fd.h"
#include "services/common/process/child.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

absl::StatusOr<UniqueFd> OpenBelow(const std::string& root, const std::string& path) {
  std::error_code error;
  const bool is_empty = std::filesystem::is_empty(root, error);
  // No NOT_FOUND: that says something about `path`.
  if (error || is_empty) {
    return absl::InternalError(absl::StrCat(
        root, error ? absl::StrCat(" cannot be read: ", error.message())
                    : " is empty: what should be there is not mounted for this process"));
  }
  const UniqueFd top(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!top.valid()) return absl::InternalError(absl::StrCat("cannot open ", root));
  open_how how = {};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  UniqueFd folder(
      static_cast<int>(syscall(SYS_openat2, top.get(), path.c_str(), &how, sizeof(how))));
  if (folder.valid()) return folder;
  if (errno == ENOTDIR) return absl::NotFoundError(absl::StrCat(path, " is no folder"));
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
}

class FolderArchive {
 public:
  FolderArchive(UniqueFd folder, std::unique_ptr<Child> tar)
      : folder_(std::move(folder)), tar_(std::move(tar)) {}

  Task<absl::StatusOr<std::string>> Next() {
    std::string piece(kPieceBytes, '\0');
    DROVER_CO_ASSIGN_OR_RETURN(const size_t size, co_await tar_->Read(piece.data(), piece.size()));
    piece.resize(size);
    if (piece.empty()) DROVER_CO_RETURN_IF_ERROR(co_await tar_->Wait());
    co_return piece;
  }

 private:
  UniqueFd folder_;  // Open as long as tar needs its number.
  std::unique_ptr<Child> tar_;
};

}  // namespace

absl::StatusOr<ByteSource> ArchiveFolder(boost::asio::any_io_executor executor,
                                         const std::string& root, const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(UniqueFd folder, OpenBelow(root, path));
  DROVER_ASSIGN_OR_RETURN(
      std::unique_ptr<Child> tar,
      Child::Start(executor,
                   // What it warns of, such as sockets, nobody reads before its end.
                   {"tar", "--create", "--file", "-", "--warning=none", "--numeric-owner",
                    "--directory", absl::StrCat("/proc/", getpid(), "/fd/", folder.get()), "."},
                   {.pipe_output = true}));
  auto archive = std::make_shared<FolderArchive>(std::move(folder), std::move(tar));
  return ByteSource([archive] { return archive->Next(); });
}

}  // namespace drover::container
