#include <optional>

#include "services/config/fuzz/checks.h"
#include "services/config/fuzz/target.h"
#include "services/config/native/deployment_reader.h"

namespace drover::config {

Problems CheckFile(const SourceFile& file) {
  Problems problems;
  const std::optional<Node> root = ParseYaml(file, problems);
  Deployment deployment;
  if (root.has_value()) deployment = ReadDeployment(*root, problems);
  CheckDeployment(deployment, problems);
  return problems;
}

}  // namespace drover::config
