#include "services/common/fence/epoch_guard.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kSaveAfter(1);

}  // namespace

struct EpochGuard::State {
  struct Seen {
    SeenEpoch coordinator;
    int64_t sequence = 0;
  };

  explicit State(std::string path) : path(std::move(path)) {}

  Seen Now() const {
    std::lock_guard<std::mutex> lock(mutex);
    return seen;
  }

  // `name`: of its failpoints.
  absl::Status Write(const Seen& what, absl::string_view name) const {
    return BetweenFailpoints({"fence", name}, [&] {
      return WriteFileDurably(path, absl::StrCat(what.coordinator.epoch, " ",
                                                 what.coordinator.nonce, " ", what.sequence, "\n"));
    });
  }

  // What is newest then: a new coordinator may come while this waits.
  void Save() {
    std::lock_guard<std::mutex> lock(file);
    const Seen now = Now();
    if (now.sequence <= saved_sequence) return;
    const absl::Status written = Write(now, "sequence");
    LOG_IF(WARNING, !written.ok()) << written;
    if (written.ok()) saved_sequence = now.sequence;
  }

  const std::string path;
  // For `seen`, which the pool reads; held for moments only.
  mutable std::mutex mutex;
  Seen seen;
  // For the file and `saved_sequence`.
  std::mutex file;
  int64_t saved_sequence = 0;

  // On the io thread.
  BlockingPool* pool = nullptr;
  std::optional<boost::asio::steady_timer> timer;
  bool save_is_due = false;
};

EpochGuard::EpochGuard(std::shared_ptr<State> state) : state_(std::move(state)) {}
EpochGuard::EpochGuard(EpochGuard&&) noexcept = default;

EpochGuard::~EpochGuard() {
  if (state_ != nullptr) state_->Save();
}

absl::StatusOr<EpochGuard> EpochGuard::Open(std::string path) {
  auto state = std::make_shared<State>(path);
  absl::StatusOr<std::string> content = ReadFile(path);
  if (absl::IsNotFound(content.status())) return EpochGuard(std::move(state));
  if (!content.ok()) return content.status();
  const std::vector<std::string> words =
      absl::StrSplit(*content, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  // Two words in what releases wrote that knew of no sequence.
  State::Seen& seen = state->seen;
  const bool good = (words.size() == 2 || words.size() == 3) &&
                    absl::SimpleAtoi(words[0], &seen.coordinator.epoch) &&
                    (words.size() == 2 || absl::SimpleAtoi(words[2], &seen.sequence));
  if (!good) {
    return absl::DataLossError(absl::StrCat(path, " does not hold an epoch and a nonce"));
  }
  seen.coordinator.nonce = words[1];
  state->saved_sequence = seen.sequence;
  return EpochGuard(std::move(state));
}

void EpochGuard::SaveInBackground(boost::asio::any_io_executor executor, BlockingPool& pool) {
  state_->pool = &pool;
  state_->timer.emplace(std::move(executor));
}

absl::Status EpochGuard::Check(int64_t epoch, const std::string& nonce, int64_t sequence) {
  State::Seen next{{epoch, nonce}, std::max(state_->seen.sequence, sequence)};
  DROVER_ASSIGN_OR_RETURN(const EpochVerdict verdict,
                          JudgeEpoch(state_->seen.coordinator, next.coordinator));
  if (verdict == EpochVerdict::kNewer) {
    std::lock_guard<std::mutex> file(state_->file);
    DROVER_RETURN_IF_ERROR(state_->Write(next, "epoch"));
    state_->saved_sequence = next.sequence;
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->seen = std::move(next);
    return absl::OkStatus();
  }
  if (next.sequence == state_->seen.sequence) return absl::OkStatus();
  {
    std::lock_guard<std::mutex> lock(state_->mutex);
    state_->seen.sequence = next.sequence;
  }
  if (!state_->timer.has_value() || std::exchange(state_->save_is_due, true)) {
    return absl::OkStatus();
  }
  state_->timer->expires_after(kSaveAfter);
  state_->timer->async_wait([weak = std::weak_ptr<State>(state_)](boost::system::error_code error) {
    const std::shared_ptr<State> state = weak.lock();
    if (error || state == nullptr) return;
    state->save_is_due = false;
    boost::asio::post(state->pool->executor(), [state] { state->Save(); });
  });
  return absl::OkStatus();
}

absl::Status EpochGuard::Check(const common::v1::Fence& fence) {
  return Check(fence.epoch(), fence.nonce(), fence.sequence());
}

common::v1::Fence EpochGuard::Obeyed() const {
  common::v1::Fence fence;
  fence.set_epoch(state_->seen.coordinator.epoch);
  fence.set_nonce(state_->seen.coordinator.nonce);
  fence.set_sequence(state_->seen.sequence);
  return fence;
}

}  // namespace drover
