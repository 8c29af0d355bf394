// How text looks where it is read: its colours, where there are any, and how wide it may be.
#ifndef DROVER_CLI_RENDER_STYLE_H_
#define DROVER_CLI_RENDER_STYLE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover::cli {

enum class Color { kPlain, kGood, kBusy, kBad, kFaint };

class Style {
 public:
  // What files and other programs get has no width of its own.
  static constexpr int kPipeColumns = 100;

  explicit Style(bool has_colors, int columns = kPipeColumns)
      : has_colors_(has_colors), columns_(columns) {}

  int columns() const { return columns_; }

  std::string Paint(Color color, absl::string_view text) const {
    if (!has_colors_ || color == Color::kPlain) return std::string(text);
    return absl::StrCat(Code(color), text, "\033[0m");
  }

 private:
  static absl::string_view Code(Color color) {
    switch (color) {
      case Color::kPlain:
        return "";
      case Color::kGood:
        return "\033[32m";
      case Color::kBusy:
        return "\033[33m";
      case Color::kBad:
        return "\033[31m";
      case Color::kFaint:
        return "\033[2m";
    }
    return "";
  }

  bool has_colors_;
  int columns_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_STYLE_H_
