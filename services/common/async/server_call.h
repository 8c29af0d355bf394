// gRPC's callback server as coroutines. A handler is a function of the caller and the request that
// answers a StatusOr; the adaptor authenticates, logs, spawns it on the daemon's executor, converts
// its status and finishes the call exactly once.
//
//   grpc::ServerUnaryReactor* Seal(grpc::CallbackServerContext* context, const SealRequest*
//   request,
//                                  SealResponse* response) override {
//     return ServeUnary(server_, context, request, response,
//                       [this](Caller caller, SealRequest r) { return driver_.Seal(std::move(r));
//                       });
//   }
//
// A unary handler runs to its end even if its client goes away: what it began is durable step by
// step, and the client asks again. With WhenCancelled::kStop, and for streams, the handler's
// coroutine is cancelled.
#ifndef DROVER_SERVICES_COMMON_ASYNC_SERVER_CALL_H_
#define DROVER_SERVICES_COMMON_ASYNC_SERVER_CALL_H_

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/common/async/caller.h"
#include "services/common/async/grpc_status.h"
#include "services/common/async/task.h"
#include "services/common/failpoint/failpoint.h"

namespace drover {

// What a handler knows about its call.
struct Caller {
  Identity identity;
};

enum class WhenCancelled { kRunToEnd, kStop };

// The calls of one server: all handlers run on one executor, and the server's shutdown can wait for
// them. The methods are called on that executor, Executor() and authenticate() from any thread.
class CallScope {
 public:
  CallScope(boost::asio::any_io_executor executor, Authenticate authenticate);

  const boost::asio::any_io_executor& executor() const { return executor_; }
  const Authenticate& authenticate() const { return authenticate_; }

  // One call's cancellation, alive until its handler has ended.
  class Call {
   public:
    explicit Call(std::string method) : method(std::move(method)) {}
    const std::string method;
    boost::asio::cancellation_signal signal;
    bool stoppable = false;
    bool ended = false;
  };
  void Begin(const std::shared_ptr<Call>& call);
  void End(const std::shared_ptr<Call>& call, const absl::Status& status);
  // Cancels the handler, if it is one that can be stopped.
  static void Stop(Call& call);

  // Refuses new calls, stops the stoppable ones, and answers when the last handler has ended.
  Task<void> Drain();
  bool draining() const { return draining_; }

 private:
  const boost::asio::any_io_executor executor_;
  const Authenticate authenticate_;
  bool draining_ = false;
  std::set<std::shared_ptr<Call>> calls_;
  Completion<bool> on_empty_;
};

namespace async_internal {

// The status of a coroutine that may have ended by an exception: cancellation, or our own bug.
absl::Status StatusOfException(std::exception_ptr exception);

// What a handler answers may be what another service, or the kernel, has answered it, and its
// caller must not take it for our own refusal of him, or our own silence: UNAUTHENTICATED is about
// our certificate then, PERMISSION_DENIED about a file, DEADLINE_EXCEEDED and CANCELLED about
// another service. `is_stopping`: the handler was cancelled, or all are.
absl::Status FromHandler(absl::Status status, bool is_stopping);

// "drover.volume.v1.Seal" for SealRequest.
std::string MethodName(const google::protobuf::Message& request);

template <class T>
inline absl::Status StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}
inline absl::Status StatusOf(const absl::Status& result) { return result; }

// Runs `handler(caller)` on the scope's executor and gives its status to `finish`, once, on that
// executor. The returned call is for the reactor's OnCancel.
template <class Handler, class Finish>
std::shared_ptr<CallScope::Call> Spawn(CallScope& scope, grpc::CallbackServerContext& context,
                                       std::string method, bool stoppable, Handler handler,
                                       Finish finish) {
  auto call = std::make_shared<CallScope::Call>(std::move(method));
  call->stoppable = stoppable;
  absl::StatusOr<Identity> identity = scope.authenticate()(*context.auth_context());
  auto run = [&scope, call, identity = std::move(identity),
              handler = std::move(handler)]() mutable -> Task<absl::Status> {
    scope.Begin(call);
    if (!identity.ok()) co_return identity.status();
    if (scope.draining()) co_return absl::UnavailableError("the service is shutting down");
    HitFailpoint({call->method}, "called");
    // A name of its own: g++ 12 destroys an aggregate that is made inside a co_await expression
    // twice.
    Caller caller{*std::move(identity)};
    absl::Status status = co_await handler(std::move(caller));
    const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
    const bool is_cancelled = cancellation.cancelled() != boost::asio::cancellation_type::none;
    co_return FromHandler(std::move(status), is_cancelled || scope.draining());
  };
  auto done = [&scope, call, finish = std::move(finish)](std::exception_ptr exception,
                                                         absl::Status status) mutable {
    if (exception != nullptr) status = StatusOfException(exception);
    HitFailpoint({call->method}, "done");
    scope.End(call, status);
    finish(status);
  };
  boost::asio::co_spawn(scope.executor(), std::move(run),
                        boost::asio::bind_cancellation_slot(call->signal.slot(), std::move(done)));
  return call;
}

// Cancels from gRPC's thread: only posts.
inline void PostStop(CallScope& scope, std::shared_ptr<CallScope::Call> call) {
  boost::asio::post(scope.executor(), [call = std::move(call)] { CallScope::Stop(*call); });
}

// A handler's wait for its client. A cancellation of the handler, as at shutdown, ends the call,
// and so the wait: a client may be silent for ever. False if the client has sent all, or is gone.
template <class Start>
Task<bool> AwaitClient(grpc::CallbackServerContext* context, Start start) {
  auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != boost::asio::cancellation_type::none) co_return false;
  const bool connected = cancellation.slot().is_connected();
  if (connected) {
    cancellation.slot().assign([context](boost::asio::cancellation_type) { context->TryCancel(); });
  }
  const bool ok = co_await AwaitCallback<bool>(std::move(start));
  if (connected) cancellation.slot().clear();
  co_return ok;
}

}  // namespace async_internal

