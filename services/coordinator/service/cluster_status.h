// The cluster's state in the API's words.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_CLUSTER_STATUS_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_CLUSTER_STATUS_H_

#include <map>
#include <string>

#include "drover/coordinator/v1/cluster.pb.h"
#include "services/coordinator/domain/cluster_view.h"

namespace drover::coordinator {

drover::coordinator::v1::Node NodeMessage(const NodeView& node);

// Nodes, applications and volumes of `view`; its migrations are the caller's to add. A volume is
// one row, whoever holds it: the owner with the highest generation, everything else as copies. The
// owner is the journal's while its node does not say what it has. `aborts`: what is said of
// applications with which nothing else is wrong. `recovery`: why the journal may be old; empty if
// not.
drover::coordinator::v1::ClusterStatus StatusMessage(
    ClusterView view, const std::map<ApplicationName, std::string>& aborts = {},
    const std::string& recovery = "");

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_CLUSTER_STATUS_H_
