#include "services/volume/client/resend_window.h"

#include <algorithm>
#include <utility>

namespace drover::volume {
namespace {

constexpr int64_t kLeast = 1 << 20;
constexpr int64_t kMost = 16 << 20;
constexpr int64_t kShare = 128;

}  // namespace

int64_t ResendLimit(int64_t stream_bytes) {
  return std::clamp(stream_bytes / kShare, kLeast, kMost);
}

bool ResendWindow::HasRoom() const { return end_ - acknowledged() < ResendLimit(end_); }

void ResendWindow::Add(grpc::ByteBuffer frame, int64_t bytes) {
  frames_.push_back({std::move(frame), end_, end_ + bytes});
  end_ += bytes;
}

std::optional<grpc::ByteBuffer> ResendWindow::Next() {
  if (sent_ == frames_.size()) return std::nullopt;
  return frames_[sent_++].buffer;
}

void ResendWindow::Acknowledge(int64_t bytes) {
  while (sent_ > 0 && frames_.front().end <= bytes) {
    frames_.pop_front();
    --sent_;
  }
}

void ResendWindow::Restart() {
  if (sent_ > 0) resent_bytes_ += frames_[sent_ - 1].end - frames_.front().begin;
  sent_ = 0;
}

}  // namespace drover::volume
