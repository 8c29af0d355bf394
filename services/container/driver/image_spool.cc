#include "services/container/driver/image_spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace drover::container {
namespace {

constexpr size_t kPieceSize = 256 << 10;

}  // namespace

absl::StatusOr<std::shared_ptr<ImageSpool>> ImageSpool::Create(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make a temporary file in ", folder));
  }
  return std::shared_ptr<ImageSpool>(new ImageSpool(descriptor));
}

ImageSpool::~ImageSpool() { close(descriptor_); }

void ImageSpool::Append(absl::string_view data) {
  digest_.Update(data);
  while (status_.ok() && !data.empty()) {
    const ssize_t count = write(descriptor_, data.data(), data.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      status_ = absl::ErrnoToStatus(errno, "cannot keep the image while it comes");
      return;
    }
    size_ += count;
    data.remove_prefix(count);
  }
}

absl::Status ImageSpool::Verify(const std::string& digest) {
  if (!status_.ok()) return status_;
  const std::string actual = digest_.Finish();
  if (actual == digest) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the image was damaged on its way: digest ", actual, ", announced ", digest));
}

absl::StatusOr<std::string> ImageSpool::ReadAt(int64_t offset) {
  std::string piece(kPieceSize, '\0');
  const ssize_t count = pread(descriptor_, piece.data(), piece.size(), offset);
  if (count < 0) return absl::ErrnoToStatus(errno, "cannot read the image that came");
  piece.resize(count);
  return piece;
}

ByteSource ImageSpool::Content(std::shared_ptr<ImageSpool> spool) {
  auto offset = std::make_shared<int64_t>(0);
  return [spool, offset]() -> Task<absl::StatusOr<std::string>> {
    absl::StatusOr<std::string> piece = spool->ReadAt(*offset);
    if (piece.ok()) *offset += piece->size();
    co_return piece;
  };
}

}  // namespace drover::container
