#include "services/coordinator/service/cluster_status.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/convert/spec_convert.h"
#include "services/coordinator/domain/volume_name.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

volume::v1::GroupState ToProto(GroupState state) {
  switch (state) {
    case GroupState::kOwned:
      return volume::v1::GROUP_STATE_OWNED;
    case GroupState::kSealing:
      return volume::v1::GROUP_STATE_SEALING;
    case GroupState::kSealed:
      return volume::v1::GROUP_STATE_SEALED;
    case GroupState::kReceiving:
      return volume::v1::GROUP_STATE_RECEIVING;
    case GroupState::kPrepared:
      return volume::v1::GROUP_STATE_PREPARED;
    case GroupState::kRetired:
      return volume::v1::GROUP_STATE_RETIRED;
    case GroupState::kDiverged:
      return volume::v1::GROUP_STATE_DIVERGED;
  }
  return volume::v1::GROUP_STATE_UNSPECIFIED;
}

// State, and the problem in words, of an application that should run; `is_old`: as far as an old
// store knows.
void FillRunning(const ClusterView& view, const ApplicationRecord& record, bool is_old,
                 pb::Application& proto) {
  const NodeView* node = view.FindNode(record.node);
  const ContainerView* container = node == nullptr ? nullptr : FindContainer(*node, record.name);
  proto.set_node(record.node.value());
  proto.set_problem(record.problem);
  if (node == nullptr || !node->reachable) {
    proto.set_state(pb::APPLICATION_STATE_FAILED);
    proto.set_problem(absl::StrCat(record.node.value(), " does not answer"));
  } else if (container == nullptr) {
    proto.set_state(pb::APPLICATION_STATE_FAILED);
    if (is_old) {
      proto.set_problem(absl::StrCat("it is not on ", record.node.value(),
                                     ", where the old store of the coordinator has it; `drover "
                                     "doctor` shows where it is"));
    } else if (record.problem.empty()) {
      proto.set_problem("it has no container");
    }
  } else if (container->container_id.empty()) {
    // Its start failed, or was cut off.
    proto.set_state(pb::APPLICATION_STATE_FAILED);
    if (record.problem.empty()) proto.set_problem(container->problem);
  } else if (container->state == ContainerState::kReady) {
    proto.set_state(pb::APPLICATION_STATE_RUNNING);
    if (record.problem.empty() && !node->engine_problem.empty()) {
      proto.set_problem(absl::StrCat("the container engine of ", record.node.value(),
                                     " does not answer: it ran when it did"));
    }
  } else if (container->state == ContainerState::kExited) {
    proto.set_state(pb::APPLICATION_STATE_FAILED);
    proto.set_problem(absl::StrCat("it ", HowItEnded(*container),
                                   container->starts_again ? " and is started again" : ""));
  } else {
    proto.set_state(pb::APPLICATION_STATE_STARTING);
    // The node says so once its time is over.
    if (record.problem.empty() && !container->problem.empty()) {
      proto.set_problem(absl::StrCat("it is not ready: ", container->problem));
    }
  }
}

pb::Application ApplicationMessage(const ClusterView& view, const ApplicationRecord& record,
                                   bool migrating, bool is_old) {
  pb::Application proto;
  proto.set_name(absl::StrCat("applications/", record.name.value()));
  *proto.mutable_spec() = coordinator::ToProto(record.spec);
  proto.set_revision(record.revision);
  if (migrating) {
    proto.set_node(record.node.value());
    proto.set_state(pb::APPLICATION_STATE_MIGRATING);
  } else if (record.running) {
    FillRunning(view, record, is_old, proto);
  } else {
    proto.set_state(pb::APPLICATION_STATE_STOPPED);
    proto.set_problem(record.problem);
  }
  return proto;
}

// A volume on one node.
struct Held {
  const NodeView* node;
  const GroupView* group;
  const VolumeView* volume;
};

bool Outranks(const Held& a, const Held& b) {
  if (IsOwner(a.group->state) != IsOwner(b.group->state)) return IsOwner(a.group->state);
  return a.group->generation > b.group->generation;
}

