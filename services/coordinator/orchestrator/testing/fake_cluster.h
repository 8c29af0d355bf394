// Coordinators, one after the other, over two fake nodes and one disk.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_CLUSTER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_CLUSTER_H_

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "services/common/async/blocking.h"
#include "services/coordinator/orchestrator/orchestrator.h"
#include "services/coordinator/orchestrator/testing/fake_host_resolver.h"
#include "services/coordinator/orchestrator/testing/fake_node.h"
#include "services/coordinator/store/fake_store.h"

namespace drover::coordinator {

// Time passes only by sleeping, and sleeping takes no time.
class FakeSleeper : public Sleeper {
 public:
  explicit FakeSleeper(FakeClock& clock) : clock_(clock) {}
  Task<void> SleepFor(absl::Duration duration) override {
    auto executor = co_await boost::asio::this_coro::executor;
    if (time_stands_still) {
      boost::asio::steady_timer never(executor, boost::asio::steady_timer::time_point::max());
      boost::system::error_code cancelled;
      co_await never.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
      co_return;
    }
    clock_.Advance(duration);
    // Lets the others run: a loop that only sleeps must not keep the thread.
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }

  // Then nobody wakes before he is cancelled.
  bool time_stands_still = false;

 private:
  FakeClock& clock_;
};

class FakeCluster : public NodeConnector {
 public:
  FakeCluster() { Start(); }
  ~FakeCluster() override { End(); }

  std::shared_ptr<NodeHandle> Connect(const NodeName& name, const std::string& address) override {
    return (name.value() == "node1" ? node1 : node2).Connect();
  }

  // A new coordinator on the same disk; the old one is gone as if it had crashed.
  void Restart() {
    End();
    Start();
  }

  // Makes the coordinator crash right after the change is durable for which `crash` answers true.
  void CrashAfter(std::function<bool(const Change&)> crash) {
    store_->after_commit = [crash](const Change& change) {
      return crash(change) ? absl::InternalError("the disk died") : absl::OkStatus();
    };
  }
  bool crashed() const { return crashed_; }
  boost::asio::any_io_executor executor() { return io_->get_executor(); }

  // Runs `task` to its end; nothing if the coordinator crashed before that.
  template <class T>
  std::optional<T> Run(Task<T> task) {
    std::optional<T> result;
    auto on_end = [&](std::exception_ptr error, T value) {
      if (error == nullptr) result = std::move(value);
      io_->stop();
    };
    boost::asio::co_spawn(*io_, std::move(task), on_end);
    io_->restart();
    if (!crashed_) io_->run();
    return result;
  }

  void RegisterNodes() {
    Run(orchestrator->registry.Add(NodeName("node1"), node1.address));
    Run(orchestrator->registry.Add(NodeName("node2"), node2.address));
  }

  // Deploys and waits for the end; the deployment's record, or why there is none.
  absl::StatusOr<DeploymentRecord> Deploy(DesiredState desired, MigrationOptions options = {}) {
    auto record = Run(DeployAndWait(std::move(desired), options));
    return record.has_value() ? *record : absl::InternalError("crashed");
  }

  FakeNode node1{"node1", "192.0.2.1"};
  FakeNode node2{"node2", "192.0.2.2"};
  FakeHostResolver hosts;
  FakeClock clock;
  FakeSleeper sleeper{clock};
  std::shared_ptr<FakeStore::Disk> disk = std::make_shared<FakeStore::Disk>();
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Orchestrator> orchestrator;

 private:
  void Start() {
    crashed_ = false;
    io_ = std::make_unique<boost::asio::io_context>(1);
    pool_ = std::make_unique<BlockingPool>(1);
    store_ = std::make_unique<FakeStore>(disk);
    auto die = [this](const absl::Status&) {
      crashed_ = true;
      io_->stop();
    };
    journal = *Journal::Open(*store_, *pool_, die);
    orchestrator = std::make_unique<Orchestrator>(
        OrchestratorDeps{*journal, *this, hosts, clock, sleeper, io_->get_executor()});
  }

  void End() {
    pool_->join();
    // The coroutines go first: they use everything else. Those that wait for a change are the
    // journal's, and would outlive their executor: waking them makes them the executor's.
    journal->changed().Notify();
    orchestrator->turns.changed().Notify();
    auto io = std::move(io_);
    io.reset();
    orchestrator.reset();
    journal.reset();
  }

  Task<absl::StatusOr<DeploymentRecord>> DeployAndWait(DesiredState desired,
                                                       MigrationOptions options) {
    absl::StatusOr<std::string> id =
        co_await orchestrator->deployments.Create(desired, "", options, "user/ann");
    if (!id.ok()) co_return id.status();
    while (journal->FindDeployment(*id)->state == DeploymentState::kRunning) {
      co_await journal->changed().Wait(journal->changed().count());
    }
    co_return *journal->FindDeployment(*id);
  }

  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<BlockingPool> pool_;
  std::unique_ptr<FakeStore> store_;
  bool crashed_ = false;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_CLUSTER_H_
