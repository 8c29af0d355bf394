#include "services/config/yaml/flow_list.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/config/yaml/scalar.h"

namespace drover::config {
namespace {

constexpr absl::string_view kPunctuation = "-_./=";

// Words, paths and options.
bool IsPlain(absl::string_view text) {
  return !text.empty() && text.front() != '=' &&
         std::any_of(text.begin(), text.end(), absl::ascii_isalnum) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return absl::ascii_isalnum(c) ||
                              kPunctuation.find(c) != absl::string_view::npos;
                     }) &&
         ClassifyPlainScalar(text) == ScalarKind::kString;
}

std::string FlowScalar(absl::string_view text) {
  if (IsPlain(text)) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string FlowList(absl::Span<const absl::string_view> strings) {
  return absl::StrCat("[",
                      absl::StrJoin(strings, ", ",
                                    [](std::string* out, absl::string_view text) {
                                      absl::StrAppend(out, FlowScalar(text));
                                    }),
                      "]");
}

}  // namespace drover::config
