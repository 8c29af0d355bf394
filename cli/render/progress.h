// What is going on, shown while it goes on.
#ifndef DROVER_CLI_RENDER_PROGRESS_H_
#define DROVER_CLI_RENDER_PROGRESS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/render/style.h"

namespace drover::cli {

struct ProgressItem {
  // The same between updates; shown.
  std::string title;
  // "copying, round 2".
  std::string activity;
  // Of the activity; a total of 0: not known. Both 0: it sends nothing.
  int64_t done_bytes = 0;
  int64_t total_bytes = 0;
  Color color = Color::kPlain;
};

// Bytes per second over the last few seconds. Starts anew when the count goes back.
class RateMeter {
 public:
  void Add(absl::Time now, int64_t bytes);
  // 0 until there are two samples.
  double BytesPerSecond() const;

 private:
  struct Sample {
    absl::Time time;
    int64_t bytes;
  };
  std::deque<Sample> samples_;
};

// On a terminal, a row for each item that is redrawn in place; in a pipe, a plain line for each
// change. A row that a narrow terminal has no room for loses its bar first, then the end of its
// title, then its own end: in two rows it could not be redrawn. Not thread-safe.
class Progress {
 public:
  // `columns`: of the terminal, as it is now.
  Progress(std::ostream& out, bool is_terminal, Style style, std::function<int()> columns);

  void Update(const std::vector<ProgressItem>& items, absl::Time now);
  // Removes the redrawn lines, so that what follows takes their place.
  void Clear();

 private:
  struct Shown {
    std::string activity;
    absl::Time last_line;
    RateMeter rate;
  };

  std::string Line(const ProgressItem& item, const RateMeter& rate) const;
  std::string Row(const ProgressItem& item, const RateMeter& rate) const;

  std::ostream& out_;
  const bool is_terminal_;
  const Style style_;
  const std::function<int()> columns_;
  std::map<std::string, Shown> shown_;
  int lines_on_screen_ = 0;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_PROGRESS_H_
