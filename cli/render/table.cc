#include "cli/render/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

constexpr size_t kGap = 2;

// How many columns of a terminal it takes: UTF-8's continuation bytes take none.
size_t Width(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

std::string Shown(const Cell& cell) { return cell.text.empty() ? "-" : cell.text; }

}  // namespace

std::string Table::ToString(const Style& style) const {
  std::vector<size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(Width(heading));
  for (const std::vector<Cell>& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(Shown(row[i])));
  }
  std::string out;
  auto add_line = [&](const std::vector<Cell>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string text = Shown(cells[i]);
      const size_t padding = i + 1 < cells.size() ? widths[i] + kGap - Width(text) : 0;
      absl::StrAppend(&line, style.Paint(cells[i].color, text), std::string(padding, ' '));
    }
    absl::StrAppend(&out, line, "\n");
  };
  std::vector<Cell> head;
  for (const std::string& heading : headings_) head.emplace_back(heading, Color::kFaint);
  add_line(head);
  for (const std::vector<Cell>& row : rows_) add_line(row);
  return out;
}

}  // namespace drover::cli
