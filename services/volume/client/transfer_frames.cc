#include "services/volume/client/transfer_frames.h"

#include <xxhash.h>
#ifdef __x86_64__
#include <xxh_x86dispatch.h>  // The same functions, with the widest vectors of this machine.
#endif

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drover::volume {
namespace {

constexpr int64_t kMaxChunk = 1 << 20;

uint64_t Checksum(const std::string& data) { return XXH3_64bits(data.data(), data.size()); }

}  // namespace

struct StreamDigest::State {
  XXH3_state_t* xxh = XXH3_createState();
  ~State() { XXH3_freeState(xxh); }
};

StreamDigest::StreamDigest() : state_(std::make_unique<State>()) {
  XXH3_128bits_reset(state_->xxh);
}
StreamDigest::~StreamDigest() = default;

void StreamDigest::Add(const std::string& part) {
  XXH3_128bits_update(state_->xxh, part.data(), part.size());
  bytes_ += static_cast<int64_t>(part.size());
}

std::string StreamDigest::Hex() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  return absl::StrFormat("%016x%016x", hash.high64, hash.low64);
}

v1::TransferChunk FrameWriter::Chunk(std::string part) {
  v1::TransferChunk chunk;
  chunk.set_offset(digest_.bytes());
  chunk.set_checksum(Checksum(part));
  digest_.Add(part);
  chunk.set_data(std::move(part));
  return chunk;
}

v1::TransferCommit FrameWriter::Commit() const {
  v1::TransferCommit commit;
  commit.set_total_bytes(digest_.bytes());
  commit.set_digest(digest_.Hex());
  return commit;
}

absl::Status FrameReader::Check(const v1::TransferChunk& chunk) {
  const bool fits = chunk.offset() == digest_.bytes() && !chunk.data().empty() &&
                    static_cast<int64_t>(chunk.data().size()) <= kMaxChunk;
  if (!fits || chunk.checksum() != Checksum(chunk.data())) {
    return absl::DataLossError(
        absl::StrCat("the transfer was damaged on its way, at byte ", digest_.bytes()));
  }
  digest_.Add(chunk.data());
  return absl::OkStatus();
}

absl::Status FrameReader::Check(const v1::TransferCommit& commit) const {
  if (commit.total_bytes() == digest_.bytes() && commit.digest() == digest_.Hex()) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("the transfer was damaged on its way: ", digest_.bytes(),
                                          " bytes came of ", commit.total_bytes(),
                                          ", or others than were sent"));
}

}  // namespace drover::volume
