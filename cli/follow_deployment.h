// Following one deployment, or one drain, to its end.
#ifndef DROVER_CLI_FOLLOW_DEPLOYMENT_H_
#define DROVER_CLI_FOLLOW_DEPLOYMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "drover/coordinator/v1/deployment.pb.h"
#include "services/common/async/task.h"

namespace drover::cli {

// `created`: what the coordinator answered when `plan`, which had been shown, was to be carried
// out. Shows the progress until it is over, prints how each action ended, and answers kOk if all
// are done. Ctrl-C detaches. `also`: what is said then beside how to come back.
Task<ExitCode> FollowDeployment(Session& session, coordinator::CoordinatorClient& client,
                                coordinator::v1::Plan plan,
                                absl::StatusOr<coordinator::v1::Deployment> created,
                                std::string also = "");

}  // namespace drover::cli

#endif  // DROVER_CLI_FOLLOW_DEPLOYMENT_H_
