#include "services/volume/driver/start_table.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "services/volume/backend/pool_layout.h"
#include "services/volume/backend/start_json.h"

namespace drover::volume {
namespace {

namespace fs = std::filesystem;

absl::Status WriteStart(const std::string& file, const std::string& text) {
  return BetweenFailpoints({"volume.start.write"}, [&] { return WriteFileDurably(file, text); });
}

absl::Status MakePlaces(Host& host, const Start& start) {
  DROVER_RETURN_IF_ERROR(MakeFolders(start.control_folder));
  // The gate connects as the image's user.
  chmod(start.control_folder.c_str(), 0755);
  for (const Slot& slot : start.slots) DROVER_RETURN_IF_ERROR(host.MakeSlot(slot.path));
  return absl::OkStatus();
}

absl::Status RemovePlaces(Host& host, const Start& start, const std::string& file) {
  for (const Slot& slot : start.slots) DROVER_RETURN_IF_ERROR(host.RemoveSlot(slot.path));
  std::error_code ignored;
  if (!start.slots.empty()) {
    fs::remove(fs::path(start.slots.front().path).parent_path(), ignored);
  }
  fs::remove_all(start.control_folder, ignored);
  return BetweenFailpoints({"volume.start.remove"}, [&] { return RemoveFileDurably(file); });
}

bool HasAllSlots(Host& host, const Start& start) {
  return fs::exists(start.control_folder) &&
         std::all_of(start.slots.begin(), start.slots.end(),
                     [&](const Slot& slot) { return host.IsSlot(slot.path); });
}

StartFile FileContent(const Start& start) {
  StartFile file{.application = start.application.value(),
                 .container_id = start.container_id.value(),
                 .executed = start.executed,
                 .released = start.released};
  for (const Slot& slot : start.slots) file.volumes.emplace_back(slot.volume_id, slot.mountpoint);
  return file;
}

}  // namespace

std::string StartTable::FileOf(const StartId& id) const {
  return absl::StrCat(run_dir_, "/starts/", id.value());
}

Start StartTable::Describe(const StartId& id, const ApplicationName& application,
                           std::vector<Slot> volumes) const {
  for (size_t i = 0; i < volumes.size(); ++i) {
    volumes[i].path = absl::StrCat(run_dir_, "/slots/", id.value(), "/", i);
  }
  return {.id = id,
          .application = application,
          .slots = std::move(volumes),
          .control_folder = absl::StrCat(run_dir_, "/control/", id.value())};
}

Task<absl::Status> StartTable::Load() {
  auto read = [this]() -> absl::StatusOr<std::vector<Start>> {
    DROVER_RETURN_IF_ERROR(MakeFolders(run_dir_ + "/starts"));
    DROVER_ASSIGN_OR_RETURN(std::vector<std::string> names, EntriesOf(run_dir_ + "/starts"));
    std::vector<Start> starts;
    for (const std::string& name : names) {
      const StartId id(name);
      absl::StatusOr<std::string> text = ReadFile(FileOf(id));
      absl::StatusOr<StartFile> file =
          text.ok() ? StartFromJson(*text) : absl::StatusOr<StartFile>(text.status());
      // A file that was cut short describes a start that nobody was answered.
      if (!file.ok()) continue;
      std::vector<Slot> volumes;
      for (auto& [volume_id, mountpoint] : file->volumes) {
        volumes.push_back({.volume_id = volume_id, .mountpoint = mountpoint});
      }
      Start start = Describe(id, ApplicationName(file->application), std::move(volumes));
      start.container_id = ContainerId(file->container_id);
      start.executed = file->executed;
      start.released = file->released;
      if (HasAllSlots(host_, start)) {
        starts.push_back(std::move(start));
      } else {
        DROVER_RETURN_IF_ERROR(RemovePlaces(host_, start, FileOf(id)));
      }
    }
    return starts;
  };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<Start> starts,
                             co_await RunBlocking(pool_, std::move(read)));
  for (Start& start : starts) {
    const StartId id = start.id;
    starts_[id] = std::move(start);
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<Start>> StartTable::Attach(StartId id, ApplicationName application,
                                               std::vector<Slot> volumes) {
  const Start start = Describe(id, application, std::move(volumes));
  const auto known = starts_.find(id);
  if (known != starts_.end()) {
    const bool same =
        known->second.application == application && known->second.slots == start.slots;
    if (same) co_return start;
    co_return absl::AlreadyExistsError(
        absl::StrCat("start ", id.value(), " was attached with other volumes"));
  }
  auto make = [this, start, text = StartToJson(FileContent(start))] {
    absl::Status status = WriteStart(FileOf(start.id), text);
    if (status.ok()) status = MakePlaces(host_, start);
    return status;
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(pool_, std::move(make)));
  starts_[id] = start;
  co_return start;
}

Task<absl::Status> StartTable::SetContainer(StartId id, ContainerId container_id) {
  const auto known = starts_.find(id);
  if (known == starts_.end() || known->second.container_id == container_id) {
    co_return absl::OkStatus();
  }
  Start start = known->second;
  start.container_id = container_id;
  co_return co_await Replace(std::move(start));
}

Task<absl::Status> StartTable::SetExecuted(StartId id) {
  const auto known = starts_.find(id);
  if (known == starts_.end() || known->second.executed) co_return absl::OkStatus();
  Start start = known->second;
  start.executed = true;
  co_return co_await Replace(std::move(start));
}

Task<absl::Status> StartTable::SetReleased(StartId id) {
  const auto known = starts_.find(id);
  if (known == starts_.end() || known->second.released) co_return absl::OkStatus();
  Start start = known->second;
  start.released = true;
  co_return co_await Replace(std::move(start));
}

Task<absl::Status> StartTable::Replace(Start start) {
  auto write = [this, id = start.id, text = StartToJson(FileContent(start))] {
    return WriteStart(FileOf(id), text);
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(pool_, std::move(write)));
  const auto known = starts_.find(start.id);
  if (known != starts_.end()) known->second = std::move(start);
  co_return absl::OkStatus();
}

Task<absl::Status> StartTable::Remove(StartId id) {
  const auto known = starts_.find(id);
  if (known == starts_.end()) co_return absl::OkStatus();
  auto remove = [this, start = known->second] {
    return RemovePlaces(host_, start, FileOf(start.id));
  };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(pool_, std::move(remove)));
  starts_.erase(id);
  co_return absl::OkStatus();
}

absl::StatusOr<Start> StartTable::Get(const StartId& id, const ApplicationName& application) const {
  const auto known = starts_.find(id);
  if (known != starts_.end() && known->second.application == application) return known->second;
  return absl::NotFoundError(absl::StrCat("start ", id.value(), " of ", application.value(),
                                          " is not known here; attach its slots first"));
}

std::vector<Start> StartTable::Of(const ApplicationName& application) const {
  std::vector<Start> found;
  for (const auto& [id, start] : starts_) {
    if (start.application == application) found.push_back(start);
  }
  return found;
}

std::vector<Start> StartTable::All() const {
  std::vector<Start> all;
  for (const auto& [id, start] : starts_) all.push_back(start);
  return all;
}

}  // namespace drover::volume
