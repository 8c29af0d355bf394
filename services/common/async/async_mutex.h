// Mutual exclusion between coroutines of one executor: an operation on an application waits for the
// one before it.
#ifndef DROVER_SERVICES_COMMON_ASYNC_ASYNC_MUTEX_H_
#define DROVER_SERVICES_COMMON_ASYNC_ASYNC_MUTEX_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "services/common/async/task.h"

namespace drover {

// First come, first served. Not thread-safe: all users run on one executor. Must be owned by a
// shared_ptr.
class AsyncMutex : public std::enable_shared_from_this<AsyncMutex> {
 public:
  // Holds the mutex until it is destroyed or released; keeps the mutex itself alive.
  class Lock {
   public:
    Lock() = default;
    explicit Lock(std::shared_ptr<AsyncMutex> mutex) : mutex_(std::move(mutex)) {}
    Lock(Lock&& other) noexcept : mutex_(std::move(other.mutex_)) {}
    Lock& operator=(Lock&& other) noexcept {
      Release();
      mutex_ = std::move(other.mutex_);
      return *this;
    }
    ~Lock() { Release(); }
    void Release() {
      if (auto mutex = std::exchange(mutex_, nullptr)) mutex->Unlock();
    }

   private:
    std::shared_ptr<AsyncMutex> mutex_;
  };

  bool is_held() const { return locked_; }

  Task<Lock> Acquire() {
    auto self = shared_from_this();
    if (std::exchange(locked_, true)) {
      auto start = [self](Completion<bool> turn) { self->waiting_.push_back(std::move(turn)); };
      co_await AwaitCallback<bool>(std::move(start));
    }
    co_return Lock(self);
  }

 private:
  // Passes the mutex on without opening it in between, so that nobody overtakes.
  void Unlock() {
    if (waiting_.empty()) {
      locked_ = false;
      return;
    }
    Completion<bool> next = std::move(waiting_.front());
    waiting_.pop_front();
    next(true);
  }

  bool locked_ = false;
  std::deque<Completion<bool>> waiting_;
};

// One mutex per key, forgotten when nobody holds or waits for it. Not thread-safe.
class KeyedMutex {
 public:
  bool IsHeld(const std::string& key) const {
    const auto found = mutexes_.find(key);
    const std::shared_ptr<AsyncMutex> mutex =
        found == mutexes_.end() ? nullptr : found->second.lock();
    return mutex != nullptr && mutex->is_held();
  }

  Task<AsyncMutex::Lock> Acquire(std::string key) {
    std::shared_ptr<AsyncMutex> mutex = mutexes_[key].lock();
    if (mutex == nullptr) {
      std::erase_if(mutexes_, [](const auto& entry) { return entry.second.expired(); });
      mutex = std::make_shared<AsyncMutex>();
      mutexes_[key] = mutex;
    }
    co_return co_await mutex->Acquire();
  }

 private:
  std::map<std::string, std::weak_ptr<AsyncMutex>> mutexes_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_ASYNC_MUTEX_H_
