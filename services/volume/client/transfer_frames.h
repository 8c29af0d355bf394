// The framing of a transfer: offsets and checksums, made at one end and checked at the other.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_TRANSFER_FRAMES_H_
#define DROVER_SERVICES_VOLUME_CLIENT_TRANSFER_FRAMES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "drover/volume/v1/transfer_service.pb.h"

namespace drover::volume {

// XXH3-128 of a stream that comes in parts.
class StreamDigest {
 public:
  StreamDigest();
  ~StreamDigest();
  StreamDigest(const StreamDigest&) = delete;
  StreamDigest& operator=(const StreamDigest&) = delete;

  void Add(const std::string& part);
  // 32 hexadecimal digits.
  std::string Hex() const;
  int64_t bytes() const { return bytes_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  int64_t bytes_ = 0;
};

// Makes the chunks of one stream, and at its end the commit.
class FrameWriter {
 public:
  v1::TransferChunk Chunk(std::string part);
  v1::TransferCommit Commit() const;
  int64_t bytes() const { return digest_.bytes(); }

 private:
  StreamDigest digest_;
};

// Checks them. DATA_LOSS at the first that does not fit.
class FrameReader {
 public:
  absl::Status Check(const v1::TransferChunk& chunk);
  absl::Status Check(const v1::TransferCommit& commit) const;
  int64_t bytes() const { return digest_.bytes(); }

 private:
  StreamDigest digest_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_TRANSFER_FRAMES_H_
