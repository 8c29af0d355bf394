// gRPC's callback client as coroutines. Every call has a timeout (absl::InfiniteDuration() for
// watches).
//
//   co_await UnaryCall<SealResponse>(stub, &Stub::async::Seal, request, absl::Seconds(30));
//   co_await ReadCall(stub, &Stub::async::PushRound, request, absl::InfiniteDuration(),
//   on_message); auto stream = WriteStream<SeedRequest, SeedResponse>::Start(stub,
//   &Stub::async::SeedVolume, timeout); auto stream = BidiStream<Request, Response>::Start(stub,
//   &Stub::async::Receive, timeout);
//
// A cancelled coroutine cancels its call. Results always arrive on the coroutine's own executor. A
// call that is under way keeps the stub, and so the channel: gRPC deadlocks, or frees its queue
// twice, if the last reference is dropped in one of its callbacks.
#ifndef DROVER_SERVICES_COMMON_ASYNC_CLIENT_CALL_H_
#define DROVER_SERVICES_COMMON_ASYNC_CLIENT_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/common/async/grpc_status.h"
#include "services/common/async/task.h"

namespace drover {
namespace async_internal {

inline void SetTimeout(grpc::ClientContext& context, absl::Duration timeout) {
  if (timeout == absl::InfiniteDuration()) return;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
}

// While it lives, a cancellation of the current coroutine cancels `context`'s call.
class CancelWithCoroutine {
 public:
  CancelWithCoroutine(boost::asio::cancellation_slot slot,
                      std::shared_ptr<grpc::ClientContext> context)
      : slot_(slot) {
    if (!slot_.is_connected()) return;
    slot_.assign([context](boost::asio::cancellation_type) { context->TryCancel(); });
  }
  ~CancelWithCoroutine() {
    if (slot_.is_connected()) slot_.clear();
  }
  CancelWithCoroutine(const CancelWithCoroutine&) = delete;
  CancelWithCoroutine& operator=(const CancelWithCoroutine&) = delete;

 private:
  boost::asio::cancellation_slot slot_;
};

// Frees a finished call on a thread that is not gRPC's: it may hold the last reference to the
// channel.
inline void FreeElsewhere(std::shared_ptr<void> call) {
  boost::asio::post(boost::asio::system_executor(), [call = std::move(call)] {});
}

// Lets gRPC's thread and the coroutine agree on the end of a call, whichever comes first.
class EndOfCall {
 public:
  void Set(const grpc::Status& status) {
    Completion<absl::Status> waiter;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      status_ = FromGrpcStatus(status);
      waiter = std::exchange(waiter_, nullptr);
    }
    if (waiter) waiter(*status_);
  }
  void OnSet(Completion<absl::Status> waiter) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (!status_.has_value()) {
        waiter_ = std::move(waiter);
        return;
      }
    }
    waiter(*status_);
  }

 private:
  std::mutex mutex_;
  std::optional<absl::Status> status_;  // Guarded by mutex_ until set; then constant.
  Completion<absl::Status> waiter_;     // Guarded by mutex_.
};

}  // namespace async_internal

// One request, one response.
template <class Response, class Stub, class Async, class Request>
Task<absl::StatusOr<Response>> UnaryCall(std::shared_ptr<Stub> stub,
                                         void (Async::*method)(grpc::ClientContext*, const Request*,
                                                               Response*,
                                                               std::function<void(grpc::Status)>),
                                         Request request, absl::Duration timeout) {
  struct State {
    grpc::ClientContext context;
    Request request;
    Response response;
  };
  auto state = std::make_shared<State>();
  state->request = std::move(request);
  async_internal::SetTimeout(state->context, timeout);
  auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  async_internal::CancelWithCoroutine cancel(
      cancellation.slot(), std::shared_ptr<grpc::ClientContext>(state, &state->context));
  auto async = stub->async();
  auto start = [state, method, async](Completion<absl::Status> done) {
    // Lets go of the context, and so of the channel, while the coroutine still has both.
    auto on_done = [state, done = std::move(done)](grpc::Status status) mutable {
      state.reset();
      done(FromGrpcStatus(status));
    };
    (async->*method)(&state->context, &state->request, &state->response, std::move(on_done));
  };
  absl::Status status = co_await AwaitCallback<absl::Status>(std::move(start));
  if (!status.ok()) co_return status;
  co_return std::move(state->response);
}

