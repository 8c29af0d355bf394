// Takes the place of a library's function under ThreadSanitizer, and tells it what that passes from
// thread to thread.
#ifndef DROVER_TESTING_TSAN_NEXT_H_
#define DROVER_TESTING_TSAN_NEXT_H_

#include <dlfcn.h>

#include <cstdlib>

// What was done before a release of an address happened before what is done after an acquire of it.
extern "C" void __tsan_acquire(void* address);
extern "C" void __tsan_release(void* address);

namespace drover::tsan {

// The library's own.
template <class Function>
Function* Next(const char* symbol) {
  auto* next = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
  if (next == nullptr) std::abort();
  return next;
}

}  // namespace drover::tsan

#endif  // DROVER_TESTING_TSAN_NEXT_H_
