// Debian's Abseil is built without ThreadSanitizer, which does not see what is guarded by its
// mutexes: gRPC's state, and so whatever of ours goes through a call. These definitions take the
// place of Abseil's own, for gRPC's calls too.
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "testing/tsan/next.h"

using drover::tsan::Next;

#define DROVER_MUTEX "_ZN4absl7debian35Mutex"
#define DROVER_COND_VAR "_ZN4absl7debian37CondVar"

void VisibleLock(absl::Mutex* mutex) asm(DROVER_MUTEX "4LockEv");
void VisibleLock(absl::Mutex* mutex) {
  static auto* const next = Next<void(absl::Mutex*)>(DROVER_MUTEX "4LockEv");
  next(mutex);
  __tsan_acquire(mutex);
}

bool VisibleTryLock(absl::Mutex* mutex) asm(DROVER_MUTEX "7TryLockEv");
bool VisibleTryLock(absl::Mutex* mutex) {
  static auto* const next = Next<bool(absl::Mutex*)>(DROVER_MUTEX "7TryLockEv");
  const bool locked = next(mutex);
  if (locked) __tsan_acquire(mutex);
  return locked;
}

void VisibleUnlock(absl::Mutex* mutex) asm(DROVER_MUTEX "6UnlockEv");
void VisibleUnlock(absl::Mutex* mutex) {
  static auto* const next = Next<void(absl::Mutex*)>(DROVER_MUTEX "6UnlockEv");
  __tsan_release(mutex);
  next(mutex);
}

void VisibleWait(absl::CondVar* changed,
                 absl::Mutex* mutex) asm(DROVER_COND_VAR "4WaitEPNS0_5MutexE");
void VisibleWait(absl::CondVar* changed, absl::Mutex* mutex) {
  static auto* const next =
      Next<void(absl::CondVar*, absl::Mutex*)>(DROVER_COND_VAR "4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  next(changed, mutex);
  __tsan_acquire(mutex);
}

bool VisibleWaitFor(absl::CondVar* changed, absl::Mutex* mutex,
                    absl::Duration timeout) asm(DROVER_COND_VAR
                                                "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
bool VisibleWaitFor(absl::CondVar* changed, absl::Mutex* mutex, absl::Duration timeout) {
  static auto* const next = Next<bool(absl::CondVar*, absl::Mutex*, absl::Duration)>(
      DROVER_COND_VAR "15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool timed_out = next(changed, mutex, timeout);
  __tsan_acquire(mutex);
  return timed_out;
}

bool VisibleWaitUntil(absl::CondVar* changed, absl::Mutex* mutex,
                      absl::Time deadline) asm(DROVER_COND_VAR
                                               "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
bool VisibleWaitUntil(absl::CondVar* changed, absl::Mutex* mutex, absl::Time deadline) {
  static auto* const next = Next<bool(absl::CondVar*, absl::Mutex*, absl::Time)>(
      DROVER_COND_VAR "16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool timed_out = next(changed, mutex, deadline);
  __tsan_acquire(mutex);
  return timed_out;
}
