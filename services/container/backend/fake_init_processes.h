// InitProcesses of a FakeEngine, for unit tests.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_FAKE_INIT_PROCESSES_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_FAKE_INIT_PROCESSES_H_

#include <memory>

#include "services/container/backend/fake_engine.h"
#include "services/container/backend/init_process.h"

namespace drover::container {

// Its processes are those of the engine's containers, which need not answer for that. A time-out is
// over at once: time stands still here.
class FakeInitProcesses : public InitProcesses {
 public:
  explicit FakeInitProcesses(FakeEngine& engine) : engine_(engine) {}

  absl::StatusOr<std::unique_ptr<InitProcess>> Find(int pid, const ContainerId& id) override {
    const auto container = engine_.containers.find(id);
    const bool runs = container != engine_.containers.end() && container->second.info.running &&
                      container->second.info.pid == pid;
    if (!runs) return nullptr;
    return std::make_unique<Process>(engine_, id);
  }
  Task<absl::StatusOr<std::unique_ptr<InitProcess>>> Search(ContainerId id) override {
    if (!Runs(engine_, id)) co_return nullptr;
    co_return std::make_unique<Process>(engine_, id);
  }

 private:
  static bool Runs(const FakeEngine& engine, const ContainerId& id) {
    const auto container = engine.containers.find(id);
    return engine.forgotten.count(id) > 0 ||
           (container != engine.containers.end() && container->second.info.running);
  }

  class Process : public InitProcess {
   public:
    Process(FakeEngine& engine, ContainerId id) : engine_(engine), id_(std::move(id)) {}
    absl::Status Signal(int signal) override {
      engine_.Signal(id_, signal);
      return absl::OkStatus();
    }
    Task<absl::Status> AwaitEnd(absl::Duration) override {
      if (!Runs(engine_, id_)) co_return absl::OkStatus();
      co_return absl::DeadlineExceededError("it still runs");
    }

   private:
    FakeEngine& engine_;
    const ContainerId id_;
  };

  FakeEngine& engine_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_FAKE_INIT_PROCESSES_H_
