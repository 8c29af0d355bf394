#include "services/config/native/version.h"

#include <optional>

namespace drover::config {

void ReadVersion(const Mapping& top_level) {
  if (std::optional<Field> version = top_level.Require("version")) version->Integer(1, 1);
}

}  // namespace drover::config
