#include "testing/bench/probe/redis_exchange.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace drover::bench {
namespace {

constexpr char kLineEnd[] = "\r\n";

std::string Bulk(const std::string& word) {
  return absl::StrCat("$", word.size(), kLineEnd, word, kLineEnd);
}

}  // namespace

// One member of a sorted set, whose score only grows whatever the order in which delayed writes
// arrive.
std::string Encode(const Request& request, const std::string& key) {
  if (!request.is_write) {
    return absl::StrCat("*3", kLineEnd, Bulk("ZSCORE"), Bulk(key), Bulk("n"));
  }
  return absl::StrCat("*5", kLineEnd, Bulk("ZADD"), Bulk(key), Bulk("GT"),
                      Bulk(absl::StrCat(request.number)), Bulk("n"));
}

Answer Judge(const Request& request, std::string_view received) {
  const size_t line_end = received.find(kLineEnd);
  if (line_end == std::string_view::npos) return Answer::kIncomplete;
  const std::string_view line = received.substr(0, line_end);
  if (line.starts_with("-LOADING")) return Answer::kLoading;
  if (request.is_write) return line == ":0" || line == ":1" ? Answer::kGood : Answer::kError;
  // Nothing was ever written.
  if (line == "$-1") return request.number == 0 ? Answer::kGood : Answer::kStale;
  if (line.empty() || line[0] != '$') return Answer::kError;
  const std::string_view rest = received.substr(line_end + 2);
  const size_t value_end = rest.find(kLineEnd);
  if (value_end == std::string_view::npos) return Answer::kIncomplete;
  int64_t number = 0;
  if (!absl::SimpleAtoi(absl::string_view(rest.data(), value_end), &number)) return Answer::kError;
  return number >= request.number ? Answer::kGood : Answer::kStale;
}

}  // namespace drover::bench
