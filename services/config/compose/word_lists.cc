#include "services/config/compose/word_lists.h"

#include <set>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "services/config/compose/mappings.h"
#include "services/config/model/application.h"
#include "services/config/values/mountpoint.h"

namespace drover::config {
namespace {

// What one application may have beside each other.
bool GoTogether(const Volume& one, const Volume& other) {
  return !one.id.empty() && !other.id.empty() && one.id != other.id &&
         !MountpointsOverlap(one.mountpoint, other.mountpoint);
}

}  // namespace

bool ArePortMappings(Words words, const ExternalPorts& taken) {
  std::set<int> seen;
  return absl::c_all_of(words, [&](absl::string_view word) {
    const absl::StatusOr<PortMapping> port = ParsePortMapping(word);
    return port.ok() && taken.IsFree(port->external) && seen.insert(port->external).second;
  });
}

bool AreLinks(Words words, absl::FunctionRef<bool(const std::string&)> publishes) {
  std::set<std::string> seen;
  return absl::c_all_of(words, [&](absl::string_view word) {
    const absl::StatusOr<NamedLink> link = ParseLink(word);
    return link.ok() && publishes(link->target) && seen.insert(VariablePart(link->alias)).second;
  });
}

bool AreOtherApplications(Words words, const ApplicationNames& names, const std::string& own_name) {
  std::set<absl::string_view> seen;
  return absl::c_all_of(words, [&](absl::string_view word) {
    return word != own_name && names.Contains(word) && seen.insert(word).second;
  });
}

bool AreVolumeMappings(Words words, const VolumeNames& names) {
  std::vector<Volume> volumes;
  for (absl::string_view word : words) {
    absl::StatusOr<Volume> volume = ParseVolumeMapping(word);
    if (!volume.ok()) return false;
    if (!volume->id.empty() && !names.IsFree(volume->id)) return false;
    const bool fits = absl::c_all_of(
        volumes, [&volume](const Volume& other) { return GoTogether(*volume, other); });
    if (!fits) return false;
    volumes.push_back(*std::move(volume));
  }
  return true;
}

}  // namespace drover::config
