// What YAML makes of a plain scalar.
#ifndef DROVER_SERVICES_CONFIG_YAML_SCALAR_H_
#define DROVER_SERVICES_CONFIG_YAML_SCALAR_H_

#include "absl/strings/string_view.h"

namespace drover::config {

enum class ScalarKind { kString, kNull, kBoolean, kNumber, kBase60Number, kTime };

// The kind that YAML 1.1 or YAML 1.2 gives to an unquoted `text`; kString only if both do. YAML
// 1.1's `y` and `n` are strings here: no parser in use reads them otherwise.
ScalarKind ClassifyPlainScalar(absl::string_view text);

// "a number", "a boolean", …
absl::string_view ScalarKindName(ScalarKind kind);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_SCALAR_H_
