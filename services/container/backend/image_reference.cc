#include "services/container/backend/image_reference.h"

#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::container {
namespace {

bool ContainsAny(absl::string_view text, std::initializer_list<absl::string_view> words) {
  const std::string lower = absl::AsciiStrToLower(text);
  for (absl::string_view word : words) {
    if (absl::StrContains(lower, absl::AsciiStrToLower(word))) return true;
  }
  return false;
}

}  // namespace

ImageReference ParseImageReference(absl::string_view image) {
  ImageReference reference{.version = "latest", .registry = "docker.io"};
  absl::string_view name = image;
  if (const size_t at = name.find('@'); at != name.npos) {
    reference.version = std::string(name.substr(at + 1));
    name = name.substr(0, at);
  }
  // A colon before the last slash belongs to the host's port.
  const size_t slash = name.rfind('/');
  if (const size_t colon = name.rfind(':');
      colon != name.npos && (slash == name.npos || colon > slash)) {
    if (reference.version == "latest") reference.version = std::string(name.substr(colon + 1));
    name = name.substr(0, colon);
  }
  reference.name = std::string(name);
  const absl::string_view host = name.substr(0, name.find('/'));
  if (host.size() < name.size() && (ContainsAny(host, {".", ":"}) || host == "localhost")) {
    reference.registry = std::string(host);
  }
  return reference;
}

absl::Status PullError(absl::string_view image, absl::string_view engine_message) {
  const std::string registry = ParseImageReference(image).registry;
  const std::string detail = absl::StrCat(" (", engine_message, ")");
  if (ContainsAny(engine_message, {"x509", "tls:", "certificate", "HTTP response to HTTPS"})) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "REGISTRY_NOT_TRUSTED",
        absl::StrCat("the engine does not trust the registry ", registry, " for image ", image,
                     "; put its CA under /etc/docker/certs.d/", registry, "/", detail));
  }
  if (ContainsAny(engine_message, {"manifest unknown", "not found", "does not exist",
                                   "access denied", "no such image"})) {
    return StatusWithReason(
        absl::StatusCode::kNotFound, "IMAGE_NOT_FOUND",
        absl::StrCat("the registry ", registry, " has no image ", image, detail));
  }
  if (ContainsAny(engine_message, {"refused", "unreachable", "no such host", "timeout", "lookup",
                                   "no route", "reset by peer", "EOF", "deadline exceeded"})) {
    return StatusWithReason(
        absl::StatusCode::kUnavailable, "REGISTRY_UNREACHABLE",
        absl::StrCat("the registry ", registry, " does not answer for image ", image, detail));
  }
  return absl::InternalError(absl::StrCat("cannot pull image ", image, detail));
}

}  // namespace drover::container
