#include "services/coordinator/convert/deployment_convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/convert/time_convert.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

constexpr char kPrefix[] = "deployments/";

// The messages' words are the domain's, in the same order, from 1.
template <class To, class From>
To FromOne(From value) {
  return static_cast<To>(static_cast<int>(value) + 1);
}
template <class To, class From>
To ToZero(From value) {
  return static_cast<To>(static_cast<int>(value) - 1);
}
static_assert(static_cast<int>(ActionKind::kCreate) + 1 == pb::ACTION_KIND_CREATE);
static_assert(static_cast<int>(ActionKind::kMove) + 1 == pb::ACTION_KIND_MOVE);
static_assert(static_cast<int>(ActionKind::kReroute) + 1 == pb::ACTION_KIND_REROUTE);
static_assert(static_cast<int>(ActionState::kFailed) + 1 == pb::ACTION_STATE_FAILED);
static_assert(static_cast<int>(DeploymentState::kFailed) + 1 == pb::DEPLOYMENT_STATE_FAILED);

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

pb::Action ToProto(const Action& action) {
  pb::Action proto;
  proto.set_kind(FromOne<pb::ActionKind>(action.kind));
  proto.set_application(action.application.value());
  proto.set_from(action.from.value());
  proto.set_to(action.to.value());
  proto.set_bytes(action.bytes);
  proto.set_reason(action.reason);
  proto.set_state(FromOne<pb::ActionState>(action.state));
  proto.set_migration(MigrationResourceName(action.migration));
  proto.set_error(action.error);
  return proto;
}

Action FromProto(const pb::Action& proto) {
  Action action;
  action.kind = ToZero<ActionKind>(proto.kind());
  action.application = ApplicationName(proto.application());
  action.from = NodeName(proto.from());
  action.to = NodeName(proto.to());
  action.bytes = proto.bytes();
  action.reason = proto.reason();
  action.state = ToZero<ActionState>(proto.state());
  action.migration = MigrationIdOf(proto.migration());
  action.error = proto.error();
  return action;
}

pb::Deployment ToProto(const DeploymentRecord& record) {
  pb::Deployment proto;
  proto.set_name(DeploymentResourceName(record.id));
  proto.set_state(FromOne<pb::DeploymentState>(record.state));
  for (const Action& action : record.actions) *proto.add_actions() = ToProto(action);
  proto.set_error(record.error);
  *proto.mutable_create_time() = ToProto(record.create_time);
  if (record.end_time.has_value()) *proto.mutable_end_time() = ToProto(*record.end_time);
  proto.set_revision(record.revision);
  return proto;
}

DeploymentRecord FromProto(const pb::Deployment& proto) {
  DeploymentRecord record;
  record.id = DeploymentIdOf(proto.name());
  record.state = ToZero<DeploymentState>(proto.state());
  for (const pb::Action& action : proto.actions()) record.actions.push_back(FromProto(action));
  record.error = proto.error();
  record.create_time = FromProto(proto.create_time());
  if (proto.has_end_time()) record.end_time = FromProto(proto.end_time());
  record.revision = proto.revision();
  return record;
}

}  // namespace drover::coordinator
