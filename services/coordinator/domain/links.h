// Which applications depend on each other.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_LINKS_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_LINKS_H_

#include "services/coordinator/domain/application_spec.h"

namespace drover::coordinator {

// One of them has a link to an external port of the other.
bool AreLinked(const ApplicationSpec& a, const ApplicationSpec& b);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_LINKS_H_
