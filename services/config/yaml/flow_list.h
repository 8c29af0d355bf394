// How a list of strings is written in one line of YAML.
#ifndef DROVER_SERVICES_CONFIG_YAML_FLOW_LIST_H_
#define DROVER_SERVICES_CONFIG_YAML_FLOW_LIST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::config {

// `[redis, "80:80"]`: quoted is what YAML might read as anything but that string.
std::string FlowList(absl::Span<const absl::string_view> strings);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_FLOW_LIST_H_
