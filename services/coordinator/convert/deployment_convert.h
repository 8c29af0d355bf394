// Desired states, actions and deployments between the domain and the wire.
#ifndef DROVER_SERVICES_COORDINATOR_CONVERT_DEPLOYMENT_CONVERT_H_
#define DROVER_SERVICES_COORDINATOR_CONVERT_DEPLOYMENT_CONVERT_H_

#include <string>

#include "drover/coordinator/v1/deployment.pb.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

drover::coordinator::v1::DesiredState ToProto(const DesiredState& desired);
DesiredState FromProto(const drover::coordinator::v1::DesiredState& proto);

drover::coordinator::v1::Drain ToProto(const Drain& drain);
Drain FromProto(const drover::coordinator::v1::Drain& proto);

drover::coordinator::v1::RollBack ToProto(const RollBack& roll_back);
RollBack FromProto(const drover::coordinator::v1::RollBack& proto);

drover::coordinator::v1::Clone ToProto(const Clone& clone);
Clone FromProto(const drover::coordinator::v1::Clone& proto);

drover::coordinator::v1::Action ToProto(const Action& action);
Action FromProto(const drover::coordinator::v1::Action& proto);

// Without `migrations`.
drover::coordinator::v1::Deployment ToProto(const DeploymentRecord& record);
// The fields that the message carries; the others are left at their defaults.
DeploymentRecord FromProto(const drover::coordinator::v1::Deployment& proto);

// `deployments/ID` and back; a bare id is taken too.
std::string DeploymentResourceName(const std::string& id);
std::string DeploymentIdOf(const std::string& name);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_CONVERT_DEPLOYMENT_CONVERT_H_
