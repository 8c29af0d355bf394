#include "services/container/driver/application_registry.h"

#include <utility>

#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"

namespace drover::container {

Task<absl::Status> ApplicationRegistry::Load() {
  auto load = [this] { return store_.Load(); };
  DROVER_CO_ASSIGN_OR_RETURN(auto records, co_await RunBlocking(pool_, std::move(load)));
  for (v1::StartRecord& record : records) {
    const ApplicationPtr application = FindOrAdd(record.spec().name());
    application->record = std::move(record);
    application->recovering = true;
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ApplicationRegistry::Save(ApplicationPtr application) {
  auto put = [this, record = application->record] { return store_.Put(record); };
  const absl::Status status = co_await RunBlocking(pool_, std::move(put));
  Changed();
  co_return Annotate(status, "cannot record the start");
}

Task<absl::Status> ApplicationRegistry::Erase(std::string name) {
  auto erase = [this, name] { return store_.Delete(name); };
  DROVER_CO_RETURN_IF_ERROR(co_await RunBlocking(pool_, std::move(erase)));
  applications_.erase(name);
  Changed();
  co_return absl::OkStatus();
}

ApplicationPtr ApplicationRegistry::Find(const std::string& name) const {
  auto entry = applications_.find(name);
  return entry == applications_.end() ? nullptr : entry->second;
}

ApplicationPtr ApplicationRegistry::FindByContainer(const ContainerId& id) const {
  for (const auto& [name, application] : applications_) {
    if (application->container_id() == id) return application;
  }
  return nullptr;
}

ApplicationPtr ApplicationRegistry::FindOrAdd(const std::string& name) {
  ApplicationPtr& application = applications_[name];
  if (application == nullptr) {
    application = std::make_shared<Application>();
    application->record.mutable_spec()->set_name(name);
  }
  return application;
}

std::vector<ApplicationPtr> ApplicationRegistry::All() const {
  std::vector<ApplicationPtr> all;
  for (const auto& [name, application] : applications_) all.push_back(application);
  return all;
}

}  // namespace drover::container
