#include "services/common/async/server_call.h"

#include <glog/logging.h>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/status/reason.h"

namespace drover {

CallScope::CallScope(boost::asio::any_io_executor executor, Authenticate authenticate)
    : executor_(std::move(executor)), authenticate_(std::move(authenticate)) {}

void CallScope::Begin(const std::shared_ptr<Call>& call) { calls_.insert(call); }

void CallScope::End(const std::shared_ptr<Call>& call, const absl::Status& status) {
  call->ended = true;
  calls_.erase(call);
  if (!status.ok()) LOG(INFO) << call->method << ": " << status;
  if (calls_.empty() && on_empty_) std::exchange(on_empty_, nullptr)(true);
}

void CallScope::Stop(Call& call) {
  if (call.stoppable && !call.ended) call.signal.emit(boost::asio::cancellation_type::terminal);
}

Task<void> CallScope::Drain() {
  draining_ = true;
  const std::set<std::shared_ptr<Call>> calls = calls_;
  for (const std::shared_ptr<Call>& call : calls) Stop(*call);
  if (calls_.empty()) co_return;
  auto start = [this](Completion<bool> done) { on_empty_ = std::move(done); };
  co_await AwaitCallback<bool>(std::move(start));
}

namespace async_internal {

absl::Status StatusOfException(std::exception_ptr exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) {
      return absl::CancelledError("the call was cancelled");
    }
    return absl::InternalError(error.what());
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("bug: ", error.what()));
  }
}

absl::Status FromHandler(absl::Status status, bool is_stopping) {
  if (absl::IsUnauthenticated(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat("another service refuses this one: ", status.message()));
  }
  // Of a file, or of a node.
  if (absl::IsPermissionDenied(status)) return absl::FailedPreconditionError(status.message());
  // With a reason it is an answer: the application was not ready in time.
  if (absl::IsDeadlineExceeded(status) && ReasonOf(status).empty()) {
    return absl::UnavailableError(status.message());
  }
  if (absl::IsCancelled(status) && !is_stopping) {
    return absl::UnavailableError(
        absl::StrCat("another service was stopped before it had answered: ", status.message()));
  }
  return status;
}

std::string MethodName(const google::protobuf::Message& request) {
  return std::string(absl::StripSuffix(request.GetTypeName(), "Request"));
}

}  // namespace async_internal
}  // namespace drover
