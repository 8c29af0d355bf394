// Plans and deployments, for programs and for people.
#ifndef DROVER_CLI_RENDER_DEPLOYMENT_VIEW_H_
#define DROVER_CLI_RENDER_DEPLOYMENT_VIEW_H_

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/deployment.pb.h"

namespace drover::cli {

// What a plan would do: nothing has changed yet. `error`: PlanError's.
Document PlanDocument(const coordinator::v1::Plan& plan, const std::string& error);
// What a deployment did.
Document DeploymentDocument(const coordinator::v1::Deployment& deployment);

// Why the cluster is not as asked even after the plan was carried out; empty if it will be.
// `but_for`: what is said before that if there is nothing to do.
std::string PlanError(const coordinator::v1::Plan& plan, const std::string& but_for);
// Actions and warnings; `nothing` if there is nothing to do.
std::string PlanText(const coordinator::v1::Plan& plan, const std::string& nothing,
                     const Style& style);
// How it ended, or how far it is, a line for each action, and the warnings that were not in `plan`.
std::string DeploymentOutcome(const coordinator::v1::Deployment& deployment,
                              const coordinator::v1::Plan& plan, const Style& style);

// "move redis from node1 to node2", "restart redis on node1".
std::string ActionPhrase(const coordinator::v1::Action& action);

bool IsOver(const coordinator::v1::Deployment& deployment);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_DEPLOYMENT_VIEW_H_
