#include "cli/render/words.h"

#include "absl/strings/strip.h"

namespace drover::cli {
namespace {

std::string WithoutPrefix(absl::string_view name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

}  // namespace

std::string Word(coordinator::v1::NodeState state) {
  return WithoutPrefix(coordinator::v1::NodeState_Name(state), "NODE_STATE_");
}

std::string Word(coordinator::v1::ApplicationState state) {
  return WithoutPrefix(coordinator::v1::ApplicationState_Name(state), "APPLICATION_STATE_");
}

std::string Word(coordinator::v1::ActionKind kind) {
  return WithoutPrefix(coordinator::v1::ActionKind_Name(kind), "ACTION_KIND_");
}

std::string Word(coordinator::v1::ActionState state) {
  return WithoutPrefix(coordinator::v1::ActionState_Name(state), "ACTION_STATE_");
}

std::string Word(coordinator::v1::DeploymentState state) {
  return WithoutPrefix(coordinator::v1::DeploymentState_Name(state), "DEPLOYMENT_STATE_");
}

std::string Word(coordinator::v1::MigrationState state) {
  return WithoutPrefix(coordinator::v1::MigrationState_Name(state), "MIGRATION_STATE_");
}

std::string Word(volume::v1::GroupState state) {
  return WithoutPrefix(volume::v1::GroupState_Name(state), "GROUP_STATE_");
}

Color ColorOf(coordinator::v1::NodeState state) {
  return state == coordinator::v1::NODE_STATE_READY ? Color::kGood : Color::kBad;
}

Color ColorOf(coordinator::v1::ApplicationState state) {
  switch (state) {
    case coordinator::v1::APPLICATION_STATE_RUNNING:
      return Color::kGood;
    case coordinator::v1::APPLICATION_STATE_STARTING:
    case coordinator::v1::APPLICATION_STATE_MIGRATING:
      return Color::kBusy;
    case coordinator::v1::APPLICATION_STATE_FAILED:
      return Color::kBad;
    default:
      return Color::kFaint;
  }
}

Color ColorOf(coordinator::v1::DeploymentState state) {
  switch (state) {
    case coordinator::v1::DEPLOYMENT_STATE_DONE:
      return Color::kGood;
    case coordinator::v1::DEPLOYMENT_STATE_FAILED:
      return Color::kBad;
    default:
      return Color::kBusy;
  }
}

Color ColorOf(coordinator::v1::MigrationState state) {
  switch (state) {
    case coordinator::v1::MIGRATION_STATE_DONE:
      return Color::kGood;
    case coordinator::v1::MIGRATION_STATE_ABORTING:
    case coordinator::v1::MIGRATION_STATE_ABORTED:
      return Color::kBad;
    default:
      return Color::kBusy;
  }
}

Color ColorOf(volume::v1::GroupState state) {
  switch (state) {
    case volume::v1::GROUP_STATE_OWNED:
      return Color::kGood;
    case volume::v1::GROUP_STATE_RETIRED:
      return Color::kFaint;
    case volume::v1::GROUP_STATE_DIVERGED:
      return Color::kBad;
    default:
      return Color::kBusy;
  }
}

std::string ShortName(absl::string_view resource_name) {
  const size_t slash = resource_name.rfind('/');
  return std::string(slash == absl::string_view::npos ? resource_name
                                                      : resource_name.substr(slash + 1));
}

}  // namespace drover::cli
