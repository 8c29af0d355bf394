// The applications of this node: what is known about each, one lock each, and the records on disk.
#ifndef DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_REGISTRY_H_
#define DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/common/async/async_mutex.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"
#include "services/container/driver/application.h"
#include "services/container/store/start_store.h"

namespace drover::container {

// Shared, since work on an application may outlast its place in the registry.
using ApplicationPtr = std::shared_ptr<Application>;

// Used on one executor; the references must outlive it.
class ApplicationRegistry {
 public:
  ApplicationRegistry(StartStore& store, BlockingPool& pool, ChangeSignal& changes)
      : store_(store), pool_(pool), changes_(changes) {}

  // Reads the records; call it once, before anything else. DATA_LOSS if one is damaged.
  Task<absl::Status> Load();

  // Operations on one application follow one another: each holds its lock.
  Task<AsyncMutex::Lock> Acquire(std::string name) { return locks_.Acquire(std::move(name)); }
  // The next two: with the lock held. The application's record, on disk when it answers.
  Task<absl::Status> Save(ApplicationPtr application);
  // Forgets the application, and its record on disk.
  Task<absl::Status> Erase(std::string name);

  // Null if there is none.
  ApplicationPtr Find(const std::string& name) const;
  ApplicationPtr FindByContainer(const ContainerId& id) const;
  ApplicationPtr FindOrAdd(const std::string& name);
  std::vector<ApplicationPtr> All() const;

  // To be called after each change of what is known; raises changes().
  void Changed() { changes_.Notify(); }
  ChangeSignal& changes() { return changes_; }

 private:
  StartStore& store_;
  BlockingPool& pool_;
  ChangeSignal& changes_;
  KeyedMutex locks_;
  std::map<std::string, ApplicationPtr> applications_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_DRIVER_APPLICATION_REGISTRY_H_
