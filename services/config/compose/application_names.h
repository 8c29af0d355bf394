// The names of a file's applications, by which its services refer to each other.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_APPLICATION_NAMES_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_APPLICATION_NAMES_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/config/yaml/name_hints.h"

namespace drover::config {

class ApplicationNames {
 public:
  // `names` outlives it.
  explicit ApplicationNames(const std::set<std::string>& names);

  bool Contains(absl::string_view name) const { return names_.contains(std::string(name)); }
  // INVALID_ARGUMENT, and what may have been meant, if there is no such application.
  absl::Status Check(absl::string_view name);

 private:
  const std::set<std::string>& names_;
  NameHints hints_;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_APPLICATION_NAMES_H_
