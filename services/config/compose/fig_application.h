// How an application of Fig is told from whatever else may stand at the top of a file.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_FIG_APPLICATION_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_FIG_APPLICATION_H_

#include "services/config/yaml/node.h"

namespace drover::config {

// Whether it says itself where its image comes from. The values of `services` and `nodes` do not,
// even where a service or a node is named `image`.
bool IsFigApplication(const Node& value);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_FIG_APPLICATION_H_
