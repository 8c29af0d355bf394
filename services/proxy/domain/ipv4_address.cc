#include "services/proxy/domain/ipv4_address.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover::proxy {

absl::StatusOr<Ipv4Address> Ipv4Address::Parse(absl::string_view text) {
  std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  uint32_t bits = 0;
  for (absl::string_view part : parts) {
    uint32_t octet = 0;
    // Writing the number again refuses signs, spaces and leading zeros, which some read as octal.
    if (!absl::SimpleAtoi(part, &octet) || octet > 255 || absl::StrCat(octet) != part) {
      return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not an IPv4 address"));
    }
    bits = (bits << 8) | octet;
  }
  if (parts.size() != 4) {
    return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not an IPv4 address"));
  }
  return Ipv4Address(bits);
}

std::string Ipv4Address::ToString() const {
  return absl::StrCat(bits_ >> 24, ".", (bits_ >> 16) & 255, ".", (bits_ >> 8) & 255, ".",
                      bits_ & 255);
}

}  // namespace drover::proxy
