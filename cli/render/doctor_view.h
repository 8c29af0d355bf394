// What the doctor found and did, for programs and for people.
#ifndef DROVER_CLI_RENDER_DOCTOR_VIEW_H_
#define DROVER_CLI_RENDER_DOCTOR_VIEW_H_

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/coordinator_service.pb.h"

namespace drover::cli {

Document FindingsDocument(const coordinator::v1::DiagnoseResponse& response);
Document AdoptionDocument(const coordinator::v1::AdoptResponse& response);

// A block for each finding, or a sentence if there is none.
std::string FindingsText(const coordinator::v1::DiagnoseResponse& response, const Style& style);
std::string AdoptionText(const coordinator::v1::AdoptResponse& response, const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_DOCTOR_VIEW_H_
