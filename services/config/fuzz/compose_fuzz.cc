#include "services/config/compose/file_reader.h"
#include "services/config/fuzz/checks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::config;
  Problems problems;
  const std::optional<Node> root = ParseInput(data, size, problems);
  ApplicationFile file;
  if (root.has_value()) file = ReadComposeApplications(*root, problems);
  CheckApplications(file, problems);
  return 0;
}