// One request, one response. `handler`: Task<StatusOr<Response>>(Caller, Request).
template <class Request, class Response, class Handler>
grpc::ServerUnaryReactor* ServeUnary(CallScope& scope, grpc::CallbackServerContext* context,
                                     const Request* request, Response* response, Handler handler,
                                     WhenCancelled when_cancelled = WhenCancelled::kRunToEnd) {
  class Reactor : public grpc::ServerUnaryReactor {
   public:
    Reactor(CallScope& scope, grpc::CallbackServerContext* context, const Request* request,
            Response* response, Handler handler, WhenCancelled when_cancelled)
        : scope_(scope) {
      auto body = [handler = std::move(handler), request = *request,
                   response](Caller caller) mutable -> Task<absl::Status> {
        absl::StatusOr<Response> result = co_await handler(std::move(caller), std::move(request));
        if (!result.ok()) co_return result.status();
        *response = *std::move(result);
        co_return absl::OkStatus();
      };
      auto finish = [this](const absl::Status& status) { Finish(ToGrpcStatus(status)); };
      call_ = async_internal::Spawn(scope, *context, async_internal::MethodName(*request),
                                    when_cancelled == WhenCancelled::kStop, std::move(body),
                                    std::move(finish));
    }
    void OnCancel() override { async_internal::PostStop(scope_, call_); }
    void OnDone() override {
      HitFailpoint({call_->method}, "replied");
      delete this;
    }

   private:
    CallScope& scope_;
    std::shared_ptr<CallScope::Call> call_;
  };
  return new Reactor(scope, context, request, response, std::move(handler), when_cancelled);
}

// Where a streaming handler puts its responses. Used by the handler's coroutine only.
template <class Response>
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  // False if the client is gone: then end the handler.
  virtual Task<bool> Write(Response response) = 0;
};

// Where a streaming handler gets its requests from. Used by the handler's coroutine only.
template <class Request>
class RequestReader {
 public:
  virtual ~RequestReader() = default;
  // The next request; none when the client has sent all, or is gone.
  virtual Task<std::optional<Request>> Read() = 0;
};

// One request, a stream of responses. `handler`: Task<Status>(Caller, Request,
// ResponseWriter<Response>&).
template <class Response, class Request, class Handler>
grpc::ServerWriteReactor<Response>* ServeWrites(CallScope& scope,
                                                grpc::CallbackServerContext* context,
                                                const Request* request, Handler handler) {
  class Reactor : public grpc::ServerWriteReactor<Response>, public ResponseWriter<Response> {
   public:
    Reactor(CallScope& scope, grpc::CallbackServerContext* context, const Request* request,
            Handler handler)
        : scope_(scope) {
      auto body = [this, handler = std::move(handler),
                   request = *request](Caller caller) mutable -> Task<absl::Status> {
        co_return co_await handler(std::move(caller), std::move(request),
                                   static_cast<ResponseWriter<Response>&>(*this));
      };
      auto finish = [this](const absl::Status& status) { this->Finish(ToGrpcStatus(status)); };
      call_ = async_internal::Spawn(scope, *context, async_internal::MethodName(*request), true,
                                    std::move(body), std::move(finish));
    }
    Task<bool> Write(Response response) override {
      response_ = std::move(response);
      auto start = [this](Completion<bool> done) {
        on_write_ = std::move(done);
        this->StartWrite(&response_);
      };
      co_return co_await AwaitCallback<bool>(std::move(start));
    }
    void OnWriteDone(bool ok) override { std::exchange(on_write_, nullptr)(ok); }
    void OnCancel() override { async_internal::PostStop(scope_, call_); }
    void OnDone() override {
      HitFailpoint({call_->method}, "replied");
      delete this;
    }

   private:
    CallScope& scope_;
    std::shared_ptr<CallScope::Call> call_;
    Response response_;
    Completion<bool> on_write_;
  };
  return new Reactor(scope, context, request, std::move(handler));
}

