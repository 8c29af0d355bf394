#include "services/config/readers/application_parts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/config/values/mountpoint.h"

namespace drover::config {
namespace {

// On every node.
constexpr int kFirstOwnPort = 7400;
constexpr int kLastOwnPort = 7404;

// Who has something that only one can have, for the note to who wants it as well.
std::string Claimant(const Field& field, const Application& application) {
  return absl::StrCat("\"", application.name.value(), "\" in line ", field.location().line);
}

// Compared as the variables' names are made: `db-1` and `DB_1` would be the same variables.
std::string VariablePart(const std::string& alias) {
  return absl::StrReplaceAll(absl::AsciiStrToUpper(alias), {{"-", "_"}});
}

}  // namespace

void ExternalPorts::Add(const Field& field, PortMapping port, Application& application) {
  auto [claim, is_new] = claims_.emplace(port.external, Claimant(field, application));
  if (!is_new) {
    field.Refuse(absl::StrCat(
        "the external port ", port.external, " is claimed already by ", claim->second,
        "; every node answers on it, so only one application in the cluster can have it"));
  }
  if (port.external >= kFirstOwnPort && port.external <= kLastOwnPort) {
    field.Refuse(absl::StrCat("the external port ", port.external, " is one of Drover's own (",
                              kFirstOwnPort, " to ", kLastOwnPort, "); choose another"));
  }
  application.ports.push_back(port);
}

void DatasetIds::Claim(const Field& field, const std::string& id, const Application& application) {
  auto [claim, is_new] = claims_.emplace(id, Claimant(field, application));
  if (is_new) return;
  field.Refuse(absl::StrCat("the dataset_id ", id, " is claimed already by ", claim->second,
                            "; only one volume can have it"));
}

void AddLink(const Field& field, Link link, Application& application) {
  const bool is_new =
      std::none_of(application.links.begin(), application.links.end(), [&link](const Link& other) {
        return other.local_port == link.local_port &&
               VariablePart(other.alias) == VariablePart(link.alias);
      });
  if (!is_new) {
    field.Refuse(absl::StrCat("the alias \"", link.alias, "\" with local_port ", link.local_port,
                              " is here twice; each pair may occur once"));
  }
  application.links.push_back(std::move(link));
}

void AddVolume(const VolumeFields& fields, Volume volume, Application& application) {
  for (const Volume& other : application.volumes) {
    if (fields.name.has_value() && !volume.id.empty() && other.id == volume.id) {
      fields.name->Refuse(absl::StrCat("the volume \"", volume.id,
                                       "\" is here twice; each needs a name of its own"));
    }
    const bool overlap = !volume.mountpoint.empty() && !other.mountpoint.empty() &&
                         MountpointsOverlap(volume.mountpoint, other.mountpoint);
    if (overlap) {
      fields.mountpoint.Refuse(absl::StrCat(
          volume.mountpoint, " and ", other.mountpoint, " (volume \"", other.id,
          "\") overlap, so writes meant for one would land in the other; choose folders that "
          "do not contain each other"));
    }
  }
  application.volumes.push_back(std::move(volume));
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
