// How much of a value an error repeats.
#ifndef DROVER_SERVICES_CONFIG_YAML_EXCERPT_H_
#define DROVER_SERVICES_CONFIG_YAML_EXCERPT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::config {

// The text if it is short, or else where it begins and an ellipsis: at most 100 bytes of it, and no
// part of a character.
std::string Excerpt(absl::string_view text);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_EXCERPT_H_
