// The frames in which an engine sends the output of a container without a terminal.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_LOG_FRAMES_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_LOG_FRAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/container/backend/container_engine.h"

namespace drover::container {

// Feed it the stream in pieces of any size: a frame is 8 bytes (stream 1 or 2, three zeros, the
// length as big-endian) and its data. Large frames are handed out as they come, in parts.
class LogFrames {
 public:
  std::vector<LogChunk> Feed(absl::string_view data);

 private:
  std::string header_;
  // Of the frame whose header is complete.
  size_t missing_ = 0;
  bool is_error_output_ = false;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_LOG_FRAMES_H_
