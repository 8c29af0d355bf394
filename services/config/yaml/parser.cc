#include "services/config/yaml/parser.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

constexpr size_t kMaxBytes = 1 << 20;
constexpr int kMaxDepth = 32;
constexpr size_t kMaxKeyBytes = 1024;
constexpr int kMaxNodesWithAliases = 10000;
constexpr size_t kMaxAliasedMebibytes = 16;
constexpr char kOpenQuote[] = "not valid YAML: a quote is opened and not closed again";

// Ends the parse from inside a library callback; never leaves this file.
struct Refusal {
  Location location;
  std::string message;
};

int CountNodes(const Node& node) {
  int count = 1;
  for (const Node& item : node.items) count += CountNodes(item);
  for (const Member& member : node.members) count += 1 + CountNodes(member.value);
  return count;
}

// Of keys and values.
size_t CountTextBytes(const Node& node) {
  size_t bytes = node.text.size();
  for (const Node& item : node.items) bytes += CountTextBytes(item);
  for (const Member& member : node.members) {
    bytes += member.key.text.size() + CountTextBytes(member.value);
  }
  return bytes;
}

// Of lists and mappings, as when they are written out.
int Height(const Node& node) {
  if (node.kind == Node::Kind::kScalar || node.kind == Node::Kind::kNull) return 0;
  int below = 0;
  for (const Node& item : node.items) below = std::max(below, Height(item));
  for (const Member& member : node.members) below = std::max(below, Height(member.value));
  return 1 + below;
}

// Builds the tree from the library's events, so that a limit stops the parse where it is passed.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string file, Problems& problems) : file_(std::move(file)), problems_(problems) {}

  Node TakeRoot() { return std::move(root_); }
  // Where the last scalar begins, if it is quoted.
  const std::optional<Location>& last_quote() const { return last_quote_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) Refuse(At(mark), "a second document starts here; a file holds one");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.location = At(mark);
    Finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(At(mark), "an alias cannot stand inside what it repeats");
    aliases_used_ = true;
    node_count_ += CountNodes(found->second);
    CheckNodeCount(At(mark));
    aliased_bytes_ += CountTextBytes(found->second);
    CheckAliasedText(At(mark));
    CheckDepth(At(mark), static_cast<int>(open_.size()) + Height(found->second));
    Attach(found->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // The library's tags of scalars without one: "?" for plain, "!" for quoted.
    const bool quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!quoted && tag != "?" && !tag.empty()) NoteTag(mark, tag);
    Node node;
    node.kind = Node::Kind::kScalar;
    node.location = At(mark);
    node.text = value;
    node.quoted = quoted;
    last_quote_ = quoted ? std::make_optional(node.location) : std::nullopt;
    Finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(Node::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(Node::Kind::kMapping, mark, tag, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A sequence or mapping whose end has not been seen.
  struct OpenNode {
    Node node;
    YAML::anchor_t anchor;
    // In a mapping: the key whose value comes next.
    std::optional<Node> key;
    std::map<std::string, Location> keys;
  };

  Location At(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  [[noreturn]] static void Refuse(Location location, std::string message) {
    throw Refusal{std::move(location), std::move(message)};
  }

  void NoteTag(const YAML::Mark& mark, const std::string& tag) {
    problems_.Add(At(mark), Path(),
                  absl::StrCat("the tag ", Excerpt(tag), " is not supported; write a plain value"));
  }

  static void CheckDepth(const Location& location, int depth) {
    if (depth > kMaxDepth) Refuse(location, absl::StrCat("deeper than ", kMaxDepth, " levels"));
  }

  // Only aliases can make a small file large, so a file without them is limited by its size alone.
  void CheckNodeCount(const Location& location) const {
    if (aliases_used_ && node_count_ > kMaxNodesWithAliases) {
      Refuse(location, absl::StrCat("the aliases expand the file to more than ",
                                    kMaxNodesWithAliases, " values"));
    }
  }

  // Few values may be long ones.
  void CheckAliasedText(const Location& location) const {
    if (aliased_bytes_ > kMaxAliasedMebibytes << 20) {
      Refuse(location, absl::StrCat("the aliases expand the file to more than ",
                                    kMaxAliasedMebibytes, " MiB of text"));
    }
  }

  // What is read or noted below a key repeats the keys that lead to it, so long ones would make a
  // small file large.
  void CheckKeyLength(const Node& key) const {
    size_t bytes = key.text.size();
    for (const OpenNode& open : open_) {
      if (open.key.has_value()) bytes += open.key->text.size();
    }
    if (bytes > kMaxKeyBytes) {
      Refuse(key.location, absl::StrCat("this key, with those above it, is longer than ",
                                        kMaxKeyBytes, " bytes"));
    }
  }

  // Of the member or item that is being read.
  std::string Path() const {
    std::string path;
    for (const OpenNode& open : open_) {
      if (open.node.kind == Node::Kind::kSequence) {
        absl::StrAppend(&path, "[", open.node.items.size(), "]");
      } else if (open.key.has_value() && !open.key->text.empty()) {  // A key may be a list.
        absl::StrAppend(&path, path.empty() ? "" : ".", Excerpt(open.key->text));
      }
    }
    return path;
  }

  void Open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    if (!tag.empty() && tag != "?" && tag != "!") NoteTag(mark, tag);
    CheckDepth(At(mark), static_cast<int>(open_.size()) + 1);
    OpenNode open;
    open.node.kind = kind;
    open.node.location = At(mark);
    open.anchor = anchor;
    open_.push_back(std::move(open));
  }

  void Close() {
    OpenNode closed = std::move(open_.back());
    open_.pop_back();
    Finish(std::move(closed.node), closed.anchor);
  }

  void Finish(Node node, YAML::anchor_t anchor) {
    ++node_count_;
    CheckNodeCount(node.location);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    Attach(std::move(node));
  }

  void Attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node.kind == Node::Kind::kSequence) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key.has_value()) {
      AttachMember(parent, std::move(node));
    } else {
      CheckKeyLength(node);
      parent.key = std::move(node);
    }
  }

  void AttachMember(OpenNode& mapping, Node value) {
    const std::string path = Path();
    Node key = *std::move(mapping.key);
    mapping.key.reset();
    if (key.kind != Node::Kind::kScalar) {
      problems_.Add(key.location, Path(), "a key must be a single word or string");
      return;
    }
    // The library places an absent value where the next line begins, which helps nobody.
    if (value.kind == Node::Kind::kNull && value.location.line != key.location.line) {
      value.location = key.location;
    }
    auto [first, is_new] = mapping.keys.emplace(key.text, key.location);
    if (is_new) {
      mapping.node.members.push_back({std::move(key), std::move(value)});
      return;
    }
    problems_.Add(
        key.location, path,
        absl::StrCat("this key was given in line ", first->second.line, " already; keep one"));
  }

  const std::string file_;
  Problems& problems_;
  Node root_;
  std::optional<Location> last_quote_;
  std::vector<OpenNode> open_;
  std::map<YAML::anchor_t, Node> anchors_;
  int documents_ = 0;
  int node_count_ = 0;
  size_t aliased_bytes_ = 0;
  bool aliases_used_ = false;
};

