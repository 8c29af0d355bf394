#include "cli/render/document.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/config/yaml/scalar.h"

namespace drover::cli {
namespace {

// In JSON's notation, which YAML's double quotes understand too.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (absl::ascii_iscntrl(c)) {
          absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned char>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

// Words and paths that no YAML reader takes for anything but a string.
bool IsPlainInYaml(absl::string_view text) {
  return !text.empty() && (absl::ascii_isalnum(text[0]) || text[0] == '/') &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
                              c == '/';
                     }) &&
         config::ClassifyPlainScalar(text) == config::ScalarKind::kString;
}

std::string Indent(int depth) { return std::string(2 * depth, ' '); }

}  // namespace

Document Document::Boolean(bool value) {
  Document document(Kind::kBoolean);
  document.boolean_ = value;
  return document;
}

Document Document::Number(int64_t value) {
  Document document(Kind::kNumber);
  document.number_ = value;
  return document;
}

Document Document::String(absl::string_view value) {
  Document document(Kind::kString);
  document.string_ = std::string(value);
  return document;
}

Document Document::StringOrNull(absl::string_view value) {
  return value.empty() ? Document() : String(value);
}

Document Document::Time(absl::Time value) {
  return String(absl::FormatTime(absl::RFC3339_sec, value, absl::UTCTimeZone()));
}

Document Document::List() { return Document(Kind::kList); }

Document Document::Object() { return Document(Kind::kObject); }

Document& Document::Set(std::string key, Document value) {
  children_.emplace_back(std::move(key), std::move(value));
  return *this;
}

Document& Document::Add(Document item) {
  children_.emplace_back("", std::move(item));
  return *this;
}

std::string Document::ToJson() const {
  std::string out;
  WriteJson(0, out);
  return out + "\n";
}

std::string Document::ToYaml() const {
  std::string out;
  if (IsCollection() && !children_.empty()) {
    WriteYaml(0, out);
    return out;
  }
  return absl::StrCat(IsCollection() ? (kind_ == Kind::kList ? "[]" : "{}") : ScalarText(), "\n");
}

std::string Document::ScalarText() const {
  switch (kind_) {
    case Kind::kBoolean:
      return boolean_ ? "true" : "false";
    case Kind::kNumber:
      return absl::StrCat(number_);
    case Kind::kString:
      return Quoted(string_);
    default:
      return "null";
  }
}

void Document::WriteJson(int indent, std::string& out) const {
  if (!IsCollection()) {
    out += ScalarText();
    return;
  }
  const bool is_object = kind_ == Kind::kObject;
  out += is_object ? "{" : "[";
  for (size_t i = 0; i < children_.size(); ++i) {
    const auto& [key, value] = children_[i];
    absl::StrAppend(&out, i == 0 ? "\n" : ",\n", Indent(indent + 1));
    if (is_object) absl::StrAppend(&out, Quoted(key), ": ");
    value.WriteJson(indent + 1, out);
  }
  if (!children_.empty()) absl::StrAppend(&out, "\n", Indent(indent));
  out += is_object ? "}" : "]";
}

// Writes the children of a collection that has some, each on lines of its own.
void Document::WriteYaml(int indent, std::string& out) const {
  for (const auto& [key, value] : children_) {
    const std::string head =
        kind_ == Kind::kList ? "-" : absl::StrCat(IsPlainInYaml(key) ? key : Quoted(key), ":");
    absl::StrAppend(&out, Indent(indent), head);
    if (!value.IsCollection()) {
      const bool is_plain = value.kind_ == Kind::kString && IsPlainInYaml(value.string_);
      absl::StrAppend(&out, " ", is_plain ? value.string_ : value.ScalarText(), "\n");
    } else if (value.children_.empty()) {
      out += value.kind_ == Kind::kList ? " []\n" : " {}\n";
    } else if (kind_ == Kind::kList) {
      // The first child of an item stands beside the dash.
      std::string item;
      value.WriteYaml(indent + 1, item);
      absl::StrAppend(&out, " ", absl::StripLeadingAsciiWhitespace(item));
    } else {
      out += "\n";
      value.WriteYaml(indent + 1, out);
    }
  }
}

}  // namespace drover::cli
