// The native format of application.yml: one mapping of applications, each with the keys of the
// table in README.md.
#ifndef DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_
#define DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_

#include "services/config/model/application_file.h"
#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Reads the whole file; what could not be read is left at its default and noted.
ApplicationFile ReadNativeApplications(const Node& root, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_
