#include "services/container/driver/stream_digest.h"

#include <xxhash.h>

#include "absl/strings/str_cat.h"

namespace drover::container {
namespace {

XXH3_state_t* State(const std::shared_ptr<void>& state) {
  return static_cast<XXH3_state_t*>(state.get());
}

}  // namespace

StreamDigest::StreamDigest()
    : state_(XXH3_createState(),
             [](void* state) { XXH3_freeState(static_cast<XXH3_state_t*>(state)); }) {
  XXH3_128bits_reset(State(state_));
}

void StreamDigest::Update(absl::string_view data) {
  XXH3_128bits_update(State(state_), data.data(), data.size());
}

std::string StreamDigest::Finish() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(State(state_));
  return absl::StrCat(absl::Hex(hash.high64, absl::kZeroPad16),
                      absl::Hex(hash.low64, absl::kZeroPad16));
}

}  // namespace drover::container
