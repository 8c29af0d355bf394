#include "services/coordinator/convert/deployment_convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/convert/spec_convert.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

constexpr char kPrefix[] = "deployments/";

pb::ActionKind ToProto(ActionKind value) {
  switch (value) {
    case ActionKind::kCreate:
      return pb::ACTION_KIND_CREATE;
    case ActionKind::kStart:
      return pb::ACTION_KIND_START;
    case ActionKind::kStop:
      return pb::ACTION_KIND_STOP;
    case ActionKind::kRestart:
      return pb::ACTION_KIND_RESTART;
    case ActionKind::kMove:
      return pb::ACTION_KIND_MOVE;
    case ActionKind::kResize:
      return pb::ACTION_KIND_RESIZE;
    case ActionKind::kReroute:
      return pb::ACTION_KIND_REROUTE;
    case ActionKind::kRollBack:
      return pb::ACTION_KIND_ROLL_BACK;
    case ActionKind::kClone:
      return pb::ACTION_KIND_CLONE;
    case ActionKind::kUpdate:
      return pb::ACTION_KIND_UPDATE;
  }
  return pb::ACTION_KIND_UNSPECIFIED;
}

pb::ActionState ToProto(ActionState value) {
  switch (value) {
    case ActionState::kPending:
      return pb::ACTION_STATE_PENDING;
    case ActionState::kRunning:
      return pb::ACTION_STATE_RUNNING;
    case ActionState::kDone:
      return pb::ACTION_STATE_DONE;
    case ActionState::kFailed:
      return pb::ACTION_STATE_FAILED;
  }
  return pb::ACTION_STATE_UNSPECIFIED;
}

pb::DeploymentState ToProto(DeploymentState value) {
  switch (value) {
    case DeploymentState::kRunning:
      return pb::DEPLOYMENT_STATE_RUNNING;
    case DeploymentState::kDone:
      return pb::DEPLOYMENT_STATE_DONE;
    case DeploymentState::kFailed:
      return pb::DEPLOYMENT_STATE_FAILED;
  }
  return pb::DEPLOYMENT_STATE_UNSPECIFIED;
}

// The way back is looked for among all values, so that no second list can disagree with the first.
template <class Value, class Proto, size_t N>
void SetFromProto(Proto proto, const Value (&all)[N], Value& value) {
  for (Value one : all) {
    if (ToProto(one) == proto) value = one;
  }
}

}  // namespace

std::string DeploymentResourceName(const std::string& id) { return absl::StrCat(kPrefix, id); }

std::string DeploymentIdOf(const std::string& name) {
  return std::string(absl::StripPrefix(name, kPrefix));
}

pb::DesiredState ToProto(const DesiredState& desired) {
  pb::DesiredState proto;
  for (const ApplicationSpec& spec : desired.applications) {
    *proto.add_applications() = ToProto(spec);
  }
  for (const NodeAssignment& assignment : desired.nodes) {
    pb::NodeAssignment* node = proto.add_nodes();
    node->set_node(assignment.node);
    node->set_location(assignment.location);
    for (const ApplicationName& name : assignment.applications) {
      node->add_applications(name.value());
    }
  }
  return proto;
}

DesiredState FromProto(const pb::DesiredState& proto) {
  DesiredState desired;
  for (const auto& spec : proto.applications()) desired.applications.push_back(FromProto(spec));
  for (const pb::NodeAssignment& node : proto.nodes()) {
    NodeAssignment assignment;
    assignment.node = node.node();
    assignment.location = node.location();
    for (const std::string& name : node.applications()) assignment.applications.emplace_back(name);
    desired.nodes.push_back(std::move(assignment));
  }
  return desired;
}

pb::Drain ToProto(const Drain& drain) {
  pb::Drain proto;
  proto.set_node(drain.node.value());
  for (const NodeName& name : drain.destinations) proto.add_destinations(name.value());
  proto.set_restore(drain.restore);
  proto.set_parallel(drain.parallel);
  return proto;
}

Drain FromProto(const pb::Drain& proto) {
  Drain drain;
  drain.node = NodeName(proto.node());
  for (const std::string& name : proto.destinations()) drain.destinations.emplace_back(name);
  drain.restore = proto.restore();
  drain.parallel = proto.parallel();
  return drain;
}

pb::RollBack ToProto(const RollBack& roll_back) {
  pb::RollBack proto;
  proto.set_volume(roll_back.volume);
  proto.set_snapshot(roll_back.snapshot);
  return proto;
}

RollBack FromProto(const pb::RollBack& proto) { return {proto.volume(), proto.snapshot()}; }

