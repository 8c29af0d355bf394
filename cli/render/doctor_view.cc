#include "cli/render/doctor_view.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::cli {

using coordinator::v1::AdoptResponse;
using coordinator::v1::DiagnoseResponse;
using coordinator::v1::Finding;

namespace {

using Sentences = google::protobuf::RepeatedPtrField<std::string>;

bool IsError(const Finding& finding) {
  return finding.severity() == coordinator::v1::SEVERITY_ERROR;
}

const char* Word(const Finding& finding) { return IsError(finding) ? "ERROR" : "WARNING"; }

Document ListOf(const Sentences& sentences) {
  Document list = Document::List();
  for (const std::string& sentence : sentences) list.Add(Document::String(sentence));
  return list;
}

std::string Lines(const Sentences& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) absl::StrAppend(&text, "  ", sentence, "\n");
  return text;
}

}  // namespace

Document FindingsDocument(const DiagnoseResponse& response) {
  Document findings = Document::List();
  for (const Finding& finding : response.findings()) {
    findings.Add(Document::Object()
                     .Set("severity", Document::String(Word(finding)))
                     .Set("subject", Document::String(finding.subject()))
                     .Set("what", Document::String(finding.what()))
                     .Set("advice", Document::String(finding.advice())));
  }
  return Document::Object().Set("findings", std::move(findings));
}

Document AdoptionDocument(const AdoptResponse& response) {
  return Document::Object()
      .Set("done", ListOf(response.done()))
      .Set("open", ListOf(response.open()));
}

std::string FindingsText(const DiagnoseResponse& response, const Style& style) {
  if (response.findings().empty()) return "Everything agrees with the journal.\n";
  std::string text;
  for (const Finding& finding : response.findings()) {
    const Color color = IsError(finding) ? Color::kBad : Color::kBusy;
    absl::StrAppend(&text, text.empty() ? "" : "\n",
                    style.Paint(color, absl::StrCat(Word(finding), " ", finding.subject())), "\n  ",
                    finding.what(), "\n  ", finding.advice(), "\n");
  }
  return text;
}

std::string AdoptionText(const AdoptResponse& response, const Style& style) {
  std::string text =
      "The recovery mode is over; the coordinator goes on from what the nodes have.\n";
  if (!response.done().empty()) {
    absl::StrAppend(&text, "\nTaken over:\n", Lines(response.done()));
  }
  if (!response.open().empty()) {
    absl::StrAppend(&text, "\n", style.Paint(Color::kBad, "Left for you:"), "\n",
                    Lines(response.open()));
  }
  return text;
}

}  // namespace drover::cli
