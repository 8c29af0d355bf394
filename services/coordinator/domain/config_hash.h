// Which configuration a container runs with: what must be equal for it to be left alone.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_CONFIG_HASH_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_CONFIG_HASH_H_

#include <string>

#include "services/coordinator/domain/application_spec.h"

namespace drover::coordinator {

// 32 hexadecimal digits over everything whose change needs a restart: what the container is made
// of. External ports (routes only), size limits (resized in place) and settings (see
// HaveSameSettings in spec_change.h) are left out; so are orders that mean nothing. Stable between
// releases: containers carry it as a label.
std::string ConfigHash(const ApplicationSpec& spec);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_CONFIG_HASH_H_
