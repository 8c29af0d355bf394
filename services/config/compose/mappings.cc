#include "services/config/compose/mappings.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/status/status_macros.h"
#include "services/config/values/mountpoint.h"
#include "services/config/values/name.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr int kMaxPort = 65535;

absl::Status Malformed(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", Excerpt(text), "\": ", why));
}

bool IsHostPath(absl::string_view source) {
  return absl::StartsWith(source, "/") || absl::StartsWith(source, ".") ||
         absl::StartsWith(source, "~");
}

}  // namespace

absl::StatusOr<int> ParsePort(absl::string_view text) {
  int port = 0;
  const bool is_number =
      !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (is_number && absl::SimpleAtoi(text, &port) && port >= 1 && port <= kMaxPort) return port;
  if (absl::StrContains(text, "-")) {
    return Malformed(text, "ranges of ports are not supported; write a line for each port");
  }
  return Malformed(text, absl::StrCat("a port is a whole number from 1 to ", kMaxPort));
}

absl::StatusOr<PortMapping> ParsePortMapping(absl::string_view text) {
  absl::string_view ports = text;
  if (absl::EndsWith(ports, "/udp")) {
    return Malformed(text, "UDP is not supported yet, only TCP");
  }
  absl::ConsumeSuffix(&ports, "/tcp");
  const std::vector<absl::string_view> parts = absl::StrSplit(ports, ':');
  if (parts.size() == 1) {
    return Malformed(text,
                     "says one port only; write both, EXTERNAL:INTERNAL, such as \"8080:80\"");
  }
  if (parts.size() > 2) {
    return Malformed(text,
                     "an address of the host is not supported: every node answers on the external "
                     "port; write EXTERNAL:INTERNAL");
  }
  PortMapping port;
  DROVER_ASSIGN_OR_RETURN(port.external, ParsePort(parts[0]));
  DROVER_ASSIGN_OR_RETURN(port.internal, ParsePort(parts[1]));
  return port;
}

absl::StatusOr<NamedLink> ParseLink(absl::string_view text) {
  const bool has_alias = absl::StrContains(text, ":");
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
  absl::StatusOr<std::string> alias = CheckedLinkAlias(has_alias ? parts.second : parts.first);
  if (alias.ok()) return NamedLink{parts.first, *std::move(alias)};
  return absl::InvalidArgumentError(
      absl::StrCat(alias.status().message(), has_alias ? "" : "; give one: APPLICATION:ALIAS"));
}

absl::StatusOr<Volume> ParseVolumeMapping(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  Volume volume;
  if (parts.size() == 1) {
    DROVER_ASSIGN_OR_RETURN(volume.mountpoint, NormalizeMountpoint(text));
    return volume;
  }
  if (IsHostPath(parts[0])) {
    return Malformed(text,
                     "a folder of the host stays behind when the application moves; write "
                     "NAME:/PATH, and the volume is filled with what the image has there");
  }
  const bool is_plain = parts.size() == 2 || (parts.size() == 3 && parts[2] == "rw");
  if (!is_plain) {
    return Malformed(text, "options are not supported; write NAME:/PATH");
  }
  DROVER_ASSIGN_OR_RETURN(volume.id, CheckedVolumeName(parts[0]));
  DROVER_ASSIGN_OR_RETURN(volume.mountpoint, NormalizeMountpoint(parts[1]));
  return volume;
}

}  // namespace drover::config
