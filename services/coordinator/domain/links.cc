#include "services/coordinator/domain/links.h"

#include <algorithm>

namespace drover::coordinator {
namespace {

bool LinksTo(const ApplicationSpec& from, const ApplicationSpec& to) {
  return std::any_of(from.links.begin(), from.links.end(), [&](const Link& link) {
    return std::any_of(to.ports.begin(), to.ports.end(),
                       [&](const PortMapping& port) { return port.external == link.remote_port; });
  });
}

}  // namespace

bool AreLinked(const ApplicationSpec& a, const ApplicationSpec& b) {
  return LinksTo(a, b) || LinksTo(b, a);
}

}  // namespace drover::coordinator
