#include "services/volume/client/grpc_transfer.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "services/common/async/sleeper.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/volume/client/wire_chunk.h"

namespace drover::volume {
namespace {

namespace asio = boost::asio;

// A peer that takes calls only to break them off is not asked without end.
constexpr absl::Duration kBetweenConnections = absl::Milliseconds(100);

grpc::ByteBuffer Wire(const v1::ReceiveRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

// The connection broke, or the peer's daemon stops. A refusal that says "later" has a reason.
bool IsCut(const absl::Status& status) {
  return (absl::IsUnavailable(status) || absl::IsCancelled(status)) && ReasonOf(status).empty();
}

void RethrowException(std::exception_ptr exception) {
  if (exception != nullptr) std::rethrow_exception(exception);
}

}  // namespace

struct GrpcTransfer::Connection {
  ReceiveCall call;
  bool answered = false;
  bool received = false;
  bool over = false;  // No write may begin any more.
  std::optional<absl::Status> status;
};

std::shared_ptr<GrpcTransfer> GrpcTransfer::Start(asio::any_io_executor executor,
                                                  OpenReceiveCall open, v1::TransferHeader header) {
  std::shared_ptr<GrpcTransfer> transfer(new GrpcTransfer(std::move(open), std::move(header)));
  asio::co_spawn(executor, transfer->Run(), RethrowException);
  return transfer;
}

Task<absl::Status> GrpcTransfer::Write(std::string part) {
  auto self = shared_from_this();
  while (!ended_.has_value() && !window_.HasRoom()) co_await changed_.Wait(changed_.count());
  if (ended_.has_value()) co_return *ended_;
  const auto size = static_cast<int64_t>(part.size());
  window_.Add(WireChunk(frames_.Chunk(std::move(part))), size);
  changed_.Notify();
  co_return absl::OkStatus();
}

Task<absl::Status> GrpcTransfer::Commit() {
  auto self = shared_from_this();
  committed_ = true;
  changed_.Notify();
  while (!ended_.has_value()) co_await changed_.Wait(changed_.count());
  co_return *ended_;
}

void GrpcTransfer::Cancel() {
  cancelled_ = true;
  if (connection_ != nullptr) connection_->call.Cancel();
}

void GrpcTransfer::End(absl::Status status) {
  ended_ = std::move(status);
  changed_.Notify();
}

Task<void> GrpcTransfer::Run() {
  auto self = shared_from_this();
  auto executor = co_await asio::this_coro::executor;
  TimerSleeper sleeper;
  while (true) {
    if (cancelled_) co_return End(absl::CancelledError("the transfer was given up"));
    // Waiting is for a peer that was there: another one is unreachable at once.
    ReceiveCall call = open_(header_.resume() ? WhenUnreachable::kWait : WhenUnreachable::kFail);
    connection_.reset(new Connection{.call = std::move(call)});
    const std::shared_ptr<Connection> connection = connection_;
    asio::co_spawn(executor, Follow(connection), RethrowException);
    co_await Send(connection);
    while (!connection->status.has_value()) co_await changed_.Wait(changed_.count());
    const absl::Status& status = *connection->status;
    if (connection->received) co_return End(absl::OkStatus());
    if (status.ok()) co_return End(absl::DataLossError("the peer did not say what it received"));
    if (!IsCut(status) || (!header_.resume() && !connection->answered)) co_return End(status);
    header_.set_resume(true);
    if (cancelled_) continue;
    LOG(WARNING) << "transfer " << header_.transfer() << " waits for a connection: " << status;
    co_await sleeper.SleepFor(kBetweenConnections);
  }
}

Task<void> GrpcTransfer::Send(std::shared_ptr<Connection> connection) {
  v1::ReceiveRequest first;
  *first.mutable_header() = header_;
  if (!co_await connection->call.Write(Wire(first))) co_return;
  while (header_.resume() && !connection->answered && !connection->over) {
    co_await changed_.Wait(changed_.count());
  }
  window_.Restart();
  bool commit_sent = false;
  while (!connection->over) {
    grpc::ByteBuffer next;
    if (std::optional<grpc::ByteBuffer> frame = window_.Next()) {
      next = *std::move(frame);
    } else if (committed_ && !commit_sent) {
      commit_sent = true;
      v1::ReceiveRequest last;
      *last.mutable_commit() = frames_.Commit();
      next = Wire(last);
    } else {
      co_await changed_.Wait(changed_.count());
      continue;
    }
    if (!co_await connection->call.Write(std::move(next))) co_return;
  }
}

Task<void> GrpcTransfer::Follow(std::shared_ptr<Connection> connection) {
  auto self = shared_from_this();
  while (std::optional<v1::ReceiveResponse> response = co_await connection->call.Read()) {
    connection->answered = true;
    if (response->has_received()) connection->received = true;
    window_.Acknowledge(response->acknowledged_bytes());
    changed_.Notify();
  }
  connection->over = true;
  changed_.Notify();
  connection->status = co_await connection->call.Finish();
  changed_.Notify();
}

}  // namespace drover::volume
