#include "services/volume/driver/seeder.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/process/child.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/pool_layout.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

absl::Status Empty(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    fs::remove_all(entry.path(), error);
    if (error) break;
  }
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot empty ", folder, ": ", error.message()));
}

}  // namespace

std::string Seeder::FolderOf(const VolumeKey& volume) const {
  return absl::StrCat(run_dir_, "/seed/", volume.application.value(), ":",
                      VolumeFolderName(volume.id));
}

Task<absl::Status> Seeder::Seed(ApplicationName application, std::string volume_id, NextPart next) {
  AsyncMutex::Lock lock = co_await groups_.Lock(application);
  DROVER_CO_ASSIGN_OR_RETURN(const GroupRecord record, groups_.Get(application));
  DROVER_CO_RETURN_IF_ERROR(CheckFill(record, volume_id));
  const VolumeKey volume{application, volume_id};
  const std::string folder = FolderOf(volume);
  auto open = [this, volume, folder]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(MakeFolders(folder));
    DROVER_RETURN_IF_ERROR(backend_.Mount(volume, folder));
    return BetweenFailpoints({"volume.seed.empty"}, [&] { return Empty(folder); });
  };
  absl::Status status = co_await RunBlocking(pool_, std::move(open));
  if (status.ok()) {
    HitFailpoint({"volume.seed.fill"}, "before");
    status = co_await Fill(folder, std::move(next));
    HitFailpoint({"volume.seed.fill"}, "after");
  }
  auto close = [this, volume, folder]() -> absl::Status {
    DROVER_RETURN_IF_ERROR(backend_.Unmount(volume, folder));
    DROVER_RETURN_IF_ERROR(RemoveEmptyFolder(folder));
    return backend_.Sync();
  };
  absl::Status closed = co_await RunBlocking(pool_, std::move(close));
  co_return status.ok() ? closed : status;
}

Task<absl::Status> Seeder::Fill(std::string folder, NextPart next) {
  std::vector<std::string> command = {
      "tar",          "--extract",       "--directory", folder, "--preserve-permissions",
      "--same-owner", "--numeric-owner", "--file",      "-"};
  DROVER_CO_ASSIGN_OR_RETURN(
      std::unique_ptr<Child> child,
      Child::Start(executor_, std::move(command), {.pipe_input = true, .pipe_output = false}));
  while (true) {
    DROVER_CO_ASSIGN_OR_RETURN(std::string part, co_await next());
    if (part.empty()) break;
    absl::Status written = co_await child->Write(part.data(), part.size());
    // It does not read any more: its own words say why.
    if (!written.ok()) break;
  }
  child->CloseInput();
  co_return co_await child->Wait();
}

Task<absl::Status> Seeder::UnmountLeftover() {
  std::vector<VolumeKey> volumes;
  for (const GroupRecord& record : groups_.All()) {
    for (const VolumeRecord& volume : record.volumes) {
      volumes.push_back({record.application, volume.id});
    }
  }
  auto unmount = [this, volumes]() -> absl::Status {
    for (const VolumeKey& volume : volumes) {
      if (!fs::exists(FolderOf(volume))) continue;
      DROVER_RETURN_IF_ERROR(backend_.Unmount(volume, FolderOf(volume)));
      DROVER_RETURN_IF_ERROR(RemoveEmptyFolder(FolderOf(volume)));
    }
    return absl::OkStatus();
  };
  co_return co_await RunBlocking(pool_, std::move(unmount));
}

}  // namespace drover::volume
