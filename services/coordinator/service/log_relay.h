// An application's output, passed on from its node to our caller.
#ifndef DROVER_SERVICES_COORDINATOR_SERVICE_LOG_RELAY_H_
#define DROVER_SERVICES_COORDINATOR_SERVICE_LOG_RELAY_H_

#include <memory>

#include "drover/coordinator/v1/coordinator_service.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/async/task.h"
#include "services/coordinator/orchestrator/orchestrator.h"

namespace drover::coordinator {

// Both end when the caller is gone. What he does not take yet waits on the node: one message at a
// time is under way.

// Ends when the node's stream ends.
Task<absl::Status> RelayLogs(
    std::shared_ptr<NodeHandle> node, drover::coordinator::v1::StreamApplicationLogsRequest request,
    ResponseWriter<drover::coordinator::v1::StreamApplicationLogsResponse>& writer);

// Goes on with the next start of the application, on whichever node that is; ends when it is
// stopped. Nodes that do not answer are waited for.
Task<absl::Status> FollowLogs(
    Orchestrator& orchestrator, drover::coordinator::v1::StreamApplicationLogsRequest request,
    ResponseWriter<drover::coordinator::v1::StreamApplicationLogsResponse>& writer);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_SERVICE_LOG_RELAY_H_
