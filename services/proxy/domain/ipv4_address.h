// An IPv4 address as a value.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_IPV4_ADDRESS_H_
#define DROVER_SERVICES_PROXY_DOMAIN_IPV4_ADDRESS_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::proxy {

class Ipv4Address {
 public:
  Ipv4Address() = default;
  // `bits` in host byte order: 0x7f000001 is 127.0.0.1.
  explicit Ipv4Address(uint32_t bits) : bits_(bits) {}

  // Reads dotted decimal of four numbers without leading zeros. INVALID_ARGUMENT for all else.
  static absl::StatusOr<Ipv4Address> Parse(absl::string_view text);

  uint32_t bits() const { return bits_; }
  std::string ToString() const;

  friend bool operator==(const Ipv4Address&, const Ipv4Address&) = default;
  friend auto operator<=>(const Ipv4Address&, const Ipv4Address&) = default;

 private:
  uint32_t bits_ = 0;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_IPV4_ADDRESS_H_
