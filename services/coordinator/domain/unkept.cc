#include "services/coordinator/domain/unkept.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drover::coordinator {

std::string UnkeptWarning(const ContainerView& container) {
  if (container.unkept_paths.empty()) return "";
  return absl::StrCat("what ", container.application.value(), " writes to ",
                      absl::StrJoin(container.unkept_paths, ", "),
                      " is lost whenever it is restarted or moved: the image declares a VOLUME "
                      "there, and it is none of the application's volumes");
}

}  // namespace drover::coordinator
