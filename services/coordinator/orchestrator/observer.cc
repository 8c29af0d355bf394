#include "services/coordinator/orchestrator/observer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/orchestrator/when_all.h"

namespace drover::coordinator {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(3);
constexpr absl::Duration kLittleDeadline = absl::Milliseconds(1600);

GroupState FromProto(volume::v1::GroupState state) {
  switch (state) {
    case volume::v1::GROUP_STATE_SEALING:
      return GroupState::kSealing;
    case volume::v1::GROUP_STATE_SEALED:
      return GroupState::kSealed;
    case volume::v1::GROUP_STATE_RECEIVING:
      return GroupState::kReceiving;
    case volume::v1::GROUP_STATE_PREPARED:
      return GroupState::kPrepared;
    case volume::v1::GROUP_STATE_RETIRED:
      return GroupState::kRetired;
    case volume::v1::GROUP_STATE_DIVERGED:
      return GroupState::kDiverged;
    default:
      return GroupState::kOwned;
  }
}

OwnershipDoubt FromProto(volume::v1::OwnershipDoubt doubt) {
  switch (doubt) {
    case volume::v1::OWNERSHIP_DOUBT_AWAITS_COORDINATOR:
      return OwnershipDoubt::kAwaitsCoordinator;
    case volume::v1::OWNERSHIP_DOUBT_OLDER_POOL:
      return OwnershipDoubt::kOlderPool;
    default:
      return OwnershipDoubt::kNone;
  }
}

}  // namespace

GroupView GroupViewOf(const volume::v1::VolumeGroup& proto) {
  GroupView group;
  group.application = ApplicationName(proto.application());
  group.state = FromProto(proto.state());
  group.generation = Generation(proto.generation());
  group.migration = MigrationId(proto.migration());
  group.migration_generation = Generation(proto.migration_generation());
  group.doubt = FromProto(proto.doubt());
  for (const volume::v1::Volume& volume : proto.volumes()) {
    VolumeView view;
    view.id = volume.id();
    view.dataset_id = volume.dataset_id();
    view.mountpoint = volume.mountpoint();
    view.maximum_size_bytes = volume.maximum_size_bytes();
    view.size_bytes = volume.size_bytes();
    view.detached = volume.detached();
    for (const volume::v1::Snapshot& snapshot : volume.snapshots()) {
      if (!snapshot.migration().empty()) continue;
      view.snapshots.push_back({snapshot.name(), TimeOf(snapshot.create_time())});
    }
    if (!volume.snapshots().empty()) {
      view.newest_snapshot = volume.snapshots().rbegin()->name();
      view.newest_snapshot_time = TimeOf(volume.snapshots().rbegin()->create_time());
    }
    group.volumes.push_back(std::move(view));
  }
  return group;
}

namespace {

ContainerState FromProto(container::v1::ContainerState state) {
  switch (state) {
    case container::v1::CONTAINER_STATE_GATED:
      return ContainerState::kGated;
    case container::v1::CONTAINER_STATE_STARTING:
      return ContainerState::kStarting;
    case container::v1::CONTAINER_STATE_READY:
      return ContainerState::kReady;
    case container::v1::CONTAINER_STATE_EXITED:
      return ContainerState::kExited;
    default:
      return ContainerState::kStaging;
  }
}

}  // namespace

ContainerView ContainerViewOf(const container::v1::Container& proto) {
  ContainerView view;
  view.application = ApplicationName(proto.application());
  view.container_id = ContainerId(proto.container_id());
  view.start_id = StartId(proto.start_id());
  view.state = FromProto(proto.state());
  view.generation = Generation(proto.generation());
  view.config_hash = proto.config_hash();
  view.spec = coordinator::FromProto(proto.spec());
  view.image = proto.image();
  view.image_digest = proto.image_digest();
  view.exit_code = proto.exit_code();
  view.problem = proto.problem();
  view.starts_again = proto.starts_again();
  view.unkept_paths.assign(proto.unkept_paths().begin(), proto.unkept_paths().end());
  return view;
}

namespace {

ObeyedCoordinator FromProto(std::string service, const common::v1::Fence& fence) {
  return {std::move(service), {fence.epoch(), fence.nonce()}, fence.sequence()};
}

// What one look has found out about a service's connection.
struct Heard {
  bool answered = false;
  bool late = false;

