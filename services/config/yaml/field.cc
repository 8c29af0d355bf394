#include "services/config/yaml/field.h"

#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/config/yaml/excerpt.h"
#include "services/config/yaml/flow_list.h"
#include "services/config/yaml/near_word.h"
#include "services/config/yaml/scalar.h"

namespace drover::config {
namespace {

// How much is repeated as a list at most: more would bury what is wrong.
constexpr size_t kMostAdvisedWords = 20;
constexpr size_t kLongestAdvisedLine = 500;

// Each field below repeats the path, and each problem with it, so long keys are shortened.
std::string Below(const std::string& path, absl::string_view key) {
  return absl::StrCat(path, path.empty() ? "" : ".", Excerpt(key));
}

// Decimal digits without leading zeros, which YAML 1.1 reads as octal and YAML 1.2 does not.
bool IsDecimalInteger(absl::string_view text) {
  absl::string_view digits = text;
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.remove_prefix(1);
  return !digits.empty() && std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
         (digits.size() == 1 || digits[0] != '0');
}

// Where a shell would see more than words between blanks.
bool HasShellQuotes(absl::string_view text) {
  return text.find_first_of("'\"\\") != absl::string_view::npos;
}

// The words between blanks; none of what is too long to be repeated, or of which a shell would make
// other words.
std::vector<absl::string_view> FewWords(absl::string_view text) {
  if (text.size() > kLongestAdvisedLine || HasShellQuotes(text)) return {};
  std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  if (words.size() > kMostAdvisedWords) words.clear();
  return words;
}

// Up to where the allowed ones are listed. What is there already is not what was meant.
std::string WhatOfKey(absl::string_view key, absl::Span<const absl::string_view> missing,
                      absl::Span<const KeyNote> notes) {
  for (const auto& [noted, note] : notes) {
    if (key == noted) return absl::StrCat(note, "; a");
  }
  const std::optional<absl::string_view> meant = NearWord(key, missing);
  if (!meant.has_value()) return "unknown key; a";
  return absl::StrCat("unknown key; did you mean `", *meant, "`? A");
}

}  // namespace

Field::Field(const Node& node, std::string path, Problems& problems)
    : node_(&node), path_(std::move(path)), problems_(&problems) {}

bool Field::IsNull() const {
  return node_->kind == Node::Kind::kNull ||
         (node_->kind == Node::Kind::kScalar && !node_->quoted &&
          ClassifyPlainScalar(node_->text) == ScalarKind::kNull);
}

bool Field::IsPlainNumber() const {
  return node_->kind == Node::Kind::kScalar && !node_->quoted &&
         ClassifyPlainScalar(node_->text) == ScalarKind::kNumber;
}

std::optional<std::string> Field::String() const {
  if (!HasText()) {
    RefuseKind("a string");
    return std::nullopt;
  }
  const ScalarKind kind = node_->quoted ? ScalarKind::kString : ClassifyPlainScalar(node_->text);
  if (kind != ScalarKind::kString) {
    const std::string excerpt = Excerpt(node_->text);
    const std::string quoted =
        excerpt == node_->text ? absl::StrCat(": \"", node_->text, "\"") : "";
    Refuse(absl::StrCat("YAML reads ", excerpt, " as ", ScalarKindName(kind),
                        ", but a string is wanted here; quote it", quoted));
    return std::nullopt;
  }
  return node_->text;
}

std::optional<int64_t> Field::Integer(int64_t minimum, int64_t maximum) const {
  const std::string wanted = minimum == maximum
                                 ? absl::StrCat("the whole number ", minimum)
                                 : absl::StrCat("a whole number from ", minimum, " to ", maximum);
  if (node_->kind != Node::Kind::kScalar || node_->quoted || !IsPlainNumber()) {
    RefuseKind(wanted);
    return std::nullopt;
  }
  int64_t value = 0;
  if (!IsDecimalInteger(node_->text) || !absl::SimpleAtoi(node_->text, &value) || value < minimum ||
      value > maximum) {
    Refuse(absl::StrCat(Excerpt(node_->text), " is not allowed; it must be ", wanted,
                        " in decimal digits"));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Field::Boolean() const {
  const bool is_plain = node_->kind == Node::Kind::kScalar && !node_->quoted;
  if (is_plain && node_->text == "true") return true;
  if (is_plain && node_->text == "false") return false;
  RefuseKind("true or false");
  return std::nullopt;
}

std::optional<std::vector<Field>> Field::ListOf(absl::string_view wanted) const {
  if (!IsList()) {
    RefuseKind(wanted);
    return std::nullopt;
  }
  std::vector<Field> fields;
  for (const Node& item : node_->items) {
    fields.emplace_back(item, absl::StrCat(path_, "[", fields.size(), "]"), *problems_);
  }
  return fields;
}

std::optional<std::vector<Field>> Field::WordList(
    absl::FunctionRef<bool(absl::Span<const absl::string_view>)> accepts) const {
  if (IsList() || !HasText()) return ListOf("a list");
  const std::vector<absl::string_view> words = FewWords(node_->text);
  const bool helps = !words.empty() && accepts(words);
  return ListOf(helps ? absl::StrCat("a list, such as ", FlowList(words)) : "a list");
}

std::optional<std::vector<Mapping>> Field::MappingList(
    absl::Span<const absl::string_view> allowed) const {
  const std::optional<std::vector<Field>> items =
      ListOf(absl::StrCat("a list of mappings with the keys ", absl::StrJoin(allowed, ", ")));
  if (!items.has_value()) return std::nullopt;
  std::vector<Mapping> mappings;
  for (const Field& item : *items) {
    if (std::optional<Mapping> mapping = item.MappingOf(allowed)) {
      mappings.push_back(*std::move(mapping));
    }
  }
  return mappings;
}

std::optional<Mapping> Field::MappingOf(absl::Span<const absl::string_view> allowed,
                                        absl::Span<const KeyNote> notes,
                                        absl::string_view free_prefix) const {
  if (!IsMapping()) {
    RefuseKind(absl::StrCat("a mapping with the keys ", absl::StrJoin(allowed, ", ")));
    return std::nullopt;
  }
  std::vector<absl::string_view> missing;
  absl::c_copy_if(allowed, std::back_inserter(missing),
                  [this](absl::string_view key) { return FindValue(*node_, key) == nullptr; });
  for (const Member& member : node_->members) {
    if (absl::c_linear_search(allowed, member.key.text)) continue;
    if (!free_prefix.empty() && absl::StartsWith(member.key.text, free_prefix)) continue;
    Field(member.key, Below(path_, member.key.text), *problems_)
        .Refuse(absl::StrCat(WhatOfKey(member.key.text, missing, notes), "llowed are ",
                             absl::StrJoin(allowed, ", ")));
  }
  return Mapping(*this);
}

std::optional<std::vector<NamedField>> Field::NamedMembers(
    absl::FunctionRef<absl::Status(absl::string_view)> check) const {
  if (!IsMapping()) {
    RefuseKind("a mapping");
    return std::nullopt;
  }
  std::vector<NamedField> members;
  for (const Member& member : node_->members) {
    const std::string path = Below(path_, member.key.text);
    Field key(member.key, path, *problems_);
    // Before the advice to quote it, which would not help then.
    const absl::Status status = check(member.key.text);
    if (!status.ok()) key.Refuse(status.message());
    if (status.ok() && !key.String().has_value()) continue;
    members.push_back({member.key.text, std::move(key), Field(member.value, path, *problems_)});
  }
  return members;
}

std::optional<std::vector<std::string>> Field::StringList() const {
  std::optional<std::vector<Field>> items =
      WordList([](absl::Span<const absl::string_view>) { return true; });
  if (!items.has_value()) return std::nullopt;
  std::vector<std::string> strings;
  for (const Field& item : *items) {
    if (std::optional<std::string> text = item.String()) strings.push_back(*std::move(text));
  }
  return strings;
}

void Field::Refuse(absl::string_view message) const {
  problems_->Add(node_->location, path_, std::string(message));
}

void Field::RefuseKind(absl::string_view wanted) const {
  Refuse(absl::StrCat("must be ", wanted, ", not ", Description()));
}

std::string Field::Description() const {
  switch (node_->kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kScalar:
      if (node_->quoted) return absl::StrCat("the string \"", Excerpt(node_->text), "\"");
      return absl::StrCat(ScalarKindName(ClassifyPlainScalar(node_->text)), " (",
                          Excerpt(node_->text), ")");
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMapping:
      return "a mapping";
  }
  return "";
}

std::optional<Field> Mapping::Find(absl::string_view key) const {
  const Node* value = FindValue(*self_.node_, key);
  if (value == nullptr) return std::nullopt;
  return Field(*value, Below(self_.path_, key), *self_.problems_);
}

std::optional<Field> Mapping::Require(absl::string_view key) const {
  std::optional<Field> field = Find(key);
  if (!field.has_value()) self_.Refuse(absl::StrCat("the key `", key, "` is missing"));
  return field;
}

}  // namespace drover::config
