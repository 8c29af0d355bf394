#include "services/container/backend/log_frames.h"

#include <algorithm>

namespace drover::container {
namespace {

constexpr size_t kHeaderSize = 8;
constexpr char kStandardError = 2;

size_t Length(absl::string_view header) {
  size_t length = 0;
  for (size_t i = 4; i < kHeaderSize; ++i) {
    length = length << 8 | static_cast<unsigned char>(header[i]);
  }
  return length;
}

}  // namespace

std::vector<LogChunk> LogFrames::Feed(absl::string_view data) {
  std::vector<LogChunk> chunks;
  while (!data.empty()) {
    if (missing_ == 0) {
      const size_t count = std::min(kHeaderSize - header_.size(), data.size());
      header_.append(data.data(), count);
      data.remove_prefix(count);
      if (header_.size() < kHeaderSize) break;
      missing_ = Length(header_);
      is_error_output_ = header_[0] == kStandardError;
      header_.clear();
      continue;
    }
    const size_t count = std::min(missing_, data.size());
    chunks.push_back(
        {.is_error_output = is_error_output_, .data = std::string(data.substr(0, count))});
    data.remove_prefix(count);
    missing_ -= count;
  }
  return chunks;
}

}  // namespace drover::container
