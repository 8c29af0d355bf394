// What libFuzzer calls.
#include <cstddef>
#include <cstdint>
#include <string>

#include "services/config/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  drover::config::CheckFile({"f.yml", std::string(reinterpret_cast<const char*>(data), size)});
  return 0;
}
