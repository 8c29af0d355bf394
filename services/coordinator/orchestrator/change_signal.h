// Tells watchers that something they may show has changed.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CHANGE_SIGNAL_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CHANGE_SIGNAL_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "services/common/async/task.h"

namespace drover::coordinator {

// A counter that can be waited for: a slow watcher sees only that it has grown, and then looks at
// the newest state. Not thread-safe.
class ChangeSignal {
 public:
  int64_t version() const { return version_; }

  void Notify() {
    ++version_;
    for (Completion<bool>& waiter : std::exchange(waiters_, {})) waiter(true);
  }

  // Resumes as soon as the version is not `seen`.
  Task<void> WaitBeyond(int64_t seen) {
    if (version_ != seen) co_return;
    auto start = [this](Completion<bool> done) { waiters_.push_back(std::move(done)); };
    co_await AwaitCallback<bool>(std::move(start));
  }

 private:
  int64_t version_ = 1;
  std::vector<Completion<bool>> waiters_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_CHANGE_SIGNAL_H_
