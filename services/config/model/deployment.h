// What deployment.yml says: which applications run on which of the nodes it lists.
#ifndef DROVER_SERVICES_CONFIG_MODEL_DEPLOYMENT_H_
#define DROVER_SERVICES_CONFIG_MODEL_DEPLOYMENT_H_

#include <string>
#include <vector>

#include "services/common/ids/ids.h"
#include "services/config/model/application.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// An application's name on a node, and where the file says it.
struct Placement {
  ApplicationName application;
  Location location;
  std::string field;
};

struct NodePlacements {
  // Registered name, host name or address, as written.
  std::string node;
  Location location;
  std::vector<Placement> placements;
};

struct Deployment {
  std::vector<NodePlacements> nodes;
};

// The user's two files together.
struct Configuration {
  std::vector<Application> applications;
  Deployment deployment;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_MODEL_DEPLOYMENT_H_