pb::Clone ToProto(const Clone& clone) {
  pb::Clone proto;
  proto.set_source(clone.source.value());
  proto.set_clone(clone.clone.value());
  proto.set_node(clone.node.value());
  for (const ClonePort& port : clone.ports) {
    pb::ClonePort* one = proto.add_ports();
    one->set_source_external(port.source_external);
    one->set_clone_external(port.clone_external);
  }
  return proto;
}

Clone FromProto(const pb::Clone& proto) {
  Clone clone;
  clone.source = ApplicationName(proto.source());
  clone.clone = ApplicationName(proto.clone());
  clone.node = NodeName(proto.node());
  for (const pb::ClonePort& port : proto.ports()) {
    clone.ports.push_back({port.source_external(), port.clone_external()});
  }
  return clone;
}

pb::Action ToProto(const Action& action) {
  pb::Action proto;
  proto.set_kind(ToProto(action.kind));
  proto.set_application(action.application.value());
  proto.set_from(action.from.value());
  proto.set_to(action.to.value());
  proto.set_bytes(action.bytes);
  proto.set_reason(action.reason);
  proto.set_state(ToProto(action.state));
  proto.set_migration(MigrationResourceName(action.migration));
  proto.set_error(action.error);
  if (action.prediction.has_value()) {
    *proto.mutable_predicted_interruption() = ProtoOf(action.prediction->expected);
    *proto.mutable_predicted_interruption_p95() = ProtoOf(action.prediction->p95);
    proto.set_prediction_measured(action.prediction->measured);
  }
  if (action.interruption.has_value()) {
    *proto.mutable_interruption() = ProtoOf(*action.interruption);
  }
  return proto;
}

Action FromProto(const pb::Action& proto) {
  Action action;
  SetFromProto(proto.kind(), kAllActionKinds, action.kind);
  action.application = ApplicationName(proto.application());
  action.from = NodeName(proto.from());
  action.to = NodeName(proto.to());
  action.bytes = proto.bytes();
  action.reason = proto.reason();
  SetFromProto(proto.state(), kAllActionStates, action.state);
  action.migration = MigrationIdOf(proto.migration());
  action.error = proto.error();
  if (proto.has_predicted_interruption()) {
    action.prediction =
        Prediction{DurationOf(proto.predicted_interruption()),
                   DurationOf(proto.predicted_interruption_p95()), proto.prediction_measured()};
  }
  if (proto.has_interruption()) action.interruption = DurationOf(proto.interruption());
  return action;
}

namespace {

// As somebody would type it.
std::string CommandOf(const DeploymentRecord& record) {
  if (record.drain.has_value() && record.drain->restore) {
    return absl::StrCat("uncordon ", record.drain->node.value(), " --restore");
  }
  if (record.drain.has_value()) return absl::StrCat("drain ", record.drain->node.value());
  if (record.roll_back.has_value()) {
    return absl::StrCat("volumes rollback ", record.roll_back->volume, "@",
                        record.roll_back->snapshot);
  }
  if (record.clone.has_value()) {
    return absl::StrCat("clone ", record.clone->source.value(), " ", record.clone->clone.value());
  }
  return "deploy";
}

}  // namespace

pb::Deployment ToProto(const DeploymentRecord& record) {
  pb::Deployment proto;
  proto.set_name(DeploymentResourceName(record.id));
  proto.set_state(ToProto(record.state));
  for (const Action& action : record.actions) *proto.add_actions() = ToProto(action);
  proto.set_error(record.error);
  for (const std::string& warning : record.warnings) proto.add_warnings(warning);
  *proto.mutable_create_time() = ProtoOf(record.create_time);
  if (record.end_time.has_value()) *proto.mutable_end_time() = ProtoOf(*record.end_time);
  proto.set_revision(record.revision);
  proto.set_command(CommandOf(record));
  proto.set_requested_by(record.requested_by);
  proto.set_total_actions(static_cast<int>(record.actions.size()));
  proto.set_done_actions(static_cast<int>(
      std::count_if(record.actions.begin(), record.actions.end(),
                    [](const Action& action) { return action.state == ActionState::kDone; })));
  return proto;
}

DeploymentRecord FromProto(const pb::Deployment& proto) {
  DeploymentRecord record;
  record.id = DeploymentIdOf(proto.name());
  SetFromProto(proto.state(), kAllDeploymentStates, record.state);
  for (const pb::Action& action : proto.actions()) record.actions.push_back(FromProto(action));
  record.error = proto.error();
  record.warnings.assign(proto.warnings().begin(), proto.warnings().end());
  record.create_time = TimeOf(proto.create_time());
  if (proto.has_end_time()) record.end_time = TimeOf(proto.end_time());
  record.revision = proto.revision();
  return record;
}

}  // namespace drover::coordinator
