#include "services/config/readers/application_parts.h"

#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

// On every node.
constexpr int kFirstOwnPort = 7400;
constexpr int kLastOwnPort = 7404;

// Who has something that only one can have, for the note to who wants it as well.
std::string Claimant(const Field& field, const Application& application) {
  return absl::StrCat("\"", application.name.value(), "\" in line ", field.location().line);
}

bool IsOwnPort(int port) { return port >= kFirstOwnPort && port <= kLastOwnPort; }

}  // namespace

void ExternalPorts::Add(const Field& field, PortMapping port, Application& application) {
  auto [claim, is_new] = claims_.emplace(port.external, Claimant(field, application));
  if (!is_new) {
    field.Refuse(absl::StrCat(
        "the external port ", port.external, " is claimed already by ", claim->second,
        "; every node answers on it, so only one application in the cluster can have it"));
  }
  if (IsOwnPort(port.external)) {
    field.Refuse(absl::StrCat("the external port ", port.external, " is one of Drover's own (",
                              kFirstOwnPort, " to ", kLastOwnPort, "); choose another"));
  }
  application.ports.push_back(port);
}

bool ExternalPorts::IsFree(int external) const {
  return !claims_.contains(external) && !IsOwnPort(external);
}

void DatasetIds::Claim(const Field& field, const std::string& id, const Application& application) {
  auto [claim, is_new] = claims_.emplace(id, Claimant(field, application));
  if (is_new) return;
  field.Refuse(absl::StrCat("the dataset_id ", id, " is claimed already by ", claim->second,
                            "; only one volume can have it"));
}

std::string VariablePart(absl::string_view alias) {
  return absl::StrReplaceAll(absl::AsciiStrToUpper(alias), {{"-", "_"}});
}

bool Links::Add(const Field& field, Link link) {
  const bool is_new = variables_.emplace(VariablePart(link.alias), link.local_port).second;
  if (!is_new) {
    field.Refuse(absl::StrCat("the alias \"", Excerpt(link.alias), "\" with local_port ",
                              link.local_port, " is here twice; each pair may occur once"));
  }
  application_.links.push_back(std::move(link));
  return is_new;
}

void Volumes::Add(const VolumeFields& fields, Volume volume) {
  const bool is_new = volume.id.empty() || names_.insert(volume.id).second;
  if (!is_new && fields.name.has_value()) {
    fields.name->Refuse(
        absl::StrCat("the volume \"", volume.id, "\" is here twice; each needs a name of its own"));
  }
  if (!volume.mountpoint.empty()) ClaimFolder(fields.mountpoint, volume);
  application_.volumes.push_back(std::move(volume));
}

void Volumes::ClaimFolder(const Field& field, const Volume& volume) {
  const std::string folder = absl::StrCat(volume.mountpoint, "/");
  auto other = folders_.lower_bound(folder);
  const bool is_around = other != folders_.end() && absl::StartsWith(other->first, folder);
  if (!is_around) {
    const bool is_first = other == folders_.begin();
    if (is_first || !absl::StartsWith(folder, std::prev(other)->first)) {
      folders_.emplace_hint(other, folder, volume.id);
      return;
    }
    --other;
  }
  field.Refuse(absl::StrCat(
      Excerpt(volume.mountpoint), " and ", Excerpt(absl::StripSuffix(other->first, "/")),
      " (volume \"", other->second,
      "\") overlap, so writes meant for one would land in the other; choose folders that "
      "do not contain each other"));
  if (!is_around || other->first == folder) return;
  while (other != folders_.end() && absl::StartsWith(other->first, folder)) {
    other = folders_.erase(other);
  }
  folders_.emplace(folder, volume.id);
}

void AddVariable(const Field& name_field, const Field& value_field, std::string name,
                 std::string value, Application& application) {
  if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
    name_field.Refuse("a variable's name must not be empty and must not contain `=`");
  }
  if (value.find('\0') != std::string::npos) {
    value_field.Refuse("a variable's value must not contain a zero byte");
  }
  application.environment.insert_or_assign(std::move(name), std::move(value));
}

void CheckProcess(const std::optional<Field>& entrypoint, const Application& application) {
  const bool nothing_to_run = application.entrypoint.has_value() &&
                              application.entrypoint->empty() &&
                              (!application.command.has_value() || application.command->empty());
  if (entrypoint.has_value() && nothing_to_run) {
    entrypoint->Refuse("an empty entrypoint drops the image's, so a `command` must say what runs");
  }
}

}  // namespace drover::config
