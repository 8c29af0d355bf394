// deployment.yml: which applications run on which nodes.
#ifndef DROVER_SERVICES_CONFIG_NATIVE_DEPLOYMENT_READER_H_
#define DROVER_SERVICES_CONFIG_NATIVE_DEPLOYMENT_READER_H_

#include "services/config/model/deployment.h"
#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Reads the whole file; what could not be read is left out and noted. An application that is placed
// twice is refused here; whether it exists is for the caller to say.
Deployment ReadDeployment(const Node& root, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_NATIVE_DEPLOYMENT_READER_H_
