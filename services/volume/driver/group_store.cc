#include "services/volume/driver/group_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/status/status_macros.h"

namespace drover::volume {

Task<absl::Status> GroupStore::Load() {
  auto read = [this] { return backend_.ReadRecords(); };
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<GroupRecord> records,
                             co_await RunBlocking(pool_, std::move(read)));
  records_.clear();
  for (GroupRecord& record : records) {
    const ApplicationName application = record.application;
    records_[application] = std::move(record);
  }
  co_return absl::OkStatus();
}

Task<AsyncMutex::Lock> GroupStore::Lock(ApplicationName application) {
  co_return co_await locks_.Acquire(application.value());
}

std::optional<GroupRecord> GroupStore::Find(const ApplicationName& application) const {
  const auto found = records_.find(application);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<GroupRecord> GroupStore::Get(const ApplicationName& application) const {
  std::optional<GroupRecord> record = Find(application);
  if (record.has_value() && record->state != GroupState::kDiscarded) return *std::move(record);
  return absl::NotFoundError(
      absl::StrCat("no volumes of ", application.value(), " are on this node"));
}

std::vector<GroupRecord> GroupStore::All() const {
  std::vector<GroupRecord> records;
  for (const auto& [application, record] : records_) records.push_back(record);
  return records;
}

Task<absl::Status> GroupStore::Save(GroupRecord record) {
  const auto found = records_.find(record.application);
  if (found != records_.end() && found->second == record) co_return absl::OkStatus();
  auto write = [this, record] { return backend_.WriteRecord(record); };
  absl::Status status = co_await RunBlocking(pool_, std::move(write));
  if (absl::IsResourceExhausted(status)) co_return status;
  if (!status.ok()) {
    LOG(FATAL) << "cannot record the state of " << record.application << ": " << status;
  }
  const ApplicationName application = record.application;
  records_[application] = std::move(record);
  changed_.Notify();
  co_return absl::OkStatus();
}

Task<absl::Status> GroupStore::Remove(ApplicationName application) {
  auto remove = [this, application] { return backend_.RemoveGroup(application); };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(pool_, std::move(remove)));
  records_.erase(application);
  changed_.Notify();
  co_return absl::OkStatus();
}

}  // namespace drover::volume
