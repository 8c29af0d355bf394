#include "services/coordinator/orchestrator/store_copy.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace drover::coordinator {
namespace {

constexpr size_t kPiece = 256 * 1024;

}  // namespace

Task<absl::StatusOr<int64_t>> StoreCopy::Size() const {
  auto look = [fd = file_.get()]() -> absl::StatusOr<int64_t> {
    struct stat info;
    if (fstat(fd, &info) != 0) return absl::ErrnoToStatus(errno, "cannot read the copy");
    return info.st_size;
  };
  co_return co_await RunBlocking(pool_, std::move(look));
}

Task<absl::StatusOr<std::string>> StoreCopy::Read(int64_t offset) const {
  auto read = [fd = file_.get(), offset]() -> absl::StatusOr<std::string> {
    std::string piece(kPiece, '\0');
    const ssize_t count = pread(fd, piece.data(), piece.size(), offset);
    if (count < 0) return absl::ErrnoToStatus(errno, "cannot read the copy");
    piece.resize(count);
    return piece;
  };
  co_return co_await RunBlocking(pool_, std::move(read));
}

}  // namespace drover::coordinator
