#include "services/container/store/file_start_store.h"

#include <google/protobuf/text_format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

constexpr char kSuffix[] = ".textproto";
// Records hold the environment, and so the passwords, of applications.
constexpr int kFolderMode = 0700;
constexpr int kFileMode = 0600;

}  // namespace

absl::StatusOr<FileStartStore> FileStartStore::Open(std::string folder) {
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot make the folder ", folder));
  }
  return FileStartStore(std::move(folder));
}

std::string FileStartStore::PathOf(const std::string& application) const {
  return absl::StrCat(folder_, "/", application, kSuffix);
}

absl::StatusOr<std::vector<v1::StartRecord>> FileStartStore::Load() {
  std::vector<v1::StartRecord> records;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (entry.path().extension() != kSuffix) continue;
    DROVER_ASSIGN_OR_RETURN(std::string text, ReadFile(entry.path()));
    v1::StartRecord record;
    if (!google::protobuf::TextFormat::ParseFromString(text, &record)) {
      return absl::DataLossError(
          absl::StrCat(entry.path().string(),
                       " is damaged; restore it, or remove it to forget the application"));
    }
    records.push_back(std::move(record));
  }
  if (error)
    return absl::InternalError(absl::StrCat("cannot list ", folder_, ": ", error.message()));
  return records;
}

absl::Status FileStartStore::Put(const v1::StartRecord& record) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(record, &text);
  return BetweenFailpoints({"container.start.put"}, [&] {
    return WriteFileDurably(PathOf(record.spec().name()), text, kFileMode);
  });
}

absl::Status FileStartStore::Delete(const std::string& application) {
  return BetweenFailpoints({"container.start.delete"},
                           [&] { return RemoveFileDurably(PathOf(application)); });
}

}  // namespace drover::container
