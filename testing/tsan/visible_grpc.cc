// Debian's gRPC is built without ThreadSanitizer, which does not see what it passes from thread to
// thread without a lock. These definitions take the place of gRPC's own, for its own calls too.
#include <grpc/grpc.h>
#include <grpcpp/support/server_callback.h>

#include <cstdlib>

#include "testing/tsan/next.h"

using drover::tsan::Next;

namespace {

// A server's call counts what is under way in two atomics, which the library changes too. Whoever
// comes to zero goes on after all that the others did.
using ServerCall = grpc::internal::ServerCallbackCall;
using ServerReactor = grpc::internal::ServerReactor;
static_assert(sizeof(ServerCall) == sizeof(void*) + 2 * sizeof(int));
void* CancelConditions(ServerCall* call) { return reinterpret_cast<char*>(call) + sizeof(void*); }
void* Outstanding(ServerCall* call) {
  return reinterpret_cast<char*>(call) + sizeof(void*) + sizeof(int);
}

// Tells what a reactor did before the library counts its OnCancel as done.
class VisibleCancel : public ServerReactor {
 public:
  VisibleCancel(ServerCall* call, ServerReactor* reactor) : call_(call), reactor_(reactor) {}
  void OnCancel() override {
    reactor_->OnCancel();
    __tsan_release(Outstanding(call_));
    delete this;
  }
  void OnDone() override { std::abort(); }  // It stands in for one cancellation only.

 private:
  ServerCall* const call_;
  ServerReactor* const reactor_;
};

}  // namespace

extern "C" {

// Calls: what was done before a batch was started happened before what is done when its tag comes
// out of the completion queue, which hands it on without a lock.
grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops, size_t count, void* tag,
                                      void* reserved) {
  static auto* const next = Next<decltype(grpc_call_start_batch)>("grpc_call_start_batch");
  __tsan_release(tag);
  return next(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue, gpr_timespec deadline,
                                      void* reserved) {
  static auto* const next =
      Next<decltype(grpc_completion_queue_next)>("grpc_completion_queue_next");
  const grpc_event event = next(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

#define DROVER_SERVER_CALL "_ZN4grpc8internal18ServerCallbackCall"

void VisibleScheduleOnDone(ServerCall* call,
                           bool here) asm(DROVER_SERVER_CALL "14ScheduleOnDoneEb");
void VisibleScheduleOnDone(ServerCall* call, bool here) {
  static auto* const next = Next<void(ServerCall*, bool)>(DROVER_SERVER_CALL "14ScheduleOnDoneEb");
  __tsan_acquire(Outstanding(call));
  next(call, here);
}

void VisibleCallOnCancel(ServerCall* call,
                         ServerReactor* reactor) asm(DROVER_SERVER_CALL
                                                     "12CallOnCancelEPNS0_13ServerReactorE");
void VisibleCallOnCancel(ServerCall* call, ServerReactor* reactor) {
  static auto* const next = Next<void(ServerCall*, ServerReactor*)>(
      DROVER_SERVER_CALL "12CallOnCancelEPNS0_13ServerReactorE");
  __tsan_acquire(CancelConditions(call));
  next(call, new VisibleCancel(call, reactor));
}

}  // extern "C"
