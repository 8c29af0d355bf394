#include "services/config/compose/variables.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

bool BeginsVariable(char c) { return absl::ascii_isalpha(c) || c == '_' || c == '{'; }

class Visitor {
 public:
  explicit Visitor(Problems& problems) : problems_(problems) {}

  void Visit(Node& node, const std::string& path) {
    if (node.kind == Node::Kind::kScalar) Replace(node, path);
    for (size_t i = 0; i < node.items.size(); ++i) {
      Visit(node.items[i], absl::StrCat(path, "[", i, "]"));
    }
    for (Member& member : node.members) {
      Visit(member.value, absl::StrCat(path, path.empty() ? "" : ".", Excerpt(member.key.text)));
    }
  }

 private:
  void Replace(Node& node, const std::string& path) {
    std::string text;
    for (size_t i = 0; i < node.text.size(); ++i) {
      const char next = i + 1 < node.text.size() ? node.text[i + 1] : '\0';
      if (node.text[i] == '$' && BeginsVariable(next)) {
        Note(node, path);
        return;
      }
      if (node.text[i] == '$' && next == '$') ++i;
      text.push_back(node.text[i]);
    }
    node.text = std::move(text);
  }

  void Note(const Node& node, const std::string& path) {
    if (!noted_.emplace(node.location.line, node.location.column).second) return;
    problems_.Add(node.location, path,
                  absl::StrCat("variables are not replaced, so that the file says the same for "
                               "everybody; write the value, or $$ for a $ (",
                               Excerpt(node.text), ")"));
  }

  Problems& problems_;
  // Lines and columns: what aliases repeat is where its anchor is.
  std::set<std::pair<int, int>> noted_;
};

}  // namespace

Node WithoutVariables(Node root, Problems& problems) {
  Visitor(problems).Visit(root, "");
  return root;
}

}  // namespace drover::config
