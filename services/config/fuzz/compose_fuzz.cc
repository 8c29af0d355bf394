#include <optional>

#include "services/config/compose/file_reader.h"
#include "services/config/fuzz/checks.h"
#include "services/config/fuzz/target.h"

namespace drover::config {

Problems CheckFile(const SourceFile& file) {
  Problems problems;
  const std::optional<Node> root = ParseYaml(file, problems);
  ApplicationFile applications;
  if (root.has_value()) applications = ReadComposeApplications(*root, problems);
  CheckApplications(applications, problems);
  return problems;
}

}  // namespace drover::config
