// The file that a backup is written to.
#ifndef DROVER_CLI_BACKUP_FILE_H_
#define DROVER_CLI_BACKUP_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/file/unique_fd.h"

namespace drover::cli {

// There is either the whole backup under its name, readable for its owner only, or nothing of it:
// until Finish() it is in a file of another name, which goes with this object. Blocks.
class BackupFile {
 public:
  // ALREADY_EXISTS if there is a file of that name, unless it is to be replaced.
  static absl::StatusOr<BackupFile> Create(const std::string& path, bool replace);
  BackupFile(BackupFile&& other) noexcept;
  ~BackupFile();

  absl::Status Append(absl::string_view data);
  int64_t size() const { return size_; }

  // Gives it its name, and makes it durable. DATA_LOSS if it is no database or has not `size`
  // bytes.
  absl::Status Finish(int64_t size);

 private:
  BackupFile(std::string path, bool replace);

  std::string path_;
  std::string partial_;  // Empty once there is none.
  bool replace_;
  UniqueFd file_;
  int64_t size_ = 0;
  std::string begin_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_BACKUP_FILE_H_