// A node that does not answer has the same as those to which its copies went.
std::string BackendOf(const Held& first, const std::vector<Held>& holders) {
  if (!first.node->backend.empty()) return first.node->backend;
  for (const Held& held : holders) {
    if (!held.node->backend.empty()) return held.node->backend;
  }
  return "";
}

pb::ClusterVolume VolumeMessage(const ClusterView& view, const std::string& name,
                                const std::vector<Held>& holders) {
  const Held* first = &holders[0];
  for (const Held& held : holders) {
    if (Outranks(held, *first)) first = &held;
  }
  pb::ClusterVolume proto;
  proto.set_name(name);
  if (IsOwner(first->group->state)) proto.set_owner(first->node->name.value());
  proto.set_generation(first->group->generation.value());
  proto.set_state(ToProto(first->group->state));
  auto record = view.applications.find(first->group->application);
  if (record != view.applications.end()) {
    for (const VolumeSpec& spec : record->second.spec.volumes) {
      if (spec.id == first->volume->id) proto.set_application(record->first.value());
    }
  }
  proto.set_size_bytes(first->volume->size_bytes);
  proto.set_maximum_size_bytes(first->volume->maximum_size_bytes);
  proto.set_backend(BackendOf(*first, holders));
  proto.set_dataset_id(first->volume->dataset_id);
  for (const Held& held : holders) {
    if (&held == first && IsOwner(held.group->state)) continue;
    pb::VolumeCopy* copy = proto.add_copies();
    copy->set_node(held.node->name.value());
    copy->set_snapshot(held.volume->newest_snapshot);
    if (!held.volume->newest_snapshot.empty()) {
      *copy->mutable_snapshot_time() = ProtoOf(held.volume->newest_snapshot_time);
    }
    copy->set_state(ToProto(held.group->state));
  }
  return proto;
}

// An owner that does not answer is still the owner: of its volumes the journal knows all but sizes
// and snapshots.
void AddRemembered(ClusterView& view) {
  for (NodeView& node : view.nodes) {
    if (node.volumes_known) continue;
    for (const auto& [name, record] : view.applications) {
      if (record.node != node.name || record.generation.empty()) continue;
      GroupView& group = node.groups.emplace_back();
      group.application = name;
      group.state = GroupState::kOwned;
      group.generation = record.generation;
      for (const VolumeSpec& spec : record.spec.volumes) {
        VolumeView& volume = group.volumes.emplace_back();
        volume.id = spec.id;
        volume.maximum_size_bytes = spec.maximum_size_bytes;
      }
    }
  }
}

}  // namespace

pb::Node NodeMessage(const NodeView& node) {
  pb::Node proto;
  proto.set_name(absl::StrCat("nodes/", node.name.value()));
  proto.set_address(node.address);
  proto.set_cordoned(node.cordoned);
  proto.set_state(node.reachable ? pb::NODE_STATE_READY : pb::NODE_STATE_UNREACHABLE);
  proto.set_problem(node.problem);
  if (node.problem.empty() && !node.engine_problem.empty()) {
    proto.set_problem(node.engine_problem);
  }
  return proto;
}

pb::ClusterStatus StatusMessage(ClusterView view,
                                const std::map<ApplicationName, std::string>& aborts,
                                const std::string& recovery) {
  AddRemembered(view);
  pb::ClusterStatus status;
  status.set_recovery(recovery);
  std::map<std::string, std::vector<Held>> volumes;
  for (const NodeView& node : view.nodes) {
    *status.add_nodes() = NodeMessage(node);
    for (const GroupView& group : node.groups) {
      for (const VolumeView& volume : group.volumes) {
        volumes[VolumeDisplayName(group.application, volume.id)].push_back(
            {&node, &group, &volume});
      }
    }
  }
  for (const auto& [name, record] : view.applications) {
    pb::Application& application = *status.add_applications();
    application =
        ApplicationMessage(view, record, view.migrating.contains(name), !recovery.empty());
    const auto abort = aborts.find(name);
    if (application.problem().empty() && abort != aborts.end()) {
      application.set_problem(abort->second);
    }
  }
  for (const auto& [name, holders] : volumes) {
    *status.add_volumes() = VolumeMessage(view, name, holders);
  }
  return status;
}

}  // namespace drover::coordinator
