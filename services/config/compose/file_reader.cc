#include "services/config/compose/file_reader.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/common/graph/cycle.h"
#include "services/config/compose/application_names.h"
#include "services/config/compose/fig_application.h"
#include "services/config/compose/merge_keys.h"
#include "services/config/compose/service_reader.h"
#include "services/config/compose/variables.h"
#include "services/config/compose/volume_names.h"
#include "services/config/readers/application_parts.h"
#include "services/config/values/name.h"
#include "services/config/yaml/field.h"

namespace drover::config {
namespace {

// A short file may have long lists of links to applications with long lists of ports.
constexpr size_t kMaxLinks = 10000;

// Fig may have an application that is named `services`, and Compose one that is named `image`.
bool IsCompose(const Node& root) {
  const Node* services = FindValue(root, "services");
  return services != nullptr && !IsFigApplication(*services);
}

// `volumes` of the top level: names, and nothing about them. Nothing if they could not be read.
std::optional<std::set<std::string>> ReadDeclaredVolumes(const std::optional<Field>& field) {
  std::set<std::string> names;
  if (!field.has_value()) return names;
  const auto members = field->NamedMembers();
  if (!members.has_value()) return std::nullopt;
  for (const auto& [name, key, value] : *members) {
    names.insert(name);
    if (value.IsNull()) continue;
    const auto options = value.NamedMembers();
    if (!options.has_value()) continue;
    for (const NamedField& option : *options) {
      option.key.Refuse(
          "not supported: Drover keeps the volumes itself, one for each application; leave it out");
    }
  }
  return names;
}

std::optional<std::vector<NamedField>> ReadComposeTop(
    const Field& top, std::optional<std::set<std::string>>& declared) {
  static constexpr absl::string_view kAllowed[] = {"version", "name", "services", "volumes"};
  static constexpr KeyNote kNotes[] = {
      {"networks", "not supported: applications reach each other by `links`, from every node"},
      {"configs", "not supported: put it into the image or the environment"},
      {"secrets", "not supported: put it into the image or the environment"},
  };
  // Compose leaves the keys with this prefix to people's own use, for anchors mostly.
  const std::optional<Mapping> mapping = top.MappingOf(kAllowed, kNotes, "x-");
  if (!mapping.has_value()) return std::nullopt;
  declared = ReadDeclaredVolumes(mapping->Find("volumes"));
  return mapping->Find("services")->NamedMembers(CheckApplicationName);
}

// What services say about each other. The applications that they name are there.
class Relations {
 public:
  Relations(std::vector<Service>& services, ApplicationNames& names)
      : services_(services), names_(names) {
    for (Service& service : services_) by_name_[service.application.name.value()] = &service;
  }

  void Resolve() {
    for (Service& service : services_) {
      if (service.links.has_value()) AddLinks(*service.links, service.application);
      AddDependencies(service);
    }
    CheckOrder();
  }

 private:
  void AddLinks(const Field& field, Application& application) {
    Links links(application);
    const auto publishes = [this](const std::string& name) { return Publishes(name); };
    for (const ServiceLink& link : ReadLinks(field, names_, publishes)) ResolveLink(link, links);
  }

  bool Publishes(const std::string& name) const {
    const auto service = by_name_.find(name);
    return service != by_name_.end() && !service->second->application.ports.empty();
  }

  void ResolveLink(const ServiceLink& use, Links& links) {
    const auto& [field, link] = use;
    const Application& target = by_name_.at(link.target)->application;
    if (target.ports.empty()) {
      field.Refuse(absl::StrCat("\"", link.target,
                                "\" publishes no port, so there is nothing to link to; give it "
                                "`ports`"));
    }
    if (!HasRoomForLinks(field, target.ports.size())) return;
    for (const PortMapping& port : target.ports) {
      if (!links.Add(field, {port.internal, port.external, link.alias})) break;
    }
  }

  // Notes the first one that the file has no room for.
  bool HasRoomForLinks(const Field& field, size_t more) {
    const bool had_room = link_count_ <= kMaxLinks;
    link_count_ += more;
    const bool has_room = link_count_ <= kMaxLinks;
    if (had_room && !has_room) {
      field.Refuse(absl::StrCat("with this one the file has more than ", kMaxLinks,
                                " links, one for each port of each target; link to fewer ports"));
    }
    return has_room;
  }

  static void AddDependencies(Service& service) {
    std::set<std::string> targets;
    for (const auto& [field, target] : service.dependencies) {
      if (targets.insert(target).second) {
        service.application.depends_on.push_back(ApplicationName(target));
      } else {
        field.Refuse(absl::StrCat("\"", target, "\" is here twice"));
      }
    }
  }

  void CheckOrder() const {
    NameGraph graph;
    for (const Service& service : services_) {
      std::vector<std::string>& targets = graph[service.application.name.value()];
      for (const ApplicationName& name : service.application.depends_on) {
        targets.push_back(name.value());
      }
    }
    const std::vector<std::string> circle = FindCycle(graph);
    if (circle.empty()) return;
    DependencyOn(circle[1 % circle.size()], *by_name_.at(circle.front()))
        .Refuse(absl::StrCat("none of these could start first: ", absl::StrJoin(circle, " -> "),
                             " -> ", circle.front()));
  }

  // Where the service says that it depends on `target`, which it does.
  static const Field& DependencyOn(const std::string& target, const Service& service) {
    return absl::c_find_if(
               service.dependencies,
               [&target](const Dependency& dependency) { return dependency.target == target; })
        ->field;
  }

  std::vector<Service>& services_;
  ApplicationNames& names_;
  std::map<std::string, Service*> by_name_;
  size_t link_count_ = 0;
};

}  // namespace

ApplicationFile ReadComposeApplications(const Node& root, Problems& problems) {
  ApplicationFile result;
  const bool is_compose = IsCompose(root);
  const Node tree = is_compose ? WithoutVariables(WithMergedKeys(root), problems) : root;
  const Field top(tree, "", problems);
  std::optional<std::set<std::string>> declared;
  const auto members =
      is_compose ? ReadComposeTop(top, declared) : top.NamedMembers(CheckApplicationName);
  if (!members.has_value()) return result;
  VolumeNames volume_names(std::move(declared));
  ExternalPorts external_ports;
  std::vector<Service> services;
  for (const NamedField& member : *members) result.names.insert(member.name);
  ApplicationNames names(result.names);
  for (const NamedField& member : *members) {
    services.push_back(ReadService(member, names, volume_names, external_ports));
  }
  Relations(services, names).Resolve();
  for (Service& service : services) result.applications.push_back(std::move(service.application));
  return result;
}

}  // namespace drover::config