// The tab in the indentation of the line where the library no longer understood, or of the one
// before. It looks like the spaces that YAML wants, and the library does not speak of it.
std::optional<Location> FindIndentingTab(const SourceFile& file,
                                         const YAML::ParserException& error) {
  // Between brackets tabs are as good as spaces.
  if (error.msg == YAML::ErrorMsg::END_OF_MAP_FLOW) return std::nullopt;
  if (error.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW) return std::nullopt;
  const std::vector<absl::string_view> lines = absl::StrSplit(file.content, '\n');
  for (int line : {error.mark.line, error.mark.line - 1}) {
    if (line < 0 || line >= static_cast<int>(lines.size())) continue;
    const size_t tab = lines[line].find('\t');
    if (tab == absl::string_view::npos || lines[line].find_first_not_of(" \t") < tab) continue;
    return Location{file.name, line + 1, static_cast<int>(tab) + 1};
  }
  return std::nullopt;
}

void NoteSyntaxError(const SourceFile& file, const YAML::ParserException& error,
                     Problems& problems) {
  const std::string message = error.msg == YAML::ErrorMsg::EOF_IN_SCALAR
                                  ? kOpenQuote
                                  : absl::StrCat("not valid YAML: ", error.msg);
  if (const std::optional<Location> tab = FindIndentingTab(file, error)) {
    problems.Add(
        *tab, "",
        absl::StrCat(message, "; this line is indented with a tab, and YAML needs spaces there"));
    return;
  }
  problems.Add({file.name, error.mark.line + 1, error.mark.column + 1}, "", message);
}

// Where a quote that the file does not close is opened. The library takes the end of a file for its
// other end if that is where a line begins, so it is asked about the file without its last line
// ends.
std::optional<Location> FindOpenQuote(const SourceFile& file, const TreeBuilder& parsed) {
  if (!parsed.last_quote().has_value()) return std::nullopt;
  std::istringstream stream{std::string(absl::StripTrailingAsciiWhitespace(file.content))};
  Problems noted_already;
  TreeBuilder builder(file.name, noted_already);
  try {
    YAML::Parser(stream).HandleNextDocument(builder);
  } catch (const Refusal&) {  // Of a tree that was not refused before: never.
  } catch (const YAML::ParserException& error) {
    if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) return parsed.last_quote();
  }
  return std::nullopt;
}

}  // namespace

std::optional<Node> ParseYaml(const SourceFile& file, Problems& problems) {
  if (file.content.size() > kMaxBytes) {
    problems.Add({file.name}, "", "larger than 1 MiB, which no configuration is");
    return std::nullopt;
  }
  std::istringstream stream(file.content);
  TreeBuilder builder(file.name, problems);
  std::optional<Node> root;
  try {
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      root = builder.TakeRoot();
      parser.HandleNextDocument(builder);
    } else {
      problems.Add({file.name}, "", "the file is empty");
    }
    if (const std::optional<Location> quote = FindOpenQuote(file, builder)) {
      problems.Add(*quote, "", kOpenQuote);
      return std::nullopt;
    }
  } catch (const Refusal& refusal) {
    problems.Add(refusal.location, "", refusal.message);
  } catch (const YAML::ParserException& error) {
    NoteSyntaxError(file, error, problems);
  }
  return root;
}

}  // namespace drover::config
