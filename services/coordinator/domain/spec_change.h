// What differs between two configurations of one application, in words.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_SPEC_CHANGE_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_SPEC_CHANGE_H_

#include <string>

#include "services/coordinator/domain/application_spec.h"

namespace drover::coordinator {

// "image changed from redis:6 to redis:7, environment changed"; empty if at most external ports and
// size limits differ.
std::string DescribeChange(const ApplicationSpec& before, const ApplicationSpec& after);

// What takes effect without a restart is the same: restart policy, readiness, stop time-out.
bool HaveSameSettings(const ApplicationSpec& a, const ApplicationSpec& b);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_SPEC_CHANGE_H_
