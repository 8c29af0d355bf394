#include "services/config/fuzz/checks.h"
#include "services/config/native/application_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::config;
  Problems problems;
  const std::optional<Node> root = ParseInput(data, size, problems);
  ApplicationFile file;
  if (root.has_value()) file = ReadNativeApplications(*root, problems);
  CheckApplications(file, problems);
  return 0;
}
