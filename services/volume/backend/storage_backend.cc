#include "services/volume/backend/storage_backend.h"

#include "absl/strings/str_cat.h"
#include "services/volume/domain/names.h"

namespace drover::volume {

absl::Status NoSuchSnapshot(const VolumeKey& volume, const std::string& name) {
  return absl::NotFoundError(absl::StrCat("there is no snapshot ", name, " of ",
                                          VolumeDisplayName(volume.application, volume.id),
                                          " on this node"));
}

}  // namespace drover::volume
