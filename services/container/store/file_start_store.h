// A folder with one text file per application.
#ifndef DROVER_SERVICES_CONTAINER_STORE_FILE_START_STORE_H_
#define DROVER_SERVICES_CONTAINER_STORE_FILE_START_STORE_H_

#include <string>
#include <vector>

#include "services/container/store/start_store.h"

namespace drover::container {

// `APPLICATION.textproto`, replaced atomically and fsynced. Thread-safe for different applications.
class FileStartStore : public StartStore {
 public:
  // Makes `folder` if it is missing; its parent must exist.
  static absl::StatusOr<FileStartStore> Open(std::string folder);

  absl::StatusOr<std::vector<v1::StartRecord>> Load() override;
  absl::Status Put(const v1::StartRecord& record) override;
  absl::Status Delete(const std::string& application) override;

 private:
  explicit FileStartStore(std::string folder) : folder_(std::move(folder)) {}
  std::string PathOf(const std::string& application) const;
  std::string folder_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_STORE_FILE_START_STORE_H_