// One request, a stream of responses.
template <class Response>
class ReadStream {
 public:
  template <class Stub, class Async, class Request>
  static ReadStream Start(std::shared_ptr<Stub> stub,
                          void (Async::*method)(grpc::ClientContext*, const Request*,
                                                grpc::ClientReadReactor<Response>*),
                          Request request, absl::Duration timeout) {
    auto owned_request = std::make_shared<Request>(std::move(request));
    auto reactor = std::make_shared<Reactor>();
    reactor->keep_alive = {stub, owned_request};
    async_internal::SetTimeout(reactor->context, timeout);
    reactor->self = reactor;
    (stub->async()->*method)(&reactor->context, owned_request.get(), reactor.get());
    reactor->AddHold();
    reactor->StartCall();
    return ReadStream(std::move(reactor));
  }
  ReadStream(ReadStream&&) = default;
  ~ReadStream() {
    if (reactor_ != nullptr) reactor_->Abandon();
  }

  // The next response; none when the stream has ended (Finish says how).
  Task<std::optional<Response>> Read() {
    auto reactor = reactor_;
    auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    async_internal::CancelWithCoroutine cancel(
        cancellation.slot(), std::shared_ptr<grpc::ClientContext>(reactor, &reactor->context));
    auto start = [reactor](Completion<bool> done) {
      reactor->on_read = std::move(done);
      reactor->StartRead(&reactor->response);
    };
    if (!co_await AwaitCallback<bool>(std::move(start))) co_return std::nullopt;
    co_return std::move(reactor->response);
  }

  // The call's status. Call it once, after Read has answered none.
  Task<absl::Status> Finish() {
    auto reactor = reactor_;
    reactor->ReleaseHold();
    auto start = [reactor](Completion<absl::Status> done) { reactor->end.OnSet(std::move(done)); };
    co_return co_await AwaitCallback<absl::Status>(std::move(start));
  }

 private:
  struct Reactor : public grpc::ClientReadReactor<Response> {
    void OnReadDone(bool ok) override { std::exchange(on_read, nullptr)(ok); }
    void OnDone(const grpc::Status& status) override {
      end.Set(status);
      async_internal::FreeElsewhere(std::exchange(self, nullptr));
    }
    void ReleaseHold() {
      if (std::exchange(held, false)) this->RemoveHold();
    }
    void Abandon() {
      if (!held) return;
      context.TryCancel();
      ReleaseHold();
    }
    grpc::ClientContext context;
    std::vector<std::shared_ptr<void>> keep_alive;
    Response response;
    Completion<bool> on_read;
    async_internal::EndOfCall end;
    bool held = true;  // Used by the coroutine only: gRPC's OnDone waits for it.
    std::shared_ptr<Reactor> self;
  };
  explicit ReadStream(std::shared_ptr<Reactor> reactor) : reactor_(std::move(reactor)) {}
  std::shared_ptr<Reactor> reactor_;
};

// Calls `on_message` with each response, and answers the call's status.
template <class Stub, class Async, class Request, class Response>
Task<absl::Status> ReadCall(std::shared_ptr<Stub> stub,
                            void (Async::*method)(grpc::ClientContext*, const Request*,
                                                  grpc::ClientReadReactor<Response>*),
                            Request request, absl::Duration timeout,
                            std::function<void(const Response&)> on_message) {
  auto stream = ReadStream<Response>::Start(std::move(stub), method, std::move(request), timeout);
  while (std::optional<Response> response = co_await stream.Read()) on_message(*response);
  co_return co_await stream.Finish();
}