  void Note(const absl::Status& status) {
    answered |= status.ok();
    // With a reason it is the service's own answer.
    late |= absl::IsDeadlineExceeded(status) && ReasonOf(status).empty();
  }
};

// Also notes in `answered` that it has, in this look or an earlier one.
bool FellSilent(const Heard& heard, bool& answered) {
  answered |= heard.answered;
  // One that has never answered may still be connecting, which new connections would not speed up.
  return heard.late && !heard.answered && answered;
}

// Each asks one service one thing, and answers what is wrong with it, or nothing.
Task<std::string> ObservePool(std::shared_ptr<NodeHandle> node, NodeView* view, Heard* heard,
                              absl::Duration deadline) {
  auto pool = co_await node->volume->GetPool({}, deadline);
  heard->Note(pool.status());
  if (!pool.ok()) co_return absl::StrCat("volume service: ", pool.status().message());
  view->backend = pool->pool().backend();
  view->pool_bytes = pool->pool().size_bytes();
  view->free_pool_bytes = pool->pool().free_bytes();
  view->obeyed.push_back(FromProto("volume", pool->obeyed()));
  co_return "";
}

Task<std::string> ObserveVolumes(std::shared_ptr<NodeHandle> node, NodeView* view, Heard* heard,
                                 absl::Duration deadline) {
  auto groups = co_await node->volume->ListGroups({}, deadline);
  heard->Note(groups.status());
  if (!groups.ok()) co_return absl::StrCat("volume service: ", groups.status().message());
  for (const auto& group : groups->groups()) view->groups.push_back(GroupViewOf(group));
  view->volumes_known = true;
  co_return "";
}

Task<std::string> ObserveContainers(std::shared_ptr<NodeHandle> node, NodeView* view, Heard* heard,
                                    absl::Duration deadline) {
  auto containers = co_await node->container->ListContainers({}, deadline);
  heard->Note(containers.status());
  if (!containers.ok())
    co_return absl::StrCat("container service: ", containers.status().message());
  for (const auto& one : containers->containers()) view->containers.push_back(ContainerViewOf(one));
  view->memory_bytes = containers->memory_bytes();
  view->available_memory_bytes = containers->available_memory_bytes();
  view->engine_problem = containers->engine_problem();
  view->containers_known = true;
  view->obeyed.push_back(FromProto("container", containers->obeyed()));
  co_return "";
}

Task<std::string> ObserveRoutes(std::shared_ptr<NodeHandle> node, NodeView* view, Heard* heard,
                                absl::Duration deadline) {
  proxy::v1::GetRoutesRequest request;
  request.set_without_routes(true);
  auto routes = co_await node->proxy->GetRoutes(std::move(request), deadline);
  heard->Note(routes.status());
  if (!routes.ok()) co_return absl::StrCat("proxy service: ", routes.status().message());
  view->route_revision = routes->revision();
  view->obeyed.push_back(FromProto("proxy", routes->obeyed()));
  co_return "";
}

}  // namespace

Task<NodeView> ObserveNode(std::shared_ptr<NodeHandle> node, Patience patience) {
  NodeView view;
  view.name = node->name;
  view.address = node->address;
  const absl::Duration deadline = patience == Patience::kAll ? kDeadline : kLittleDeadline;
  Heard volume, container, proxy;
  std::vector<Task<std::string>> looks;
  looks.push_back(ObservePool(node, &view, &volume, deadline));
  looks.push_back(ObserveVolumes(node, &view, &volume, deadline));
  looks.push_back(ObserveContainers(node, &view, &container, deadline));
  looks.push_back(ObserveRoutes(node, &view, &proxy, deadline));
  std::vector<std::string> problems = co_await WhenAll(std::move(looks));
  node->fell_silent = FellSilent(volume, node->answered.volume);
  node->fell_silent |= FellSilent(container, node->answered.container);
  node->fell_silent |= FellSilent(proxy, node->answered.proxy);
  for (const std::string& problem : problems) {
    if (view.problem.empty()) view.problem = problem;
  }
  view.reachable = view.problem.empty();
  co_return view;
}

Task<ClusterView> Observer::Observe(Patience patience) const {
  const std::vector<std::shared_ptr<NodeHandle>> nodes = nodes_.All();
  std::vector<Task<NodeView>> looks;
  for (const std::shared_ptr<NodeHandle>& node : nodes) {
    looks.push_back(ObserveNode(node, patience));
  }
  ClusterView view;
  view.nodes = co_await WhenAll(std::move(looks));
  for (const std::shared_ptr<NodeHandle>& node : nodes) {
    if (node->fell_silent) nodes_.Renew(node);
  }
  for (NodeView& node : view.nodes) {
    auto record = journal_.nodes().find(node.name);
    node.cordoned = record != journal_.nodes().end() && record->second.cordoned;
  }
  view.applications = journal_.applications();
  view.busy = busy_.names();
  for (const MigrationRecord* migration : journal_.migrations()) {
    if (!IsTerminal(migration->state)) view.migrating.insert(migration->application);
  }
  co_return view;
}

}  // namespace drover::coordinator
