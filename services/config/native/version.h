// The key `version` of both files.
#ifndef DROVER_SERVICES_CONFIG_NATIVE_VERSION_H_
#define DROVER_SERVICES_CONFIG_NATIVE_VERSION_H_

#include "services/config/yaml/field.h"

namespace drover::config {

// Notes a problem unless `version` is the integer 1.
void ReadVersion(const Mapping& top_level);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_NATIVE_VERSION_H_
