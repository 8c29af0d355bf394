// Small files that are replaced atomically and are on the disk when the call returns.
#ifndef DROVER_SERVICES_COMMON_FILE_DURABLE_FILE_H_
#define DROVER_SERVICES_COMMON_FILE_DURABLE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover {

// The whole file. NOT_FOUND if there is none; other errors name the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Replaces `path` by `content` so that a crash at any point leaves either the old or the new
// content: writes `path`.new, syncs it, renames it, syncs the folder. `mode` is that of a new file.
// Blocks.
absl::Status WriteFileDurably(const std::string& path, absl::string_view content, int mode = 0644);

// Removes `path` and syncs its folder. OK if there is none. Blocks.
absl::Status RemoveFileDurably(const std::string& path);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FILE_DURABLE_FILE_H_
