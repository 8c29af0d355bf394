#include "services/proxy/domain/route.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {
namespace {

// Names go into the route file word by word, so none may hold a space.
absl::Status ValidateWord(const std::string& word, const char* what, int port) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), absl::ascii_isgraph)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the ", what, " of port ", port, " must be a word, and is \"", word, "\""));
}

}  // namespace

absl::Status ValidateRoute(const Route& route) {
  const int port = route.external_port;
  DROVER_RETURN_IF_ERROR(ValidateExternalPort(port));
  DROVER_RETURN_IF_ERROR(ValidateWord(route.application.value(), "application", port));
  if (const auto* local = std::get_if<LocalTarget>(&route.target)) {
    DROVER_RETURN_IF_ERROR(ValidatePort(local->internal_port, "internal port"));
    return ValidateWord(local->container.value(), "container id", port);
  }
  const auto& remote = std::get<RemoteTarget>(route.target);
  DROVER_RETURN_IF_ERROR(ValidateWord(remote.node.value(), "node", port));
  const int first_octet = static_cast<int>(remote.address.bits() >> 24);
  if (first_octet == 0 || first_octet == 127 || first_octet >= 224) {
    return absl::InvalidArgumentError(absl::StrCat(
        "port ", port, " leads to ", remote.address.ToString(), ", which is no node's address"));
  }
  return absl::OkStatus();
}

bool SameDestination(const Route& a, const Route& b) {
  const auto* local_a = std::get_if<LocalTarget>(&a.target);
  const auto* local_b = std::get_if<LocalTarget>(&b.target);
  if (local_a == nullptr || local_b == nullptr) return a == b;
  return a.external_port == b.external_port && a.application == b.application &&
         local_a->internal_port == local_b->internal_port;
}

}  // namespace drover::proxy
