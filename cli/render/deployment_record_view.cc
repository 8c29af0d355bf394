#include "cli/render/deployment_record_view.h"

#include "absl/strings/str_cat.h"
#include "cli/render/deployment_view.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "cli/render/words.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

using coordinator::v1::Deployment;

namespace {

void SetRecord(const Deployment& deployment, Document& document) {
  document.Set("name", Document::String(ShortName(deployment.name())))
      .Set("command", Document::String(deployment.command()))
      .Set("requested_by", Document::String(deployment.requested_by()))
      .Set("state", Document::String(Word(deployment.state())))
      .Set("create_time", Document::Time(TimeOf(deployment.create_time())))
      .Set("end_time",
           deployment.has_end_time() ? Document::Time(TimeOf(deployment.end_time())) : Document());
}

std::string EndText(const Deployment& deployment) {
  return deployment.has_end_time() ? TimeText(TimeOf(deployment.end_time())) : "";
}

}  // namespace

Document DeploymentRecordDocument(const Deployment& deployment) {
  Document document = DeploymentDocument(deployment);
  SetRecord(deployment, document);
  return document;
}

Document DeploymentListDocument(const DeploymentList& deployments) {
  Document list = Document::List();
  for (const Deployment& deployment : deployments) {
    Document item = Document::Object();
    SetRecord(deployment, item);
    item.Set("done_actions", Document::Number(deployment.done_actions()))
        .Set("total_actions", Document::Number(deployment.total_actions()))
        .Set("error", Document::StringOrNull(deployment.error()));
    list.Add(std::move(item));
  }
  return list;
}

std::string DeploymentsTable(const DeploymentList& deployments, const Style& style) {
  if (deployments.empty()) return "No deployments.\n";
  Table table({"DEPLOYMENT", "STATE", "BEGUN", "ENDED", "DONE", {"WHAT", Wrap::kAtWords}});
  for (const Deployment& deployment : deployments) {
    table.AddRow({ShortName(deployment.name()),
                  {Word(deployment.state()), ColorOf(deployment.state())},
                  TimeText(TimeOf(deployment.create_time())),
                  EndText(deployment),
                  absl::StrCat(deployment.done_actions(), " of ", deployment.total_actions()),
                  deployment.command()});
  }
  return table.ToString(style);
}

std::string DeploymentDetails(const Deployment& deployment, const Style& style) {
  std::string text = absl::StrCat(
      "Deployment:  ", ShortName(deployment.name()), "\n", "What:        ", deployment.command(),
      ", asked for by ", deployment.requested_by(), "\n",
      "State:       ", style.Paint(ColorOf(deployment.state()), Word(deployment.state())), "\n",
      "Begun:       ", TimeText(TimeOf(deployment.create_time())), "\n");
  if (deployment.has_end_time()) {
    absl::StrAppend(&text, "Ended:       ", EndText(deployment), "\n");
  }
  if (!deployment.error().empty()) {
    absl::StrAppend(&text, "Error:       ", deployment.error(), "\n");
  }
  const coordinator::v1::Plan nothing_was_shown;
  return absl::StrCat(text, DeploymentOutcome(deployment, nothing_was_shown, style));
}

}  // namespace drover::cli
