// Making and removing folders.
#ifndef DROVER_TESTING_LAB_FOLDERS_H_
#define DROVER_TESTING_LAB_FOLDERS_H_

#include <string>

#include "absl/status/status.h"

namespace drover::lab {

// Makes `path` and what is missing above it. OK if it is there.
absl::Status MakeFolders(const std::string& path);

// Removes `path` and all that is in it. OK if there is none.
absl::Status RemoveTree(const std::string& path);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_FOLDERS_H_
