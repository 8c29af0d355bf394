#include "services/config/fuzz/checks.h"
#include "services/config/native/deployment_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace drover::config;
  Problems problems;
  const std::optional<Node> root = ParseInput(data, size, problems);
  Deployment deployment;
  if (root.has_value()) deployment = ReadDeployment(*root, problems);
  CheckDeployment(deployment, problems);
  return 0;
}
