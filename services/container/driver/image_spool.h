// An image on its way from a peer: on disk until all of it is here and proved whole, so that the
// engine never sees a part.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_SPOOL_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_SPOOL_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/container/backend/container_engine.h"
#include "services/container/driver/stream_digest.h"

namespace drover::container {

// A nameless file that is gone with this object.
class ImageSpool {
 public:
  static absl::StatusOr<std::shared_ptr<ImageSpool>> Create(const std::string& folder);
  ~ImageSpool();
  ImageSpool(const ImageSpool&) = delete;

  // RESOURCE_EXHAUSTED if the disk is full. Keeps the first error.
  void Append(absl::string_view data);
  int64_t size() const { return size_; }
  // DATA_LOSS unless all was written and `digest` is that of what was written.
  absl::Status Verify(const std::string& digest);
  // Reads it from the beginning.
  static ByteSource Content(std::shared_ptr<ImageSpool> spool);

 private:
  explicit ImageSpool(int descriptor) : descriptor_(descriptor) {}
  absl::StatusOr<std::string> ReadAt(int64_t offset);

  int descriptor_;
  int64_t size_ = 0;
  absl::Status status_;
  StreamDigest digest_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_IMAGE_SPOOL_H_