// As ReadCall, but reads the next response only when `take` is done with the last one, so that a
// slow taker slows the sender down instead of filling memory. Once `take` has answered false the
// call is given up, with an OK status.
template <class Stub, class Async, class Request, class Response>
Task<absl::Status> ReadCallPaced(std::shared_ptr<Stub> stub,
                                 void (Async::*method)(grpc::ClientContext*, const Request*,
                                                       grpc::ClientReadReactor<Response>*),
                                 Request request, absl::Duration timeout,
                                 std::function<Task<bool>(Response)> take) {
  auto stream = ReadStream<Response>::Start(std::move(stub), method, std::move(request), timeout);
  while (std::optional<Response> response = co_await stream.Read()) {
    const bool goes_on = co_await take(*std::move(response));
    if (!goes_on) co_return absl::OkStatus();
  }
  co_return co_await stream.Finish();
}

// A stream of requests, one response.
template <class Request, class Response>
class WriteStream {
 public:
  template <class Stub, class Async>
  static WriteStream Start(std::shared_ptr<Stub> stub,
                           void (Async::*method)(grpc::ClientContext*, Response*,
                                                 grpc::ClientWriteReactor<Request>*),
                           absl::Duration timeout) {
    auto reactor = std::make_shared<Reactor>();
    reactor->stub = stub;
    async_internal::SetTimeout(reactor->context, timeout);
    reactor->self = reactor;
    (stub->async()->*method)(&reactor->context, &reactor->response, reactor.get());
    reactor->AddHold();
    reactor->StartCall();
    return WriteStream(std::move(reactor));
  }
  WriteStream(WriteStream&&) = default;
  ~WriteStream() {
    if (reactor_ != nullptr) reactor_->Abandon();
  }

  // False if the call has ended already (Finish says how).
  Task<bool> Write(Request request) {
    auto reactor = reactor_;
    reactor->request = std::move(request);
    auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    async_internal::CancelWithCoroutine cancel(
        cancellation.slot(), std::shared_ptr<grpc::ClientContext>(reactor, &reactor->context));
    auto start = [reactor](Completion<bool> done) {
      reactor->on_write = std::move(done);
      reactor->StartWrite(&reactor->request);
    };
    co_return co_await AwaitCallback<bool>(std::move(start));
  }

  // Says that all was written, and answers the response. Call it once.
  Task<absl::StatusOr<Response>> Finish() {
    auto reactor = reactor_;
    reactor->StartWritesDone();
    reactor->ReleaseHold();
    auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    async_internal::CancelWithCoroutine cancel(
        cancellation.slot(), std::shared_ptr<grpc::ClientContext>(reactor, &reactor->context));
    auto start = [reactor](Completion<absl::Status> done) { reactor->end.OnSet(std::move(done)); };
    absl::Status status = co_await AwaitCallback<absl::Status>(std::move(start));
    if (!status.ok()) co_return status;
    co_return std::move(reactor->response);
  }

 private:
  struct Reactor : public grpc::ClientWriteReactor<Request> {
    void OnWriteDone(bool ok) override { std::exchange(on_write, nullptr)(ok); }
    void OnDone(const grpc::Status& status) override {
      end.Set(status);
      async_internal::FreeElsewhere(std::exchange(self, nullptr));
    }
    void ReleaseHold() {
      if (std::exchange(held, false)) this->RemoveHold();
    }
    void Abandon() {
      if (!held) return;
      context.TryCancel();
      ReleaseHold();
    }
    grpc::ClientContext context;
    std::shared_ptr<void> stub;
    Request request;
    Response response;
    Completion<bool> on_write;
    async_internal::EndOfCall end;
    bool held = true;
    std::shared_ptr<Reactor> self;
  };
  explicit WriteStream(std::shared_ptr<Reactor> reactor) : reactor_(std::move(reactor)) {}
  std::shared_ptr<Reactor> reactor_;
};

// What a call does while its server cannot be reached.
enum class WhenUnreachable { kFail, kWait };

