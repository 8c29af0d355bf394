#include "services/config/yaml/problem.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace drover::config {
namespace {

// Names and values of the file come along, which may hold line ends and a terminal's commands.
std::string WithoutControlCharacters(const std::string& text) {
  std::string clean;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto at = [&text](size_t index) {
      return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
    };
    // U+0080 to U+009F as UTF-8: some terminals obey them, too.
    const bool is_pair = at(i) == 0xc2 && at(i + 1) >= 0x80 && at(i + 1) <= 0x9f;
    if (is_pair || absl::ascii_iscntrl(at(i))) {
      const size_t length = is_pair ? 2 : 1;
      absl::StrAppend(&clean, absl::CHexEscape(absl::string_view(&text[i], length)));
      i += length - 1;
    } else {
      clean += text[i];
    }
  }
  return clean;
}

}  // namespace

std::string Location::ToString() const {
  return line == 0 ? file : absl::StrCat(file, ":", line, ":", column);
}

std::string Problem::ToString() const {
  return WithoutControlCharacters(
      absl::StrCat(location.ToString(), ": ", field, field.empty() ? "" : ": ", message));
}

void Problems::Add(Location location, std::string field, std::string message) {
  problems_.push_back({std::move(location), std::move(field), std::move(message)});
}

std::vector<Problem> Problems::Sorted() const {
  std::map<std::string, int> file_order;
  for (const Problem& problem : problems_) {
    file_order.emplace(problem.location.file, static_cast<int>(file_order.size()));
  }
  std::vector<Problem> sorted = problems_;
  auto key = [&](const Problem& problem) {
    return std::make_tuple(file_order[problem.location.file], problem.location.line,
                           problem.location.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Problem& a, const Problem& b) { return key(a) < key(b); });
  return sorted;
}

std::string Problems::ToString() const {
  std::string text;
  for (const Problem& problem : Sorted()) absl::StrAppend(&text, problem.ToString(), "\n");
  return text;
}

}  // namespace drover::config
