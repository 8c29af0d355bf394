#include "services/volume/domain/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::volume {
namespace {

constexpr char kOwnPrefix[] = "drover-";

bool IsLowerHex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

absl::Status CheckPlainName(const std::string& what, const std::string& name) {
  bool plain = !name.empty() && name.size() <= 63 && absl::ascii_isalnum(name[0]);
  for (char c : name) {
    plain = plain && (absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-');
  }
  if (plain) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " \"", name,
                                                 "\" is not allowed: use letters, digits, '_', "
                                                 "'.', '-', first a letter or digit, at most 63"));
}

absl::Status CheckVolumeId(const std::string& id) {
  return id.empty() ? absl::OkStatus() : CheckPlainName("volume id", id);
}

absl::Status CheckStartId(const std::string& start_id) {
  if (start_id.size() >= 16 && start_id.size() <= 64 && IsLowerHex(start_id)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("start id \"", start_id, "\" is not 16 to 64 hexadecimal digits"));
}

absl::Status CheckContainerId(const std::string& container_id) {
  if (container_id.size() == 64 && IsLowerHex(container_id)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("container id \"", container_id, "\" is not 64 hexadecimal digits"));
}

absl::Status CheckUserSnapshotName(const std::string& name) {
  if (absl::StartsWith(name, kOwnPrefix)) {
    return absl::InvalidArgumentError(
        absl::StrCat("snapshot \"", name, "\": names that begin with drover- are Drover's own"));
  }
  return CheckPlainName("snapshot", name);
}

std::string MigrationSnapshotName(const MigrationId& migration, int round) {
  return absl::StrCat(kOwnPrefix, migration.value(), "-", round);
}

MigrationId MigrationOfSnapshot(const std::string& name) {
  const size_t prefix = sizeof(kOwnPrefix) - 1;
  const size_t round = name.rfind('-');
  if (!absl::StartsWith(name, kOwnPrefix) || round < prefix) return MigrationId();
  return MigrationId(name.substr(prefix, round - prefix));
}

std::string VolumeDisplayName(const ApplicationName& application, const std::string& id) {
  return id.empty() ? application.value() : absl::StrCat(application.value(), ":", id);
}

}  // namespace drover::volume
