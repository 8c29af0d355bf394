#include "services/coordinator/convert/spec_convert.h"

#include <string>
#include <vector>

#include "services/common/time/proto_time.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::common::v1;

pb::RestartPolicy::Mode ToProto(RestartMode mode) {
  switch (mode) {
    case RestartMode::kNever:
      return pb::RestartPolicy::MODE_NEVER;
    case RestartMode::kAlways:
      return pb::RestartPolicy::MODE_ALWAYS;
    case RestartMode::kOnFailure:
      return pb::RestartPolicy::MODE_ON_FAILURE;
  }
  return pb::RestartPolicy::MODE_NEVER;
}

RestartMode FromProto(pb::RestartPolicy::Mode mode) {
  if (mode == pb::RestartPolicy::MODE_ALWAYS) return RestartMode::kAlways;
  if (mode == pb::RestartPolicy::MODE_ON_FAILURE) return RestartMode::kOnFailure;
  return RestartMode::kNever;
}

std::vector<std::string> FromProto(const pb::StringList& list) {
  return {list.values().begin(), list.values().end()};
}

void SetList(const std::vector<std::string>& values, pb::StringList* list) {
  list->mutable_values()->Assign(values.begin(), values.end());
}

Readiness FromProto(const pb::Readiness& proto) {
  Readiness readiness;
  readiness.port = proto.port();
  readiness.http_path = proto.http_path();
  if (proto.has_timeout()) readiness.timeout = DurationOf(proto.timeout());
  if (!proto.has_health_check()) return readiness;
  HealthCheck& check = readiness.health_check.emplace();
  check.command.assign(proto.health_check().command().begin(),
                       proto.health_check().command().end());
  if (proto.health_check().has_timeout())
    check.timeout = DurationOf(proto.health_check().timeout());
  return readiness;
}

pb::Readiness ToProto(const Readiness& readiness) {
  pb::Readiness proto;
  proto.set_port(readiness.port);
  proto.set_http_path(readiness.http_path);
  *proto.mutable_timeout() = ProtoOf(readiness.timeout);
  if (!readiness.health_check.has_value()) return proto;
  const HealthCheck& check = *readiness.health_check;
  proto.mutable_health_check()->mutable_command()->Assign(check.command.begin(),
                                                          check.command.end());
  *proto.mutable_health_check()->mutable_timeout() = ProtoOf(check.timeout);
  return proto;
}

}  // namespace

pb::VolumeSpec ToProto(const VolumeSpec& volume) {
  pb::VolumeSpec proto;
  proto.set_id(volume.id);
  proto.set_mountpoint(volume.mountpoint);
  proto.set_maximum_size_bytes(volume.maximum_size_bytes);
  proto.set_dataset_id(volume.dataset_id);
  return proto;
}

pb::ApplicationSpec ToProto(const ApplicationSpec& spec) {
  pb::ApplicationSpec proto;
  proto.set_name(spec.name.value());
  proto.set_image(spec.image);
  for (const PortMapping& port : spec.ports) {
    pb::PortMapping* mapping = proto.add_ports();
    mapping->set_internal_port(port.internal);
    mapping->set_external_port(port.external);
  }
  for (const Link& link : spec.links) {
    pb::Link* added = proto.add_links();
    added->set_local_port(link.local_port);
    added->set_remote_port(link.remote_port);
    added->set_alias(link.alias);
  }
  for (const VolumeSpec& volume : spec.volumes) *proto.add_volumes() = ToProto(volume);
  proto.mutable_environment()->insert(spec.environment.begin(), spec.environment.end());
  proto.set_memory_limit_bytes(spec.memory_limit_bytes);
  proto.set_cpu_shares(spec.cpu_shares);
  proto.mutable_restart_policy()->set_mode(ToProto(spec.restart_policy.mode));
  proto.mutable_restart_policy()->set_maximum_retry_count(spec.restart_policy.maximum_retry_count);
  if (spec.command.has_value()) SetList(*spec.command, proto.mutable_command());
  if (spec.entrypoint.has_value()) SetList(*spec.entrypoint, proto.mutable_entrypoint());
  if (spec.readiness.has_value()) *proto.mutable_readiness() = ToProto(*spec.readiness);
  *proto.mutable_stop_timeout() = ProtoOf(spec.stop_timeout);
  for (const ApplicationName& name : spec.depends_on) proto.add_depends_on(name.value());
  return proto;
}

ApplicationSpec FromProto(const pb::ApplicationSpec& proto) {
  ApplicationSpec spec;
  spec.name = ApplicationName(proto.name());
  spec.image = proto.image();
  for (const pb::PortMapping& port : proto.ports()) {
    spec.ports.push_back({port.internal_port(), port.external_port()});
  }
  for (const pb::Link& link : proto.links()) {
    spec.links.push_back({link.local_port(), link.remote_port(), link.alias()});
  }
  for (const pb::VolumeSpec& volume : proto.volumes()) {
    spec.volumes.push_back(
        {volume.id(), volume.mountpoint(), volume.maximum_size_bytes(), volume.dataset_id()});
  }
  spec.environment.insert(proto.environment().begin(), proto.environment().end());
  spec.memory_limit_bytes = proto.memory_limit_bytes();
  spec.cpu_shares = proto.cpu_shares();
  spec.restart_policy.mode = FromProto(proto.restart_policy().mode());
  spec.restart_policy.maximum_retry_count = proto.restart_policy().maximum_retry_count();
  if (proto.has_command()) spec.command = FromProto(proto.command());
  if (proto.has_entrypoint()) spec.entrypoint = FromProto(proto.entrypoint());
  if (proto.has_readiness()) spec.readiness = FromProto(proto.readiness());
  if (proto.has_stop_timeout()) spec.stop_timeout = DurationOf(proto.stop_timeout());
  for (const std::string& name : proto.depends_on()) spec.depends_on.emplace_back(name);
  return spec;
}

}  // namespace drover::coordinator
