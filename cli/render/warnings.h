// What is worth knowing and stops nothing, for programs and for people.
#ifndef DROVER_CLI_RENDER_WARNINGS_H_
#define DROVER_CLI_RENDER_WARNINGS_H_

#include <google/protobuf/repeated_field.h>

#include <string>

#include "cli/render/document.h"
#include "cli/render/style.h"

namespace drover::cli {

using WarningList = google::protobuf::RepeatedPtrField<std::string>;

Document WarningListDocument(const WarningList& warnings);  // A list.
// A line for each.
std::string WarningLines(const WarningList& warnings, const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_WARNINGS_H_
