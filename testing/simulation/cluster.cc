#include "testing/simulation/cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/volume/domain/group_record.h"
#include "services/volume/domain/names.h"

namespace drover::simulation {
namespace {

using coordinator::ApplicationRecord;
using volume::GroupRecord;
using volume::GroupState;

const GroupRecord* GroupOf(const SimNode& node, const ApplicationName& name) {
  const auto found = node.disk.groups.find(name);
  return found == node.disk.groups.end() ? nullptr : &found->second;
}

}  // namespace

Cluster::Cluster(World& world, int node_count, int applications, Mutant mutant)
    : network(world), world_(world) {
  for (int i = 0; i < applications; ++i) {
    const ApplicationName name(absl::StrCat("app", i + 1));
    apps.emplace(name, AppModel(world, name));
  }
  auto find = [this](const std::string& name) -> SimNode& { return FindNode(name); };
  auto check = [this] { CheckAlways(); };
  for (int i = 1; i <= node_count; ++i) {
    const SimNode::Deps deps{world, network, apps, find, check, mutant};
    nodes.push_back(
        std::make_unique<SimNode>(deps, absl::StrCat("node", i), absl::StrCat("192.0.2.", i)));
  }
  const CoordinatorHost::Deps deps{world, network, find, mutant};
  coordinator = std::make_unique<CoordinatorHost>(deps);
}

SimNode& Cluster::FindNode(const std::string& name) {
  for (const auto& node : nodes) {
    if (node->host_name() == name) return *node;
  }
  return *nodes.front();
}

void Cluster::CheckAlways() {
  for (const auto& [name, app] : apps) {
    CheckOwners(app);
    CheckCopies(app);
  }
}

void Cluster::CheckOwners(const AppModel& app) {
  std::string owner;
  for (const auto& node : nodes) {
    const GroupRecord* group = GroupOf(*node, app.name());
    if (group == nullptr) continue;
    Generation& newest = newest_[{app.name(), node->host_name()}];
    if (group->generation < newest) {
      world_.Fail(absl::StrCat("I4: the generation of ", app.name().value(), " goes back on ",
                               node->host_name()));
    }
    newest = group->generation;
    if (group->state != GroupState::kOwned) continue;
    if (!owner.empty()) {
      world_.Fail(absl::StrCat("I1: ", owner, " and ", node->host_name(), " both own ",
                               app.name().value()));
    }
    owner = node->host_name();
    const auto key = std::make_pair(app.name(), group->generation);
    const auto [had, is_new] = owners_.emplace(key, owner);
    if (!is_new && had->second != owner) {
      world_.Fail(absl::StrCat("I4: generation ", group->generation.value(), " of ",
                               app.name().value(), " is owned by a second node"));
    }
  }
}

void Cluster::CheckCopies(const AppModel& app) {
  if (app.acknowledged() == 0) return;
  for (const auto& node : nodes) {
    const GroupRecord* group = GroupOf(*node, app.name());
    const auto data = node->disk.volumes.find(app.name());
    if (group == nullptr || data == node->disk.volumes.end()) continue;
    const bool serves =
        group->state == GroupState::kOwned || group->state == GroupState::kSealing ||
        group->state == GroupState::kSealed || group->state == GroupState::kPrepared;
    const std::optional<Version>& live = data->second.live;
    if (serves && live.has_value() && app.Holds(*live, app.acknowledged())) return;
  }
  world_.Fail(
      absl::StrCat("I2: no durable copy of ", app.name().value(), " holds ", app.acknowledged()));
}

std::string Cluster::Unfinished() {
  if (!coordinator->is_up()) return "the coordinator is down";
  std::string unfinished = UnfinishedWork();
  if (!unfinished.empty()) return unfinished;
  for (const ApplicationRecord& record : coordinator->durable().applications) {
    for (const auto& node : nodes) {
      unfinished = UnfinishedAt(*node, record);
      if (!unfinished.empty()) {
        return absl::StrCat(record.name.value(), " at ", node->host_name(), ": ", unfinished);
      }
    }
  }
  return UnfinishedRoutes();
}

std::string Cluster::UnfinishedWork() {
  for (const coordinator::MigrationRecord& one : coordinator->durable().migrations) {
    if (!IsTerminal(one.state)) {
      return absl::StrCat("I5: the move for ", one.generation.value(), " is ",
                          coordinator::MigrationStateName(one.state));
    }
    if (one.source_pending || one.destination_pending) {
      return absl::StrCat("I5: a node was not told that ", one.generation.value(), " is aborted");
    }
    if (one.start_pending) {
      return absl::StrCat("I5: nothing was started again after ", one.generation.value());
    }
  }
  for (const coordinator::DeploymentRecord& one : coordinator->durable().deployments) {
    if (one.state == coordinator::DeploymentState::kRunning) return "I5: a deployment runs";
  }
  for (const auto& node : nodes) {
    if (!node->is_up()) return "a node is down";
  }
  return "";
}

std::string Cluster::UnfinishedAt(SimNode& node, const ApplicationRecord& record) {
  const GroupRecord* group = GroupOf(node, record.name);
  const bool is_owner = record.node.value() == node.host_name();
  const auto container = node.engine.containers.find(record.name);
  const bool has_container = container != node.engine.containers.end();
  if (group != nullptr && group->lock.has_value()) return "I7: the group is locked";
  std::string kept;
  if (group != nullptr && !group->volumes.empty() && group->volumes[0].base.has_value()) {
    kept = group->volumes[0].base->name;
  }
  const auto data = node.disk.volumes.find(record.name);
  if (data != node.disk.volumes.end()) {
    for (const SimSnapshot& one : data->second.snapshots) {
      if (one.ref.name != kept) return absl::StrCat("I7: snapshot ", one.ref.name, " is left");
    }
    if (!is_owner && data->second.live.has_value()) return "I7: a live volume is left";
  }
  size_t starts = 0;
  for (const auto& [start, one] : node.engine.starts) starts += one.application == record.name;
  if (!is_owner) {
    const bool gone = group == nullptr || group->state == GroupState::kRetired ||
                      group->state == GroupState::kDiscarded;
    if (!gone) return absl::StrCat("I7: the group is ", GroupStateName(group->state));
    if (has_container) return "I7: a container is left";
    if (node.disk.starts.contains(record.name.value())) return "I7: a start is left";
    if (starts > 0) return "I7: a slot is left";
    return "";
  }
  if (group == nullptr || group->state != GroupState::kOwned) return "I5: the group is not owned";
  if (group->generation != record.generation) return "I5: it has another generation";
  if (!record.running) return "I5: it is not meant to run";
  const bool runs =
      has_container && container->second.state == ProcessState::kRunning && container->second.ready;
  if (!runs) return "I5: it does not run";
  if (starts != 1) return "I7: a slot is left";
  return "";
}

std::string Cluster::UnfinishedRoutes() {
  const coordinator::StoredState& durable = coordinator->durable();
  for (const auto& node : nodes) {
    if (node->disk.routes.revision() != durable.counters.route_revision) {
      return absl::StrCat("I6: ", node->host_name(), " has other routes");
    }
    for (const ApplicationRecord& record : durable.applications) {
      const proxy::Route* route = node->disk.routes.Find(record.spec.ports[0].external);
      if (route == nullptr) return absl::StrCat("I6: no route to ", record.name.value());
      const auto* local = std::get_if<proxy::LocalTarget>(&route->target);
      const auto* remote = std::get_if<proxy::RemoteTarget>(&route->target);
      const bool is_owner = record.node.value() == node->host_name();
      const bool right =
          is_owner
              ? local != nullptr && local->container == node->engine.containers.at(record.name).id
              : remote != nullptr && remote->node == record.node;
      if (!right) return absl::StrCat("I6: ", node->host_name(), " leads elsewhere");
    }
  }
  return "";
}

bool Cluster::IsHeld() {
  return std::any_of(nodes.begin(), nodes.end(), [](const auto& node) {
    return node->is_up() && !node->proxy().Held().empty();
  });
}

}  // namespace drover::simulation
