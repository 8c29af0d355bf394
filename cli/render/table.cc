#include "cli/render/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/render/digest.h"
#include "cli/render/fit.h"

namespace drover::cli {
namespace {

constexpr size_t kGap = 2;

// The lines of one cell.
struct Block {
  std::vector<std::string> lines;
  Color color;
};

std::string RowText(const std::vector<Block>& blocks, const std::vector<size_t>& widths,
                    const Style& style) {
  size_t height = 0;
  for (const Block& block : blocks) height = std::max(height, block.lines.size());
  std::string out;
  for (size_t line = 0; line < height; ++line) {
    std::string text;
    for (size_t i = 0; i < blocks.size(); ++i) {
      const bool is_there = line < blocks[i].lines.size();
      const std::string part = is_there ? blocks[i].lines[line] : "";
      absl::StrAppend(&text, is_there ? style.Paint(blocks[i].color, part) : "",
                      std::string(widths[i] + kGap - Width(part), ' '));
    }
    absl::StrAppend(&out, absl::StripTrailingAsciiWhitespace(text), "\n");
  }
  return out;
}

}  // namespace

void Table::AddRow(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = cell.text.empty() ? "-" : WithShortDigests(cell.text);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::WidthsWithin(size_t available) const {
  std::vector<size_t> widths;
  std::vector<size_t> least;
  for (size_t i = 0; i < columns_.size(); ++i) {
    widths.push_back(Width(columns_[i].heading));
    least.push_back(widths[i]);
    for (const std::vector<Cell>& row : rows_) {
      widths[i] = std::max(widths[i], Width(row[i].text));
      least[i] = std::max(least[i], LeastWidth(row[i].text));
    }
    if (columns_[i].wrap == Wrap::kNever) least[i] = widths[i];
  }
  while (std::accumulate(widths.begin(), widths.end(), (widths.size() - 1) * kGap) > available) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < widths.size(); ++i) {
      const bool is_wider = widest == nullptr || widths[i] > *widest;
      if (widths[i] > least[i] && is_wider) widest = &widths[i];
    }
    if (widest == nullptr) break;
    --*widest;
  }
  return widths;
}

std::string Table::ToString(const Style& style) const {
  std::vector<size_t> widths = WidthsWithin(style.columns());
  std::vector<std::vector<Block>> rows(1);
  for (const Column& column : columns_) rows[0].push_back({{column.heading}, Color::kFaint});
  for (const std::vector<Cell>& row : rows_) {
    std::vector<Block>& blocks = rows.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      blocks.push_back({Wrapped(row[i].text, widths[i]), row[i].color});
    }
  }
  // What was broken at words may need less.
  for (size_t i = 0; i < widths.size(); ++i) {
    widths[i] = 0;
    for (const std::vector<Block>& blocks : rows) {
      for (const std::string& line : blocks[i].lines) widths[i] = std::max(widths[i], Width(line));
    }
  }
  std::string out;
  for (const std::vector<Block>& blocks : rows) {
    absl::StrAppend(&out, RowText(blocks, widths, style));
  }
  return out;
}

}  // namespace drover::cli
