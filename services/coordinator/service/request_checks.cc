#include "services/coordinator/service/request_checks.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/coordinator/convert/migration_convert.h"

namespace drover::coordinator {

absl::Status CheckOptions(const v1::MigrationOptions& options) {
  if (options.has_max_downtime() && FromProto(options).max_downtime < absl::Milliseconds(1)) {
    return absl::InvalidArgumentError(
        "options.max_downtime must be at least 1 ms; leave it out to move without a limit on the "
        "interruption");
  }
  if (options.bandwidth_bytes_per_second() < 0) {
    return absl::InvalidArgumentError(
        "options.bandwidth_bytes_per_second cannot be negative: 0 means no limit");
  }
  return absl::OkStatus();
}

absl::Status CheckDrain(const v1::Drain& drain) {
  if (drain.restore() && drain.destinations_size() > 0) {
    return absl::InvalidArgumentError("drain.destinations: a restore goes back to drain.node only");
  }
  if (drain.parallel() < 0) {
    return absl::InvalidArgumentError("drain.parallel cannot be negative: 0 means all at a time");
  }
  return absl::OkStatus();
}

absl::Status CheckVolumeName(const std::string& name) {
  const bool has_empty_part = name.empty() || name.front() == ':' || name.back() == ':';
  if (!has_empty_part && !absl::StrContains(name, '@')) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" names no volume: say APPLICATION or APPLICATION:VOLUME"));
}

absl::Status CheckSnapshotName(const std::string& name) {
  if (absl::StartsWith(name, "drover-")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "snapshot \"", name, "\": names that begin with drover- are Drover's own; choose another"));
  }
  bool plain = !name.empty() && name.size() <= 63 && absl::ascii_isalnum(name[0]);
  for (char c : name) {
    plain = plain && (absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-');
  }
  if (plain) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("snapshot \"", name,
                   "\" is no name for one: use letters, digits, '_', '.', '-', first a letter or "
                   "digit, at most 63"));
}

}  // namespace drover::coordinator
