// Making images without a network.
#ifndef DROVER_TESTING_LAB_IMAGE_BUILDER_H_
#define DROVER_TESTING_LAB_IMAGE_BUILDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "testing/lab/image_recipe.h"
#include "testing/lab/lab_record.h"

namespace drover::lab {

// The paths in what ldd(1) prints.
std::vector<std::string> LibrariesInLddOutput(const std::string& output);

// Makes the image and pushes it, by the engine of the first node whose engine answers, to the lab's
// registry; that engine does not keep it, so that every node has to pull it. Returns its reference,
// `flocker.local/NAME`. UNAVAILABLE if no engine answers. Blocks.
absl::StatusOr<std::string> BuildAndPushImage(const LabRecord& lab, const ImageRecipe& recipe);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_IMAGE_BUILDER_H_
