// Random identities.
#ifndef DROVER_SERVICES_COMMON_IDS_RANDOM_ID_H_
#define DROVER_SERVICES_COMMON_IDS_RANDOM_ID_H_

#include <string>

namespace drover {

// `bytes` bytes from the kernel's random source as lower-case hexadecimal digits (twice as many).
std::string RandomHex(int bytes);

// A random (version 4) UUID: 8-4-4-4-12 lower-case hexadecimal digits.
std::string RandomUuid();

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_IDS_RANDOM_ID_H_
