#include "services/volume/driver/incoming_transfer.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace drover::volume {
namespace {

constexpr int64_t kReadAhead = 1 << 20;

Task<bool> Cancelled() {
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  co_return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace

IncomingTransfer::Connection::Connection(std::shared_ptr<IncomingTransfer> transfer,
                                         std::function<void()> hang_up)
    : transfer_(std::move(transfer)), hang_up_(std::move(hang_up)) {
  Connection* const before = std::exchange(transfer_->attached_, this);
  if (before != nullptr) before->HangUp();
  transfer_->changed_.Notify();
}

IncomingTransfer::Connection::~Connection() {
  if (attached()) transfer_->attached_ = nullptr;
}

Task<bool> IncomingTransfer::Connection::Room() {
  const std::shared_ptr<IncomingTransfer> transfer = transfer_;
  while (attached() && !transfer->committed_ && transfer->broken_.ok() && !transfer->ended()) {
    if (transfer->parts_bytes_ < kReadAhead) co_return true;
    if (co_await Cancelled()) co_return false;
    co_await transfer->changed_.Wait(transfer->changed_.count());
  }
  co_return false;
}

void IncomingTransfer::Connection::Take(v1::TransferChunk chunk) {
  absl::Status fits = transfer_->frames_.Check(chunk);
  if (!fits.ok()) return transfer_->Break(std::move(fits));
  transfer_->parts_bytes_ += static_cast<int64_t>(chunk.data().size());
  transfer_->parts_.push_back(std::move(*chunk.mutable_data()));
  transfer_->changed_.Notify();
}

void IncomingTransfer::Connection::Take(const v1::TransferCommit& commit) {
  absl::Status fits = transfer_->frames_.Check(commit);
  if (!fits.ok()) return transfer_->Break(std::move(fits));
  transfer_->committed_ = true;
  transfer_->changed_.Notify();
}

Task<absl::StatusOr<std::string>> IncomingTransfer::Next() {
  auto self = shared_from_this();
  while (broken_.ok() && parts_.empty() && !committed_) {
    co_await changed_.Wait(changed_.count());
  }
  if (!broken_.ok()) co_return broken_;
  if (parts_.empty()) co_return std::string();
  std::string part = std::move(parts_.front());
  parts_.pop_front();
  parts_bytes_ -= static_cast<int64_t>(part.size());
  changed_.Notify();
  co_return part;
}

void IncomingTransfer::Break(absl::Status why) {
  if (broken_.ok()) broken_ = std::move(why);
  changed_.Notify();
}

TransferStatus IncomingTransfer::status() const {
  TransferStatus status{.bytes = taken_bytes()};
  if (ended() && result_->ok()) status.received = (*result_)->ref;
  return status;
}

void IncomingTransfer::End(absl::StatusOr<StoredSnapshot> result) {
  result_ = std::move(result);
  parts_.clear();
  changed_.Notify();
}

void IncomingTransfer::HangUp() {
  if (attached_ != nullptr) attached_->HangUp();
}

Task<absl::StatusOr<StoredSnapshot>> IncomingTransfer::Result() {
  auto self = shared_from_this();
  while (!ended()) {
    if (co_await Cancelled()) co_return absl::UnavailableError("the caller is gone");
    co_await changed_.Wait(changed_.count());
  }
  co_return *result_;
}

}  // namespace drover::volume
