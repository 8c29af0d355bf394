#include "cli/render/deployment_view.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/render/migration_view.h"
#include "cli/render/milliseconds.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "cli/render/warnings.h"
#include "cli/render/words.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

using coordinator::v1::Action;
using coordinator::v1::Deployment;
using coordinator::v1::Plan;

namespace {

using ActionList = google::protobuf::RepeatedPtrField<Action>;

// One that rests on nothing that was measured says so.
std::string PredictedText(const Action& action) {
  if (!action.has_predicted_interruption()) return "";
  return absl::StrCat(action.prediction_measured() > 0 ? "about " : "assumed ",
                      DurationText(DurationOf(action.predicted_interruption())));
}

Document ActionListDocument(const ActionList& actions) {
  Document list = Document::List();
  for (const Action& action : actions) {
    const bool is_predicted = action.has_predicted_interruption();
    Document item =
        Document::Object()
            .Set("kind", Document::String(Word(action.kind())))
            .Set("application", Document::String(ShortName(action.application())))
            .Set("from", Document::StringOrNull(ShortName(action.from())))
            .Set("to", Document::StringOrNull(ShortName(action.to())))
            .Set("reason", Document::StringOrNull(action.reason()))
            .Set("bytes", Document::Number(action.bytes()))
            .Set("predicted_ms", MillisecondsOrNull(is_predicted, action.predicted_interruption()))
            .Set("predicted_p95_ms",
                 MillisecondsOrNull(is_predicted, action.predicted_interruption_p95()))
            .Set("prediction_measured",
                 is_predicted ? Document::Number(action.prediction_measured()) : Document())
            .Set("interruption_ms",
                 MillisecondsOrNull(action.has_interruption(), action.interruption()))
            .Set("state", Document::String(Word(action.state())))
            .Set("migration", Document::StringOrNull(ShortName(action.migration())))
            .Set("error", Document::StringOrNull(action.error()));
    list.Add(std::move(item));
  }
  return list;
}

const coordinator::v1::Migration* FindMigration(const Deployment& deployment,
                                                const std::string& name) {
  for (const auto& migration : deployment.migrations()) {
    if (ShortName(migration.name()) == ShortName(name)) return &migration;
  }
  return nullptr;
}

// All of one width.
std::string StateText(const Deployment& deployment, const Action& action, const Style& style) {
  if (action.state() == coordinator::v1::ACTION_STATE_DONE) {
    return absl::StrCat(style.Paint(Color::kGood, "done"), "    ");
  }
  // Why is in the deployment's error, which is long and said once. What was left as it is at the
  // end has failed, too.
  if (IsOver(deployment) || action.state() == coordinator::v1::ACTION_STATE_FAILED) {
    return absl::StrCat(style.Paint(Color::kBad, "failed"), "  ");
  }
  if (action.state() == coordinator::v1::ACTION_STATE_RUNNING) {
    return absl::StrCat(style.Paint(Color::kBusy, "begun"), "   ");
  }
  return "waits   ";
}

std::string ActionOutcome(const Deployment& deployment, const Action& action, const Style& style) {
  const bool is_done = action.state() == coordinator::v1::ACTION_STATE_DONE;
  const auto* migration = is_done ? FindMigration(deployment, action.migration()) : nullptr;
  std::string text =
      absl::StrCat(StateText(deployment, action, style),
                   migration != nullptr ? MigrationOutcome(*migration) : ActionPhrase(action));
  if (action.has_interruption()) {
    absl::StrAppend(&text, "; interrupted for ", DurationText(DurationOf(action.interruption())));
  }
  // At the end the deployment's own error says it.
  if (!IsOver(deployment) && !action.error().empty()) absl::StrAppend(&text, ": ", action.error());
  return text;
}

Color ColorOf(coordinator::v1::ActionKind kind) {
  switch (kind) {
    case coordinator::v1::ACTION_KIND_STOP:
    case coordinator::v1::ACTION_KIND_ROLL_BACK:
      return Color::kBad;
    case coordinator::v1::ACTION_KIND_RESTART:
    case coordinator::v1::ACTION_KIND_MOVE:
      return Color::kBusy;
    default:
      return Color::kGood;
  }
}

}  // namespace

Document PlanDocument(const Plan& plan, const std::string& error) {
  return Document::Object()
      .Set("changed", Document::Boolean(false))
      .Set("actions", ActionListDocument(plan.actions()))
      .Set("migrations", Document::List())
      .Set("warnings", WarningListDocument(plan.warnings()))
      .Set("error", Document::StringOrNull(error));
}

