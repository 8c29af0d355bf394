#include <optional>

#include "services/config/fuzz/checks.h"
#include "services/config/fuzz/target.h"
#include "services/config/native/application_reader.h"

namespace drover::config {

Problems CheckFile(const SourceFile& file) {
  Problems problems;
  const std::optional<Node> root = ParseYaml(file, problems);
  ApplicationFile applications;
  if (root.has_value()) applications = ReadNativeApplications(*root, problems);
  CheckApplications(applications, problems);
  return problems;
}

}  // namespace drover::config
