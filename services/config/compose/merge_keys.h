// `<<: *anchor`, which Compose files use to share keys.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_MERGE_KEYS_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_MERGE_KEYS_H_

#include "services/config/yaml/node.h"

namespace drover::config {

// The tree in which each mapping has the members of those that its `<<` names, one or a list of
// them, but for keys that it has itself; of two in the list the first one counts. A `<<` that names
// anything else stays.
Node WithMergedKeys(Node root);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_MERGE_KEYS_H_
