#include "services/config/yaml/near_word.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"

namespace drover::config {
namespace {

constexpr size_t kFarthest = 2;
// Longer ones are no typos, and would take long to compare.
constexpr size_t kLongestWord = 64;

std::string Plain(absl::string_view word) {
  std::string plain = absl::AsciiStrToLower(word);
  std::replace(plain.begin(), plain.end(), '-', '_');
  return plain;
}

// What no distance between them is below.
size_t LengthDifference(absl::string_view one, absl::string_view other) {
  return one.size() > other.size() ? one.size() - other.size() : other.size() - one.size();
}

// Levenshtein's, row by row.
size_t Distance(const std::string& one, const std::string& other) {
  std::vector<size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= one.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= other.size(); ++j) {
      const size_t replaced = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<absl::string_view> NearWord(absl::string_view word,
                                          absl::Span<const absl::string_view> candidates) {
  if (word.size() > kLongestWord) return std::nullopt;
  const std::string wanted = Plain(word);
  std::optional<absl::string_view> nearest;
  size_t least = kFarthest + 1;
  for (absl::string_view candidate : candidates) {
    if (LengthDifference(word, candidate) >= least) continue;
    const size_t distance = Distance(wanted, Plain(candidate));
    if (distance >= least || 2 * distance >= candidate.size()) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace drover::config
