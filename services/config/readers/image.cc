#include "services/config/readers/image.h"

#include <optional>

#include "services/config/values/image_reference.h"

namespace drover::config {

std::string ReadImage(const Mapping& application) {
  const bool has_build = application.Find(kBuildNote.key).has_value();
  const std::optional<Field> image =
      has_build ? application.Find("image") : application.Require("image");
  if (!image.has_value()) return "";
  return image->Parsed(&NormalizeImageReference).value_or("");
}

}  // namespace drover::config
