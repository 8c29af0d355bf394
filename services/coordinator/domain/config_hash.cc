#include "services/coordinator/domain/config_hash.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "services/coordinator/domain/fingerprint.h"

namespace drover::coordinator {
namespace {

void AddList(Fingerprint& hash, const std::optional<std::vector<std::string>>& list) {
  if (!list.has_value()) {
    hash.Add("absent");
    return;
  }
  hash.Add(static_cast<int64_t>(list->size()));
  for (const std::string& item : *list) hash.Add(item);
}

void AddPorts(Fingerprint& hash, const std::vector<PortMapping>& ports) {
  std::vector<int> internal;
  for (const PortMapping& port : ports) internal.push_back(port.internal);
  // The first one stays in its place: it is the port that readiness looks at.
  if (!internal.empty()) std::sort(internal.begin() + 1, internal.end());
  hash.Add("ports").Add(static_cast<int64_t>(internal.size()));
  for (int port : internal) hash.Add(port);
}

void AddLinks(Fingerprint& hash, const std::vector<Link>& links) {
  std::vector<std::tuple<std::string, int, int>> sorted;
  for (const Link& link : links) sorted.emplace_back(link.alias, link.local_port, link.remote_port);
  std::sort(sorted.begin(), sorted.end());
  hash.Add("links").Add(static_cast<int64_t>(sorted.size()));
  for (const auto& [alias, local, remote] : sorted) hash.Add(alias).Add(local).Add(remote);
}

void AddVolumes(Fingerprint& hash, const std::vector<VolumeSpec>& volumes) {
  std::vector<std::pair<std::string, std::string>> sorted;
  for (const VolumeSpec& volume : volumes) sorted.emplace_back(volume.id, volume.mountpoint);
  std::sort(sorted.begin(), sorted.end());
  hash.Add("volumes").Add(static_cast<int64_t>(sorted.size()));
  for (const auto& [id, mountpoint] : sorted) hash.Add(id).Add(mountpoint);
}

}  // namespace

std::string ConfigHash(const ApplicationSpec& spec) {
  Fingerprint hash;
  hash.Add("config-1").Add(spec.name.value()).Add(spec.image);
  AddPorts(hash, spec.ports);
  AddLinks(hash, spec.links);
  AddVolumes(hash, spec.volumes);
  hash.Add("environment").Add(static_cast<int64_t>(spec.environment.size()));
  for (const auto& [key, value] : spec.environment) hash.Add(key).Add(value);
  hash.Add("limits").Add(spec.memory_limit_bytes).Add(spec.cpu_shares);
  // Settings were part of it, and count as their defaults since they are not: what ran with those
  // goes on.
  hash.Add("restart").Add(static_cast<int64_t>(RestartMode::kNever)).Add(0);
  hash.Add("command");
  AddList(hash, spec.command);
  hash.Add("entrypoint");
  AddList(hash, spec.entrypoint);
  hash.Add("readiness").Add(false);
  hash.Add("stop").Add(int64_t{10'000});
  return hash.Hex();
}

}  // namespace drover::coordinator
