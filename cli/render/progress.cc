#include "cli/render/progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/render/units.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(5);
// In a pipe: how often a line shows nothing but more bytes.
constexpr absl::Duration kPipeInterval = absl::Seconds(10);
constexpr int kBarWidth = 24;

std::string Bar(double fraction) {
  const int filled = std::clamp(static_cast<int>(fraction * kBarWidth), 0, kBarWidth);
  return absl::StrCat("[", std::string(filled, '#'), std::string(kBarWidth - filled, '.'), "] ");
}

}  // namespace

void RateMeter::Add(absl::Time now, int64_t bytes) {
  if (!samples_.empty() && bytes < samples_.back().bytes) samples_.clear();
  samples_.push_back({now, bytes});
  // The oldest sample kept is the last one that is older than the window.
  while (samples_.size() > 2 && now - samples_[1].time >= kRateWindow) samples_.pop_front();
}

double RateMeter::BytesPerSecond() const {
  if (samples_.size() < 2) return 0;
  const double seconds = absl::ToDoubleSeconds(samples_.back().time - samples_.front().time);
  if (seconds <= 0) return 0;
  return static_cast<double>(samples_.back().bytes - samples_.front().bytes) / seconds;
}

Progress::Progress(std::ostream& out, bool is_terminal, Style style)
    : out_(out), is_terminal_(is_terminal), style_(style) {}

void Progress::Update(const std::vector<ProgressItem>& items, absl::Time now) {
  Clear();
  for (const ProgressItem& item : items) {
    auto [entry, is_new] = shown_.try_emplace(item.title);
    Shown& shown = entry->second;
    if (item.total_bytes > 0) shown.rate.Add(now, item.done_bytes);
    const bool has_changed = is_new || shown.activity != item.activity;
    const bool is_due = item.total_bytes > 0 && now - shown.last_line >= kPipeInterval;
    shown.activity = item.activity;
    if (!is_terminal_ && !has_changed && !is_due) continue;
    shown.last_line = now;
    out_ << Line(item, shown.rate) << "\n";
    if (is_terminal_) ++lines_on_screen_;
  }
  out_.flush();
}

void Progress::Clear() {
  if (lines_on_screen_ == 0) return;
  // Up by so many lines, then erase to the end of the screen.
  out_ << "\033[" << lines_on_screen_ << "A\033[J";
  lines_on_screen_ = 0;
}

std::string Progress::Line(const ProgressItem& item, const RateMeter& rate) const {
  std::string line = absl::StrCat(item.title, ": ", style_.Paint(item.color, item.activity));
  if (item.total_bytes <= 0) return line;
  const double fraction =
      static_cast<double>(item.done_bytes) / static_cast<double>(item.total_bytes);
  absl::StrAppend(&line, "  ", is_terminal_ ? Bar(fraction) : "", BytesText(item.done_bytes),
                  " of ", BytesText(item.total_bytes));
  const double bytes_per_second = rate.BytesPerSecond();
  if (bytes_per_second < 1) return line;
  const double left = static_cast<double>(item.total_bytes - item.done_bytes) / bytes_per_second;
  return absl::StrCat(line, ", ", BytesText(static_cast<int64_t>(bytes_per_second)), "/s, ",
                      DurationText(absl::Seconds(std::max(left, 0.0))), " left");
}

}  // namespace drover::cli
