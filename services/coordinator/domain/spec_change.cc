#include "services/coordinator/domain/spec_change.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coordinator/domain/volume_name.h"

namespace drover::coordinator {
namespace {

std::vector<int> InternalPorts(const ApplicationSpec& spec) {
  std::vector<int> ports;
  for (const PortMapping& port : spec.ports) ports.push_back(port.internal);
  return ports;
}

// By id.
std::map<std::string, std::string> Mountpoints(const ApplicationSpec& spec) {
  std::map<std::string, std::string> mountpoints;
  for (const VolumeSpec& volume : spec.volumes) mountpoints[volume.id] = volume.mountpoint;
  return mountpoints;
}

std::string DescribeVolume(const ApplicationSpec& spec, const std::string& id, const char* what) {
  return absl::StrCat("volume ", VolumeDisplayName(spec.name, id), " ", what);
}

void DescribeVolumes(const ApplicationSpec& before, const ApplicationSpec& after,
                     std::vector<std::string>& changes) {
  const std::map<std::string, std::string> had = Mountpoints(before), has = Mountpoints(after);
  for (const auto& [id, mountpoint] : has) {
    const auto old = had.find(id);
    if (old == had.end()) {
      changes.push_back(DescribeVolume(after, id, "added"));
    } else if (old->second != mountpoint) {
      changes.push_back(DescribeVolume(after, id, "mounted elsewhere"));
    }
  }
  for (const auto& [id, mountpoint] : had) {
    if (!has.contains(id)) changes.push_back(DescribeVolume(before, id, "detached"));
  }
}

// Who says nothing has the default.
Readiness ReadinessOf(const ApplicationSpec& spec) { return spec.readiness.value_or(Readiness()); }

}  // namespace

bool HaveSameSettings(const ApplicationSpec& a, const ApplicationSpec& b) {
  return a.restart_policy == b.restart_policy && ReadinessOf(a) == ReadinessOf(b) &&
         a.stop_timeout == b.stop_timeout;
}

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
  DescribeVolumes(before, after, changes);
  add(before.memory_limit_bytes != after.memory_limit_bytes, "memory limit");
  add(before.cpu_shares != after.cpu_shares, "CPU shares");
  add(before.restart_policy != after.restart_policy, "restart policy");
  add(ReadinessOf(before) != ReadinessOf(after), "readiness check");
  add(before.stop_timeout != after.stop_timeout, "stop time-out");
  return absl::StrJoin(changes, ", ");
}

}  // namespace drover::coordinator
