#include "cli/render/warnings.h"

#include "absl/strings/str_cat.h"

namespace drover::cli {

Document WarningListDocument(const WarningList& warnings) {
  Document list = Document::List();
  for (const std::string& warning : warnings) list.Add(Document::String(warning));
  return list;
}

std::string WarningLines(const WarningList& warnings, const Style& style) {
  std::string text;
  for (const std::string& warning : warnings) {
    absl::StrAppend(&text, style.Paint(Color::kBusy, "warning"), ": ", warning, "\n");
  }
  return text;
}

}  // namespace drover::cli
