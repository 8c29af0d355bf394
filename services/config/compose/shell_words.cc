#include "services/config/compose/shell_words.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace drover::config {

absl::StatusOr<std::vector<std::string>> SplitShellWords(absl::string_view line) {
  std::vector<std::string> words;
  std::optional<std::string> word;  // Nothing between two of them; `''` is a word.
  char quote = '\0';
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool has_next = i + 1 < line.size();
    if (quote == '\0' && absl::ascii_isspace(c)) {
      if (word.has_value()) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word.has_value()) word.emplace();
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote == '\0' && has_next) {
      word->push_back(line[++i]);
    } else if (c == '\\' && quote == '"' && has_next &&
               absl::string_view("\"\\$`").find(line[i + 1]) != absl::string_view::npos) {
      word->push_back(line[++i]);
    } else {
      word->push_back(c);
    }
  }
  if (quote != '\0') {
    return absl::InvalidArgumentError(
        absl::StrCat("the quote ", absl::string_view(&quote, 1), " has no end"));
  }
  if (word.has_value()) words.push_back(*std::move(word));
  return words;
}

}  // namespace drover::config
