#include "testing/bench/probe/target_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover::bench {
namespace {

constexpr std::chrono::milliseconds kAliveInterval(100);

int64_t Nanoseconds(ProbeTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

// Reorders the values. 0 if there are none.
int64_t Percentile(std::vector<int64_t>& values, int percent) {
  if (values.empty()) return 0;
  const auto at = values.begin() + (values.size() - 1) * percent / 100;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

TargetClient::TargetClient(boost::asio::io_context& io, TargetOptions options, OnLine on_line)
    : io_(io),
      options_(std::move(options)),
      on_line_(std::move(on_line)),
      timer_(io),
      gaps_(options_.threshold) {}

void TargetClient::Start() {
  timer_.expires_after(std::chrono::seconds(0));
  ScheduleNext();
}

void TargetClient::ScheduleNext() {
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    Open();
    // What was missed while this process did not run is not made up for by a burst.
    timer_.expires_at(
        std::max(timer_.expiry() + options_.interval, std::chrono::steady_clock::now()));
    ScheduleNext();
  });
}

void TargetClient::Open() {
  ++attempts_;
  Request request{.number = answered_write_};
  if (options_.write_every > 0 && attempts_ % options_.write_every == 0) {
    request = {.is_write = true, .number = ++written_};
  }
  const ProbeTime begin = std::chrono::steady_clock::now();
  open_.insert(begin);
  Attempt::Start(io_, options_.endpoint, request, absl::StrCat("probe:", options_.name),
                 [this, request, begin](Outcome outcome) { Ended(request, begin, outcome); });
}

void TargetClient::Ended(Request request, ProbeTime begin, Outcome outcome) {
  const ProbeTime now = std::chrono::steady_clock::now();
  open_.erase(open_.find(begin));
  ++ended_[static_cast<size_t>(outcome)];
  if (outcome != Outcome::kAnswered) {
    Report(OutcomeName(outcome), begin, now);
    return;
  }
  latencies_us_.push_back((Nanoseconds(now) - Nanoseconds(begin)) / 1000);
  if (request.is_write) answered_write_ = std::max(answered_write_, request.number);
  if (const std::optional<Gap> gap = gaps_.Answered(now); gap.has_value()) {
    Report("gap", gap->from, gap->to);
  }
  if (now - last_alive_ >= kAliveInterval) {
    Report("alive", now, now);
    last_alive_ = now;
  }
}

void TargetClient::GiveUp() {
  const ProbeTime now = std::chrono::steady_clock::now();
  for (ProbeTime begin : open_) {
    ++ended_[static_cast<size_t>(Outcome::kTimeout)];
    Report(OutcomeName(Outcome::kTimeout), begin, now);
  }
  open_.clear();
}

void TargetClient::Report(const char* word, ProbeTime begin, ProbeTime end) {
  on_line_(absl::StrCat(word, " ", options_.name, " ", Nanoseconds(begin), " ", Nanoseconds(end)));
}

std::string TargetClient::Summary() {
  std::string line = absl::StrCat("total ", options_.name, " attempts=", attempts_);
  for (size_t i = 0; i < ended_.size(); ++i) {
    absl::StrAppend(&line, " ", OutcomeName(static_cast<Outcome>(i)), "=", ended_[i]);
  }
  absl::StrAppend(&line, " p50_us=", Percentile(latencies_us_, 50),
                  " p99_us=", Percentile(latencies_us_, 99));
  return line;
}

}  // namespace drover::bench