// Streams both ways. One coroutine may read while another writes.
template <class Request, class Response>
class BidiStream {
 public:
  template <class Stub, class Async>
  static BidiStream Start(std::shared_ptr<Stub> stub,
                          void (Async::*method)(grpc::ClientContext*,
                                                grpc::ClientBidiReactor<Request, Response>*),
                          absl::Duration timeout) {
    auto begin = [stub, method](grpc::ClientContext* context,
                                grpc::ClientBidiReactor<Request, Response>* reactor) {
      (stub->async()->*method)(context, reactor);
    };
    return StartWith(std::move(begin), timeout, WhenUnreachable::kFail);
  }

  // For calls without a generated method: `begin` gives the call its context and its reactor, and
  // is kept as long as the call, with the stub in it.
  template <class Begin>
  static BidiStream StartWith(Begin begin, absl::Duration timeout, WhenUnreachable unreachable) {
    auto reactor = std::make_shared<Reactor>();
    auto kept = std::make_shared<Begin>(std::move(begin));
    reactor->stub = kept;
    async_internal::SetTimeout(reactor->context, timeout);
    reactor->context.set_wait_for_ready(unreachable == WhenUnreachable::kWait);
    reactor->self = reactor;
    (*kept)(&reactor->context, reactor.get());
    reactor->AddHold();
    reactor->StartCall();
    return BidiStream(std::move(reactor));
  }
  BidiStream(BidiStream&&) = default;
  ~BidiStream() {
    if (reactor_ != nullptr) reactor_->Abandon();
  }

  // The next response; none when the stream has ended (Finish says how).
  Task<std::optional<Response>> Read() {
    auto reactor = reactor_;
    auto start = [reactor](Completion<bool> done) {
      reactor->on_read = std::move(done);
      reactor->StartRead(&reactor->response);
    };
    if (!co_await AwaitCallback<bool>(std::move(start))) co_return std::nullopt;
    co_return std::move(reactor->response);
  }

  // False if the call has ended already (Finish says how).
  Task<bool> Write(Request request) {
    auto reactor = reactor_;
    reactor->request = std::move(request);
    auto start = [reactor](Completion<bool> done) {
      reactor->on_write = std::move(done);
      reactor->StartWrite(&reactor->request);
    };
    co_return co_await AwaitCallback<bool>(std::move(start));
  }

  // Says that all was written; reading goes on.
  Task<bool> WritesDone() {
    auto reactor = reactor_;
    auto start = [reactor](Completion<bool> done) {
      reactor->on_write = std::move(done);
      reactor->StartWritesDone();
    };
    co_return co_await AwaitCallback<bool>(std::move(start));
  }

  // Ends the call from this side: Read and Write answer at once.
  void Cancel() { reactor_->context.TryCancel(); }

  // The call's status. Call it once, when no read or write is under way.
  Task<absl::Status> Finish() {
    auto reactor = reactor_;
    reactor->ReleaseHold();
    auto start = [reactor](Completion<absl::Status> done) { reactor->end.OnSet(std::move(done)); };
    co_return co_await AwaitCallback<absl::Status>(std::move(start));
  }

 private:
  struct Reactor : public grpc::ClientBidiReactor<Request, Response> {
    void OnReadDone(bool ok) override { std::exchange(on_read, nullptr)(ok); }
    void OnWriteDone(bool ok) override { std::exchange(on_write, nullptr)(ok); }
    void OnWritesDoneDone(bool ok) override { std::exchange(on_write, nullptr)(ok); }
    void OnDone(const grpc::Status& status) override {
      end.Set(status);
      async_internal::FreeElsewhere(std::exchange(self, nullptr));
    }
    void ReleaseHold() {
      if (std::exchange(held, false)) this->RemoveHold();
    }
    void Abandon() {
      if (!held) return;
      context.TryCancel();
      ReleaseHold();
    }
    grpc::ClientContext context;
    std::shared_ptr<void> stub;
    Request request;
    Response response;
    Completion<bool> on_read;
    Completion<bool> on_write;
    async_internal::EndOfCall end;
    bool held = true;
    std::shared_ptr<Reactor> self;
  };
  explicit BidiStream(std::shared_ptr<Reactor> reactor) : reactor_(std::move(reactor)) {}
  std::shared_ptr<Reactor> reactor_;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_CLIENT_CALL_H_
