// Results for programs: a tree that is written as JSON or YAML.
#ifndef DROVER_CLI_RENDER_DOCUMENT_H_
#define DROVER_CLI_RENDER_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace drover::cli {

// Null, a boolean, a whole number, a string, a list or an object whose members keep their order.
class Document {
 public:
  Document() = default;  // Null.
  static Document Boolean(bool value);
  static Document Number(int64_t value);
  static Document String(absl::string_view value);
  // Null if empty: for fields that may have no value.
  static Document StringOrNull(absl::string_view value);
  // RFC 3339 in UTC, to the second.
  static Document Time(absl::Time value);
  static Document List();
  static Document Object();

  // Appends a member to an object; answers the object.
  Document& Set(std::string key, Document value);
  // Appends an item to a list; answers the list.
  Document& Add(Document item);

  // Both end with a line end.
  std::string ToJson() const;
  std::string ToYaml() const;

 private:
  enum class Kind { kNull, kBoolean, kNumber, kString, kList, kObject };

  explicit Document(Kind kind) : kind_(kind) {}
  bool IsCollection() const { return kind_ == Kind::kList || kind_ == Kind::kObject; }
  std::string ScalarText() const;
  void WriteJson(int indent, std::string& out) const;
  void WriteYaml(int indent, std::string& out) const;

  Kind kind_ = Kind::kNull;
  bool boolean_ = false;
  int64_t number_ = 0;
  std::string string_;
  // Items of a list have empty keys.
  std::vector<std::pair<std::string, Document>> children_;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_DOCUMENT_H_