// A stream of requests, one response. `handler`: Task<StatusOr<Response>>(Caller,
// RequestReader<Request>&).
template <class Request, class Response, class Handler>
grpc::ServerReadReactor<Request>* ServeReads(CallScope& scope, grpc::CallbackServerContext* context,
                                             Response* response, Handler handler) {
  class Reactor : public grpc::ServerReadReactor<Request>, public RequestReader<Request> {
   public:
    Reactor(CallScope& scope, grpc::CallbackServerContext* context, Response* response,
            Handler handler)
        : scope_(scope), context_(context) {
      auto body = [this, handler = std::move(handler),
                   response](Caller caller) mutable -> Task<absl::Status> {
        absl::StatusOr<Response> result =
            co_await handler(std::move(caller), static_cast<RequestReader<Request>&>(*this));
        if (!result.ok()) co_return result.status();
        *response = *std::move(result);
        co_return absl::OkStatus();
      };
      auto finish = [this](const absl::Status& status) { this->Finish(ToGrpcStatus(status)); };
      call_ = async_internal::Spawn(scope, *context, async_internal::MethodName(request_), true,
                                    std::move(body), std::move(finish));
    }
    Task<std::optional<Request>> Read() override {
      auto start = [this](Completion<bool> done) {
        on_read_ = std::move(done);
        this->StartRead(&request_);
      };
      if (!co_await async_internal::AwaitClient(context_, std::move(start))) co_return std::nullopt;
      co_return std::move(request_);
    }
    void OnReadDone(bool ok) override { std::exchange(on_read_, nullptr)(ok); }
    void OnCancel() override { async_internal::PostStop(scope_, call_); }
    void OnDone() override {
      HitFailpoint({call_->method}, "replied");
      delete this;
    }

   private:
    CallScope& scope_;
    grpc::CallbackServerContext* const context_;
    std::shared_ptr<CallScope::Call> call_;
    Request request_;
    Completion<bool> on_read_;
  };
  return new Reactor(scope, context, response, std::move(handler));
}

// Streams both ways. `handler`: Task<Status>(Caller, RequestReader<Request>&,
// ResponseWriter<Response>&). One coroutine may read while another writes.
template <class Request, class Response, class Handler>
grpc::ServerBidiReactor<Request, Response>* ServeBidi(CallScope& scope,
                                                      grpc::CallbackServerContext* context,
                                                      Handler handler) {
  class Reactor : public grpc::ServerBidiReactor<Request, Response>,
                  public RequestReader<Request>,
                  public ResponseWriter<Response> {
   public:
    Reactor(CallScope& scope, grpc::CallbackServerContext* context, Handler handler)
        : scope_(scope), context_(context) {
      auto body = [this,
                   handler = std::move(handler)](Caller caller) mutable -> Task<absl::Status> {
        co_return co_await handler(std::move(caller), static_cast<RequestReader<Request>&>(*this),
                                   static_cast<ResponseWriter<Response>&>(*this));
      };
      auto finish = [this](const absl::Status& status) { this->Finish(ToGrpcStatus(status)); };
      call_ = async_internal::Spawn(scope, *context, async_internal::MethodName(request_), true,
                                    std::move(body), std::move(finish));
    }
    Task<std::optional<Request>> Read() override {
      auto start = [this](Completion<bool> done) {
        on_read_ = std::move(done);
        this->StartRead(&request_);
      };
      if (!co_await async_internal::AwaitClient(context_, std::move(start))) co_return std::nullopt;
      co_return std::move(request_);
    }
    Task<bool> Write(Response response) override {
      response_ = std::move(response);
      auto start = [this](Completion<bool> done) {
        on_write_ = std::move(done);
        this->StartWrite(&response_);
      };
      co_return co_await AwaitCallback<bool>(std::move(start));
    }
    void OnReadDone(bool ok) override { std::exchange(on_read_, nullptr)(ok); }
    void OnWriteDone(bool ok) override { std::exchange(on_write_, nullptr)(ok); }
    void OnCancel() override { async_internal::PostStop(scope_, call_); }
    void OnDone() override {
      HitFailpoint({call_->method}, "replied");
      delete this;
    }

   private:
    CallScope& scope_;
    grpc::CallbackServerContext* const context_;
    std::shared_ptr<CallScope::Call> call_;
    Request request_;
    Response response_;
    Completion<bool> on_read_;
    Completion<bool> on_write_;
  };
  return new Reactor(scope, context, std::move(handler));
}

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_ASYNC_SERVER_CALL_H_
