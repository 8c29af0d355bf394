// XXH3-128 of a stream.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_STREAM_DIGEST_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_STREAM_DIGEST_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace drover::container {

class StreamDigest {
 public:
  StreamDigest();
  void Update(absl::string_view data);
  // 32 lower-case hexadecimal digits.
  std::string Finish() const;

 private:
  std::shared_ptr<void> state_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_STREAM_DIGEST_H_
