// Columns of text for people.
#ifndef DROVER_CLI_RENDER_TABLE_H_
#define DROVER_CLI_RENDER_TABLE_H_

#include <cstddef>
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

enum class Wrap { kNever, kAtWords };

struct Column {
  Column(const char* heading, Wrap wrap = Wrap::kNever)  // NOLINT: headings are lists of texts.
      : heading(heading), wrap(wrap) {}

  std::string heading;
  Wrap wrap;
};

// As wide as its cells, or, where that is wider than the lines may be, as its columns that wrap can
// make it narrower, the widest of them first: their cells go on in further lines, below where they
// began. Columns that do not wrap, such as names and states, are whole on the first line of their
// row, for scripts that cut them out: where these alone are too wide, so is the table. Digests are
// shortened.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column. An empty cell shows as `-`.
  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Headings and rows, aligned, each line ended.
  std::string ToString(const Style& style) const;

 private:
  // To which the columns wrap, so that together they fit into `available`.
  std::vector<size_t> WidthsWithin(size_t available) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_TABLE_H_