Document DeploymentDocument(const Deployment& deployment) {
  bool changed = false;
  for (const Action& action : deployment.actions()) {
    changed = changed || action.state() == coordinator::v1::ACTION_STATE_DONE;
  }
  return Document::Object()
      .Set("changed", Document::Boolean(changed))
      .Set("actions", ActionListDocument(deployment.actions()))
      .Set("migrations", MigrationListDocument(deployment.migrations()))
      .Set("warnings", WarningListDocument(deployment.warnings()))
      .Set("error", Document::StringOrNull(deployment.error()));
}

std::string PlanError(const Plan& plan, const std::string& but_for) {
  std::vector<std::string> errors(plan.problems().begin(), plan.problems().end());
  for (const Action& action : plan.actions()) {
    if (!action.error().empty()) errors.push_back(action.error());
  }
  if (errors.empty()) return "";
  return absl::StrCat(plan.actions().empty() ? but_for : "", absl::StrJoin(errors, "; "));
}

std::string PlanText(const Plan& plan, const std::string& nothing, const Style& style) {
  std::string text;
  if (plan.actions().empty()) {
    if (plan.problems().empty()) text = nothing;
  } else {
    Table table(
        {"PLAN", "APPLICATION", "FROM", "TO", "DATA", "INTERRUPTION", {"WHY", Wrap::kAtWords}});
    for (const Action& action : plan.actions()) {
      table.AddRow({{Word(action.kind()), ColorOf(action.kind())},
                    ShortName(action.application()),
                    ShortName(action.from()),
                    ShortName(action.to()),
                    action.bytes() == 0 ? "" : BytesText(action.bytes()),
                    PredictedText(action),
                    action.error().empty() ? action.reason()
                                           : absl::StrCat("not possible: ", action.error())});
    }
    text = table.ToString(style);
  }
  return text + WarningLines(plan.warnings(), style);
}

std::string DeploymentOutcome(const Deployment& deployment, const Plan& plan, const Style& style) {
  std::string text;
  for (const Action& action : deployment.actions()) {
    absl::StrAppend(&text, ActionOutcome(deployment, action, style), "\n");
  }
  WarningList unsaid;
  for (const std::string& warning : deployment.warnings()) {
    const auto& said = plan.warnings();
    if (std::find(said.begin(), said.end(), warning) == said.end()) unsaid.Add()->assign(warning);
  }
  return text + WarningLines(unsaid, style);
}

std::string ActionPhrase(const Action& action) {
  const std::string application = ShortName(action.application());
  const std::string from = ShortName(action.from());
  const std::string to = ShortName(action.to());
  switch (action.kind()) {
    case coordinator::v1::ACTION_KIND_CREATE:
      return absl::StrCat("create ", application, " on ", to);
    case coordinator::v1::ACTION_KIND_START:
      return absl::StrCat("start ", application, " on ", to);
    case coordinator::v1::ACTION_KIND_STOP:
      return absl::StrCat("stop ", application, " on ", from);
    case coordinator::v1::ACTION_KIND_RESTART:
      return absl::StrCat("restart ", application, " on ", to.empty() ? from : to);
    case coordinator::v1::ACTION_KIND_MOVE:
      // Where an application is that another operation moves right now is not known, and one that
      // finds no room has nowhere to go.
      return absl::StrCat("move ", application, from.empty() ? "" : absl::StrCat(" from ", from),
                          to.empty() ? "" : absl::StrCat(" to ", to));
    case coordinator::v1::ACTION_KIND_RESIZE:
      return absl::StrCat("resize the volumes of ", application);
    case coordinator::v1::ACTION_KIND_REROUTE:
      return absl::StrCat("change the routes of ", application);
    case coordinator::v1::ACTION_KIND_UPDATE:
      return absl::StrCat("change the settings of ", application);
    case coordinator::v1::ACTION_KIND_ROLL_BACK:
      return absl::StrCat("put ", application, " back ", action.reason());
    case coordinator::v1::ACTION_KIND_CLONE:
      return absl::StrCat("make ", application, " on ", to, ", a copy ", action.reason());
    default:
      return absl::StrCat(Word(action.kind()), " ", application);
  }
}

bool IsOver(const Deployment& deployment) {
  return deployment.state() == coordinator::v1::DEPLOYMENT_STATE_DONE ||
         deployment.state() == coordinator::v1::DEPLOYMENT_STATE_FAILED;
}

}  // namespace drover::cli
