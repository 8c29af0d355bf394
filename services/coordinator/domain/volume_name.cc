#include "services/coordinator/domain/volume_name.h"

#include "absl/strings/str_cat.h"

namespace drover::coordinator {

VolumeName ParseVolumeName(const std::string& text) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return {ApplicationName(text), ""};
  return {ApplicationName(text.substr(0, colon)), text.substr(colon + 1)};
}

std::string VolumeDisplayName(const ApplicationName& application, const std::string& id) {
  return id.empty() ? application.value() : absl::StrCat(application.value(), ":", id);
}

}  // namespace drover::coordinator
