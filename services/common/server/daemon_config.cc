#include "services/common/server/daemon_config.h"

#include <yaml-cpp/yaml.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

using Values = std::map<std::string, std::string>;

absl::Status ErrorAt(const std::string& path, const YAML::Mark& mark, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", mark.line + 1, ":", mark.column + 1, ": ", what));
}

// Flattens `node` into `values`, nested keys joined by a dot.
absl::Status Flatten(const std::string& path, const YAML::Node& node, const std::string& prefix,
                     Values& values) {
  for (const auto& entry : node) {
    const std::string key = prefix + entry.first.Scalar();
    if (entry.second.IsMap() && prefix.empty()) {
      DROVER_RETURN_IF_ERROR(Flatten(path, entry.second, key + ".", values));
    } else if (!entry.second.IsScalar()) {
      return ErrorAt(path, entry.second.Mark(), absl::StrCat(key, ": must be a single value"));
    } else if (!values.emplace(key, entry.second.Scalar()).second) {
      return ErrorAt(path, entry.first.Mark(), absl::StrCat(key, ": appears twice"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Values> ReadValues(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return absl::InvalidArgumentError(path + ": must be a mapping of keys");
    Values values;
    DROVER_RETURN_IF_ERROR(Flatten(path, root, "", values));
    return values;
  } catch (const YAML::Exception& error) {
    return ErrorAt(path, error.mark, error.msg);
  }
}

}  // namespace

absl::StatusOr<std::string> DaemonConfig::Require(const std::string& key) const {
  auto found = own.find(key);
  if (found != own.end() && !found->second.empty()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("the configuration lacks `", key, "`"));
}

std::string DaemonConfig::Get(const std::string& key, const std::string& otherwise) const {
  auto found = own.find(key);
  return found == own.end() ? otherwise : found->second;
}

absl::StatusOr<DaemonConfig> ReadDaemonConfig(const std::string& path,
                                              const std::set<std::string>& own_keys) {
  if (path.empty()) {
    return absl::InvalidArgumentError(
        "no configuration is given; start it with --config and the path of its YAML file");
  }
  DROVER_ASSIGN_OR_RETURN(Values values, ReadValues(path));
  DaemonConfig config;
  const std::map<std::string, std::string*> common = {
      {"cluster", &config.cluster}, {"node", &config.node},           {"listen", &config.listen},
      {"tls_dir", &config.tls_dir}, {"state_dir", &config.state_dir}, {"log_dir", &config.log_dir}};
  for (auto& [key, value] : values) {
    if (auto found = common.find(key); found != common.end()) {
      *found->second = std::move(value);
    } else if (own_keys.contains(key)) {
      config.own[key] = std::move(value);
    } else {
      return absl::InvalidArgumentError(absl::StrCat(path, ": unknown key `", key, "`"));
    }
  }
  for (const char* key : {"cluster", "listen", "tls_dir", "state_dir"}) {
    if (common.at(key)->empty()) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": lacks `", key, "`"));
    }
  }
  return config;
}

}  // namespace drover
