// The two YAML files of the command line.
#ifndef DROVER_CLI_CONFIG_FILES_H_
#define DROVER_CLI_CONFIG_FILES_H_

#include <optional>
#include <string>

#include "services/config/model/deployment.h"
#include "services/config/yaml/problem.h"

namespace drover::cli {

// Reads and checks both. Returns nothing if there is any problem, an unreadable file included;
// `problems` then holds all of them. Blocks.
std::optional<config::Configuration> LoadConfiguration(const std::string& one,
                                                       const std::string& other,
                                                       config::Problems& problems);

}  // namespace drover::cli

#endif  // DROVER_CLI_CONFIG_FILES_H_
