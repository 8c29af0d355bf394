// What a sender keeps until its peer has acknowledged it: after a cut it is sent again.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_RESEND_WINDOW_H_
#define DROVER_SERVICES_VOLUME_CLIENT_RESEND_WINDOW_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <deque>
#include <optional>

namespace drover::volume {

// How much of a stream of that length may be unacknowledged: 1/128, so that a cut never costs 1 %
// of a long stream, but not below 1 MiB, nor above 16 MiB. A receiver acknowledges more often.
int64_t ResendLimit(int64_t stream_bytes);

// The last part of a stream, as frames in their order. What is in it and was not sent yet is the
// sender's read-ahead.
class ResendWindow {
 public:
  // False: wait for an acknowledgement before the next Add.
  bool HasRoom() const;
  // `frame` carries the stream's next `bytes`.
  void Add(grpc::ByteBuffer frame, int64_t bytes);
  // The next frame for this connection; none if all was sent.
  std::optional<grpc::ByteBuffer> Next();
  // The peer has the stream up to here: frames before it are dropped.
  void Acknowledge(int64_t bytes);
  // A new connection: what the peer has not acknowledged comes again.
  void Restart();

  // How much was, and will be, sent again.
  int64_t resent_bytes() const { return resent_bytes_; }

 private:
  struct Frame {
    grpc::ByteBuffer buffer;
    int64_t begin = 0;
    int64_t end = 0;
  };
  int64_t acknowledged() const { return frames_.empty() ? end_ : frames_.front().begin; }

  std::deque<Frame> frames_;
  size_t sent_ = 0;  // How many of them went over this connection.
  int64_t end_ = 0;  // The stream's length so far.
  int64_t resent_bytes_ = 0;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_RESEND_WINDOW_H_
