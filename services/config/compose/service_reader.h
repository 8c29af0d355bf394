// One service of a Fig or Compose file.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/config/compose/application_names.h"
#include "services/config/compose/mappings.h"
#include "services/config/compose/volume_names.h"
#include "services/config/model/application.h"
#include "services/config/readers/application_parts.h"
#include "services/config/yaml/field.h"

namespace drover::config {

struct ServiceLink {
  Field field;
  NamedLink link;
};

// Another application that is to be ready first.
struct Dependency {
  Field field;
  std::string target;
};

// What it says of itself is in `application`; what it says of others is for the reader of the file.
struct Service {
  Application application;
  // For ReadLinks, once the ports of all applications are known.
  std::optional<Field> links;
  std::vector<Dependency> dependencies;
};

// What could not be read, dependencies on unknown applications among it, is left at its default and
// noted. `names`: of all applications of the file.
Service ReadService(const NamedField& member, ApplicationNames& names, VolumeNames& volume_names,
                    ExternalPorts& external_ports);

// Those to applications of the file; others are noted. `publishes`: whether there is such an
// application, with ports, for the advice to who writes no list.
std::vector<ServiceLink> ReadLinks(const Field& field, ApplicationNames& names,
                                   absl::FunctionRef<bool(const std::string&)> publishes);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_
