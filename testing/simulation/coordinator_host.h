// The real coordinator, again and again, over one disk.
#ifndef DROVER_TESTING_SIMULATION_COORDINATOR_HOST_H_
#define DROVER_TESTING_SIMULATION_COORDINATOR_HOST_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "services/common/async/blocking.h"
#include "services/coordinator/orchestrator/orchestrator.h"
#include "services/coordinator/orchestrator/testing/fake_host_resolver.h"
#include "services/coordinator/store/fake_store.h"
#include "testing/simulation/node_clients.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

// FakeStore at a disk that can end the process, before a change is durable or right after it.
// Looks at what is written: I3, I4.
class WatchedStore : public coordinator::CoordinatorStore {
 public:
  struct Shared {
    World& world;
    // In a thousand writes.
    int crash_before = 0;
    int crash_after = 0;
    std::set<int64_t> generations;
  };
  WatchedStore(Shared& shared, std::shared_ptr<coordinator::FakeStore::Disk> disk)
      : shared_(shared), disk_(disk), store_(disk) {}

  absl::StatusOr<coordinator::EpochRecord> TakeEpoch(Epoch above) override {
    return store_.TakeEpoch(above);
  }
  absl::StatusOr<coordinator::StoredState> Load() override { return store_.Load(); }
  absl::Status Commit(const coordinator::Change& change) override;
  absl::StatusOr<UniqueFd> BackUp(const std::string& recovery) override {
    return store_.BackUp(recovery);
  }
  absl::StatusOr<std::vector<coordinator::AuditEntry>> LoadAudit() override {
    return store_.LoadAudit();
  }

 private:
  void Watch(const coordinator::Change& change);

  Shared& shared_;
  const std::shared_ptr<coordinator::FakeStore::Disk> disk_;
  coordinator::FakeStore store_;
};

// Not thread-safe.
class CoordinatorHost {
 public:
  struct Deps {
    World& world;
    Network& network;
    std::function<SimNode&(const std::string&)> find_node;
    Mutant mutant;
  };
  explicit CoordinatorHost(Deps deps) : deps_(std::move(deps)), store_state{deps_.world} {}
  ~CoordinatorHost() { End(); }

  void Start();
  void Crash(absl::Duration down);
  bool is_up() const { return process_ != nullptr && !dying_; }

  // Only while it is up.
  coordinator::Orchestrator& orchestrator() { return *parts_->orchestrator; }
  const std::shared_ptr<Process>& process() const { return process_; }

  const coordinator::StoredState& durable() const { return disk->state; }
  const std::shared_ptr<coordinator::FakeStore::Disk> disk =
      std::make_shared<coordinator::FakeStore::Disk>();

 private:
  struct Parts {
    std::unique_ptr<WatchedStore> store;
    std::unique_ptr<BlockingPool> pool;
    std::unique_ptr<SimSleeper> sleeper;
    std::unique_ptr<SimConnector> connector;
    std::unique_ptr<coordinator::Journal> journal;
    std::unique_ptr<coordinator::Orchestrator> orchestrator;
  };
  void End();

  const Deps deps_;

 public:
  WatchedStore::Shared store_state;

 private:
  HeardAnswers heard_;
  coordinator::FakeHostResolver hosts_;
  std::unique_ptr<Parts> parts_;
  std::shared_ptr<Process> process_;
  bool dying_ = false;
  int restarts_ = 0;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_COORDINATOR_HOST_H_
