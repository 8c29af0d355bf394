#include "services/coordinator/domain/fingerprint.h"

#include "absl/strings/str_format.h"

namespace drover::coordinator {

Fingerprint& Fingerprint::Add(absl::string_view piece) {
  AddBytes(absl::StrCat(piece.size(), ":"));
  AddBytes(piece);
  return *this;
}

void Fingerprint::AddBytes(absl::string_view bytes) {
  constexpr unsigned __int128 kPrime = (static_cast<unsigned __int128>(0x1000000) << 64) | 0x13b;
  for (unsigned char byte : bytes) {
    state_ ^= byte;
    state_ *= kPrime;
  }
}

std::string Fingerprint::Hex() const {
  return absl::StrFormat("%016x%016x", static_cast<uint64_t>(state_ >> 64),
                         static_cast<uint64_t>(state_));
}

}  // namespace drover::coordinator
