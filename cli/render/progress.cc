#include "cli/render/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/render/fit.h"
#include "cli/render/units.h"

namespace drover::cli {
namespace {

constexpr absl::Duration kRateWindow = absl::Seconds(5);
// In a pipe: how often a line shows nothing but more bytes.
constexpr absl::Duration kPipeInterval = absl::Seconds(10);
// With its frame.
constexpr size_t kBarWidth = 27;
constexpr size_t kLeastBarWidth = 9;
// So much of its beginning says which one it is.
constexpr size_t kLeastTitleWidth = 20;

// In at most `width` columns; empty where these are too few.
std::string Bar(const ProgressItem& item, size_t width) {
  if (width < kLeastBarWidth) return "";
  const int size = static_cast<int>(std::min(width, kBarWidth) - Width("[] "));
  const double fraction =
      static_cast<double>(item.done_bytes) / static_cast<double>(item.total_bytes);
  const int filled = std::clamp(static_cast<int>(fraction * size), 0, size);
  return absl::StrCat("[", std::string(filled, '#'), std::string(size - filled, '.'), "] ");
}

bool HasBytes(const ProgressItem& item) { return item.total_bytes > 0 || item.done_bytes > 0; }

// "50 MiB of 100 MiB, 10 MiB/s, 5.0 s left"; "50 MiB, 10 MiB/s" where nobody knows the total; empty
// for an activity that sends nothing.
std::string Numbers(const ProgressItem& item, const RateMeter& rate) {
  if (!HasBytes(item)) return "";
  std::string numbers = BytesText(item.done_bytes);
  if (item.total_bytes > 0) absl::StrAppend(&numbers, " of ", BytesText(item.total_bytes));
  const double bytes_per_second = rate.BytesPerSecond();
  if (bytes_per_second < 1) return numbers;
  absl::StrAppend(&numbers, ", ", BytesText(static_cast<int64_t>(bytes_per_second)), "/s");
  if (item.total_bytes <= 0) return numbers;
  const double left = static_cast<double>(item.total_bytes - item.done_bytes) / bytes_per_second;
  absl::StrAppend(&numbers, ", ", DurationText(absl::Seconds(std::max(left, 0.0))), " left");
  return numbers;
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

Progress::Progress(std::ostream& out, bool is_terminal, Style style, std::function<int()> columns)
    : out_(out), is_terminal_(is_terminal), style_(style), columns_(std::move(columns)) {}

void Progress::Update(const std::vector<ProgressItem>& items, absl::Time now) {
  Clear();
  for (const ProgressItem& item : items) {
    auto [entry, is_new] = shown_.try_emplace(item.title);
    Shown& shown = entry->second;
    if (HasBytes(item)) shown.rate.Add(now, item.done_bytes);
    const bool has_changed = is_new || shown.activity != item.activity;
    const bool is_due = HasBytes(item) && now - shown.last_line >= kPipeInterval;
    shown.activity = item.activity;
    if (!is_terminal_ && !has_changed && !is_due) continue;
    shown.last_line = now;
    out_ << (is_terminal_ ? Row(item, shown.rate) : Line(item, shown.rate)) << "\n";
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
  const std::string numbers = Numbers(item, rate);
  return absl::StrCat(item.title, ": ", style_.Paint(item.color, item.activity),
                      numbers.empty() ? "" : "  ", numbers);
}

std::string Progress::Row(const ProgressItem& item, const RateMeter& rate) const {
  const std::string numbers = Numbers(item, rate);
  const std::string gap = numbers.empty() ? "" : "  ";
  size_t room = columns_();
  auto take = [&room](absl::string_view text, size_t width) {
    std::string taken = Shortened(text, std::min(width, room));
    room -= Width(taken);
    return taken;
  };
  const size_t behind = Width(": ") + Width(item.activity) + Width(gap) + Width(numbers);
  const std::string title =
      take(item.title, std::max(kLeastTitleWidth, room - std::min(room, behind)));
  const std::string bar = item.total_bytes <= 0 ? "" : Bar(item, room - std::min(room, behind));
  const std::string colon = take(": ", room);
  const std::string activity = take(item.activity, room);
  return absl::StrCat(title, colon, style_.Paint(item.color, activity),
                      take(absl::StrCat(gap, bar, numbers), room));
}

}  // namespace drover::cli
