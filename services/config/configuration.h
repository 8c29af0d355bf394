// The user's two files, read together.
#ifndef DROVER_SERVICES_CONFIG_CONFIGURATION_H_
#define DROVER_SERVICES_CONFIG_CONFIGURATION_H_

#include <optional>

#include "services/config/model/deployment.h"
#include "services/config/yaml/parser.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Reads deployment.yml and application.yml, given in either order and told apart by their keys, and
// checks each and both together. Returns nothing if there is any problem; `problems` then holds all
// of them, also where one of the two is no YAML or both are of one kind. Pure: reads no files.
std::optional<Configuration> ReadConfiguration(const SourceFile& one, const SourceFile& other,
                                               Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_CONFIGURATION_H_
