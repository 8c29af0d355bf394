// A file that records are appended to, each on the disk when the call returns.
#ifndef DROVER_SERVICES_COMMON_FILE_DURABLE_LOG_H_
#define DROVER_SERVICES_COMMON_FILE_DURABLE_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/common/file/unique_fd.h"

namespace drover {

// Whoever reads the file must recognise a last record that is not whole: a crash may have cut it.
// Calls block. Not thread-safe.
class DurableLog {
 public:
  // Makes the file if there is none.
  static absl::StatusOr<DurableLog> Open(const std::string& path);

  // After an error it is not known how much of `record` is in the file: Clear() before the next.
  absl::Status Append(absl::string_view record);
  // Empties the file. Durable with the next Append.
  absl::Status Clear();

 private:
  DurableLog(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FILE_DURABLE_LOG_H_
