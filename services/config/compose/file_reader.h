// Fig and Compose files. Fig has the applications at top level, Compose has them under `services`;
// each has the keys of the table in README.md.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_FILE_READER_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_FILE_READER_H_

#include "services/config/model/application_file.h"
#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Reads the whole file; what could not be read is left at its default and noted.
ApplicationFile ReadComposeApplications(const Node& root, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_FILE_READER_H_
