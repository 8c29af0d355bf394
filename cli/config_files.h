// The two YAML files of the command line.
#ifndef DROVER_CLI_CONFIG_FILES_H_
#define DROVER_CLI_CONFIG_FILES_H_

#include <optional>
#include <string>

#include "services/config/model/deployment.h"
#include "services/config/yaml/problem.h"

namespace drover::cli {

struct LoadedFiles {
  // Nothing if there is any problem, an unreadable file included.
  std::optional<config::Configuration> configuration;
  config::Problems problems;
};

// Reads and checks both. Blocks, so no coroutine should call it: Ctrl-C would not end it there.
LoadedFiles LoadFiles(const std::string& one, const std::string& other);

}  // namespace drover::cli

#endif  // DROVER_CLI_CONFIG_FILES_H_
