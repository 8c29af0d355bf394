// The wire's enums and names as the contract's words.
#ifndef DROVER_CLI_RENDER_WORDS_H_
#define DROVER_CLI_RENDER_WORDS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "cli/render/style.h"
#include "drover/coordinator/v1/cluster.pb.h"
#include "drover/coordinator/v1/deployment.pb.h"
#include "drover/coordinator/v1/migration.pb.h"
#include "drover/volume/v1/volume.pb.h"

namespace drover::cli {

// READY, RUNNING, OWNED, MOVE, …: the value's name without the enum's prefix.
std::string Word(coordinator::v1::NodeState state);
std::string Word(coordinator::v1::ApplicationState state);
std::string Word(coordinator::v1::ActionKind kind);
std::string Word(coordinator::v1::ActionState state);
std::string Word(coordinator::v1::DeploymentState state);
std::string Word(coordinator::v1::MigrationState state);
std::string Word(volume::v1::GroupState state);

Color ColorOf(coordinator::v1::NodeState state);
Color ColorOf(coordinator::v1::ApplicationState state);
Color ColorOf(coordinator::v1::DeploymentState state);
Color ColorOf(coordinator::v1::MigrationState state);
Color ColorOf(volume::v1::GroupState state);

// `node1` of `nodes/node1`.
std::string ShortName(absl::string_view resource_name);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_WORDS_H_
