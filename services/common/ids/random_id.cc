#include "services/common/ids/random_id.h"

#include <sys/random.h>

#include <cstdlib>
#include <vector>

namespace drover {
namespace {

std::vector<unsigned char> RandomBytes(int count) {
  std::vector<unsigned char> bytes(count);
  // Up to 256 bytes are never cut short once the kernel's source is seeded; anything else is a
  // broken machine.
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return bytes;
}

std::string Hex(const std::vector<unsigned char>& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

}  // namespace

std::string RandomHex(int bytes) { return Hex(RandomBytes(bytes)); }

std::string RandomUuid() {
  std::vector<unsigned char> bytes = RandomBytes(16);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string hex = Hex(bytes);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace drover
