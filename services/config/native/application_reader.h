// The native format of application.yml: one mapping of applications, each with the keys of the
// table in README.md.
#ifndef DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_
#define DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_

#include <set>
#include <string>
#include <vector>

#include "services/config/model/application.h"
#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

struct NativeApplications {
  std::vector<Application> applications;
  // All keys of the mapping, those of unusable applications included, so that a deployment that
  // names one of these is not told that it does not exist.
  std::set<std::string> names;
};

// Reads the whole file; what could not be read is left at its default and noted.
NativeApplications ReadNativeApplications(const Node& root, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_NATIVE_APPLICATION_READER_H_
