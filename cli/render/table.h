// Columns of text for people.
#ifndef DROVER_CLI_RENDER_TABLE_H_
#define DROVER_CLI_RENDER_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "cli/render/style.h"

namespace drover::cli {

struct Cell {
  Cell(std::string text) : text(std::move(text)) {}  // NOLINT: rows are lists of texts.
  Cell(const char* text) : text(text) {}             // NOLINT
  Cell(std::string text, Color color) : text(std::move(text)), color(color) {}

  std::string text;
  Color color = Color::kPlain;
};

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

  // One cell for each heading. An empty cell shows as `-`.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  // Headings and rows, aligned, each line ended.
  std::string ToString(const Style& style) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_TABLE_H_
