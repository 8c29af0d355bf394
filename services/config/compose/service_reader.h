// One service of a Fig or Compose file.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_

#include <string>
#include <vector>

#include "services/config/compose/application_names.h"
#include "services/config/compose/mappings.h"
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

struct NamedVolumeUse {
  Field field;
  std::string name;
};

// What it says of itself is in `application`; what it says of others is for the reader of the file.
struct Service {
  Application application;
  std::vector<ServiceLink> links;
  std::vector<Dependency> dependencies;
  std::vector<NamedVolumeUse> named_volumes;
};

// What could not be read, links to and dependencies on unknown applications among it, is left at
// its default and noted. `names`: of all applications of the file.
Service ReadService(const NamedField& member, ApplicationNames& names,
                    ExternalPorts& external_ports);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_SERVICE_READER_H_
