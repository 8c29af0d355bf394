// A stable 128-bit digest of named fields, for comparing, not for security.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_FINGERPRINT_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_FINGERPRINT_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover::coordinator {

// FNV-1a over length-prefixed pieces, so that ("ab", "c") and ("a", "bc") differ.
class Fingerprint {
 public:
  Fingerprint& Add(absl::string_view piece);
  Fingerprint& Add(int64_t number) { return Add(absl::StrCat(number)); }

  // 32 hexadecimal digits.
  std::string Hex() const;

 private:
  void AddBytes(absl::string_view bytes);

  unsigned __int128 state_ =
      (static_cast<unsigned __int128>(0x6c62272e07bb0142) << 64) | 0x62b821756295c58d;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_FINGERPRINT_H_
