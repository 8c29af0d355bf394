// What an application writes beside its volumes.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_UNKEPT_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_UNKEPT_H_

#include <string>

#include "services/coordinator/domain/cluster_view.h"

namespace drover::coordinator {

// A warning about the VOLUMEs of the container's image that are none of its application's volumes;
// empty if there are none.
std::string UnkeptWarning(const ContainerView& container);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_UNKEPT_H_
