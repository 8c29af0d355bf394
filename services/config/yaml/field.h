// Reading a tree into values, noting every problem on the way.
#ifndef DROVER_SERVICES_CONFIG_YAML_FIELD_H_
#define DROVER_SERVICES_CONFIG_YAML_FIELD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

class Mapping;
struct NamedField;

// Why a key that people may expect is not among those that are allowed, and what to do instead.
struct KeyNote {
  absl::string_view key;
  absl::string_view note;
};

// A node and the path that leads to it. Each reading method returns nothing, and has noted why, if
// the node is not of that kind. Refers to the tree and the problems: outlives neither.
class Field {
 public:
  Field(const Node& node, std::string path, Problems& problems);

  const Location& location() const { return node_->location; }
  const std::string& path() const { return path_; }
  bool IsNull() const;
  bool IsMapping() const { return node_->kind == Node::Kind::kMapping; }
  bool IsList() const { return node_->kind == Node::Kind::kSequence; }
  // A plain scalar that reads as a number, such as `1024`.
  bool IsPlainNumber() const;

  // Refuses a plain scalar that YAML reads as something else than a string.
  std::optional<std::string> String() const;
  // A plain whole number in decimal digits.
  std::optional<int64_t> Integer(int64_t minimum, int64_t maximum) const;
  // A plain `true` or `false`.
  std::optional<bool> Boolean() const;
  std::optional<std::vector<Field>> List() const { return ListOf("a list"); }
  // Items that may be words. Who gives a short line of them is shown how to write it, if the list
  // of these words is one that `accepts`.
  std::optional<std::vector<Field>> WordList(
      absl::FunctionRef<bool(absl::Span<const absl::string_view>)> accepts) const;
  // Mappings with these keys and no others; what is none is left out.
  std::optional<std::vector<Mapping>> MappingList(
      absl::Span<const absl::string_view> allowed) const;
  // A mapping with these keys and no others, but for those that begin with `free_prefix`, if there
  // is one. `notes`: what to say about some of the others.
  std::optional<Mapping> MappingOf(absl::Span<const absl::string_view> allowed,
                                   absl::Span<const KeyNote> notes = {},
                                   absl::string_view free_prefix = "") const;
  // A mapping whose keys are names, in the order of the file. Keys that are no strings are noted
  // and left out; those that `check` does not pass are noted.
  std::optional<std::vector<NamedField>> NamedMembers(
      absl::FunctionRef<absl::Status(absl::string_view)> check = AnyName) const;
  std::optional<std::vector<std::string>> StringList() const;

  // A string that `parse` accepts, which answers an absl::StatusOr, as what it made of it.
  template <class Parse>
  auto Parsed(Parse parse) const
      -> std::optional<typename std::invoke_result_t<Parse, absl::string_view>::value_type> {
    if (HasText()) {
      auto value = parse(node_->text);
      // Before the advice to quote it, which would not help then.
      if (!value.ok()) {
        Refuse(value.status().message());
        return std::nullopt;
      }
      if (String().has_value()) return *std::move(value);
      return std::nullopt;
    }
    RefuseKind("a string");
    return std::nullopt;
  }

  // Notes a problem with this field.
  void Refuse(absl::string_view message) const;
  // Notes "must be WANTED, not …".
  void RefuseKind(absl::string_view wanted) const;

 private:
  friend class Mapping;

  static absl::Status AnyName(absl::string_view) { return absl::OkStatus(); }

  // A scalar that is not null.
  bool HasText() const { return node_->kind == Node::Kind::kScalar && !IsNull(); }
  // Notes "must be WANTED, not …".
  std::optional<std::vector<Field>> ListOf(absl::string_view wanted) const;
  // "a number (5)", "a list", …
  std::string Description() const;

  const Node* node_;
  std::string path_;
  Problems* problems_;
};

// A member of a mapping whose keys people choose. `key` is the name itself: its place in the file
// is what a problem with the name should show.
struct NamedField {
  std::string name;
  Field key;
  Field value;
};

// The members of a mapping with fixed keys.
class Mapping {
 public:
  explicit Mapping(Field self) : self_(std::move(self)) {}

  const Field& self() const { return self_; }
  std::optional<Field> Find(absl::string_view key) const;
  // Notes a problem if the key is missing.
  std::optional<Field> Require(absl::string_view key) const;

 private:
  Field self_;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_FIELD_H_
