#include "services/config/model/to_proto.h"

#include "services/common/time/proto_time.h"

namespace drover::config {
namespace {

common::v1::RestartPolicy::Mode ToProto(RestartPolicy::Mode mode) {
  switch (mode) {
    case RestartPolicy::Mode::kNever:
      return common::v1::RestartPolicy::MODE_NEVER;
    case RestartPolicy::Mode::kAlways:
      return common::v1::RestartPolicy::MODE_ALWAYS;
    case RestartPolicy::Mode::kOnFailure:
      return common::v1::RestartPolicy::MODE_ON_FAILURE;
  }
  return common::v1::RestartPolicy::MODE_UNSPECIFIED;
}

void SetVolume(const Volume& volume, common::v1::VolumeSpec& proto) {
  proto.set_id(volume.id);
  proto.set_mountpoint(volume.mountpoint);
  proto.set_maximum_size_bytes(volume.maximum_size_bytes.value_or(0));
  proto.set_dataset_id(volume.dataset_id);
}

void SetReadiness(const Readiness& readiness, common::v1::Readiness& proto) {
  proto.set_port(readiness.port.value_or(0));
  proto.set_http_path(readiness.http_path);
  *proto.mutable_timeout() = ProtoOf(readiness.timeout);
  if (!readiness.health_check.has_value()) return;
  common::v1::HealthCheck& check = *proto.mutable_health_check();
  for (const std::string& word : readiness.health_check->command) check.add_command(word);
  *check.mutable_timeout() = ProtoOf(readiness.health_check->timeout);
}

}  // namespace

common::v1::ApplicationSpec ToProto(const Application& application) {
  common::v1::ApplicationSpec proto;
  proto.set_name(application.name.value());
  proto.set_image(application.image);
  for (const PortMapping& port : application.ports) {
    auto* mapping = proto.add_ports();
    mapping->set_internal_port(port.internal);
    mapping->set_external_port(port.external);
  }
  for (const Link& link : application.links) {
    auto* added = proto.add_links();
    added->set_local_port(link.local_port);
    added->set_remote_port(link.remote_port);
    added->set_alias(link.alias);
  }
  for (const Volume& volume : application.volumes) SetVolume(volume, *proto.add_volumes());
  proto.mutable_environment()->insert(application.environment.begin(),
                                      application.environment.end());
  proto.set_memory_limit_bytes(application.memory_limit_bytes.value_or(0));
  proto.set_cpu_shares(application.cpu_shares.value_or(0));
  proto.mutable_restart_policy()->set_mode(ToProto(application.restart_policy.mode));
  proto.mutable_restart_policy()->set_maximum_retry_count(
      application.restart_policy.maximum_retry_count.value_or(0));
  if (application.command.has_value()) {
    auto* command = proto.mutable_command();
    for (const std::string& word : *application.command) command->add_values(word);
  }
  if (application.entrypoint.has_value()) {
    auto* entrypoint = proto.mutable_entrypoint();
    for (const std::string& word : *application.entrypoint) entrypoint->add_values(word);
  }
  if (application.readiness.has_value()) {
    SetReadiness(*application.readiness, *proto.mutable_readiness());
  }
  *proto.mutable_stop_timeout() = ProtoOf(application.stop_timeout);
  for (const ApplicationName& name : application.depends_on) proto.add_depends_on(name.value());
  return proto;
}

coordinator::v1::DesiredState ToProto(const Configuration& configuration) {
  coordinator::v1::DesiredState proto;
  for (const Application& application : configuration.applications) {
    *proto.add_applications() = ToProto(application);
  }
  for (const NodePlacements& node : configuration.deployment.nodes) {
    auto* assignment = proto.add_nodes();
    assignment->set_node(node.node);
    assignment->set_location(node.location.ToString());
    for (const Placement& placement : node.placements) {
      assignment->add_applications(placement.application.value());
    }
  }
  return proto;
}

}  // namespace drover::config
