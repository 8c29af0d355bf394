// What an application.yml holds, whatever format it has.
#ifndef DROVER_SERVICES_CONFIG_MODEL_APPLICATION_FILE_H_
#define DROVER_SERVICES_CONFIG_MODEL_APPLICATION_FILE_H_

#include <set>
#include <string>
#include <vector>

#include "services/config/model/application.h"

namespace drover::config {

struct ApplicationFile {
  std::vector<Application> applications;
  // Of all of them, the unusable ones included, so that a deployment that names one of these is not
  // told that it does not exist.
  std::set<std::string> names;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_MODEL_APPLICATION_FILE_H_
