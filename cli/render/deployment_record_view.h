// Deployments that are looked up, for programs and for people.
#ifndef DROVER_CLI_RENDER_DEPLOYMENT_RECORD_VIEW_H_
#define DROVER_CLI_RENDER_DEPLOYMENT_RECORD_VIEW_H_

#include <google/protobuf/repeated_field.h>

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/deployment.pb.h"

namespace drover::cli {

using DeploymentList = google::protobuf::RepeatedPtrField<coordinator::v1::Deployment>;

// What it did so far, which one it is, and when it was.
Document DeploymentRecordDocument(const coordinator::v1::Deployment& deployment);
Document DeploymentListDocument(const DeploymentList& deployments);  // A list.

// One row for each; a sentence if there are none.
std::string DeploymentsTable(const DeploymentList& deployments, const Style& style);
// One with its actions, a line each.
std::string DeploymentDetails(const coordinator::v1::Deployment& deployment, const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_DEPLOYMENT_RECORD_VIEW_H_
