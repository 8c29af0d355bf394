// `$` in the values of a Compose file.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_VARIABLES_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_VARIABLES_H_

#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// The tree with `$` for each `$$`. Compose would replace `$NAME` and `${NAME}` by what the shell of
// whoever runs it has, which would be another application for each of them: noted as problems,
// once for what aliases repeat.
Node WithoutVariables(Node root, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_VARIABLES_H_
