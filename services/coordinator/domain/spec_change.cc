#include "services/coordinator/domain/spec_change.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drover::coordinator {
namespace {

std::vector<int> InternalPorts(const ApplicationSpec& spec) {
  std::vector<int> ports;
  for (const PortMapping& port : spec.ports) ports.push_back(port.internal);
  return ports;
}

std::vector<std::string> Mountpoints(const ApplicationSpec& spec) {
  std::vector<std::string> mountpoints;
  for (const VolumeSpec& volume : spec.volumes) {
    mountpoints.push_back(absl::StrCat(volume.id, "=", volume.mountpoint));
  }
  return mountpoints;
}

}  // namespace

std::string DescribeChange(const ApplicationSpec& before, const ApplicationSpec& after) {
  std::vector<std::string> changes;
  if (before.image != after.image) {
    changes.push_back(absl::StrCat("image changed from ", before.image, " to ", after.image));
  }
  auto add = [&](bool changed, const char* what) {
    if (changed) changes.push_back(absl::StrCat(what, " changed"));
  };
  add(before.environment != after.environment, "environment");
  add(before.command != after.command, "command");
  add(before.entrypoint != after.entrypoint, "entrypoint");
  add(InternalPorts(before) != InternalPorts(after), "internal ports");
  add(before.links != after.links, "links");
  add(Mountpoints(before) != Mountpoints(after), "mountpoint");
  add(before.memory_limit_bytes != after.memory_limit_bytes, "memory limit");
  add(before.cpu_shares != after.cpu_shares, "CPU shares");
  add(before.restart_policy != after.restart_policy, "restart policy");
  add(before.readiness != after.readiness, "readiness check");
  add(before.stop_timeout != after.stop_timeout, "stop time-out");
  return absl::StrJoin(changes, ", ");
}

}  // namespace drover::coordinator
