#include "services/config/compose/variables.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

bool BeginsVariable(char c) { return absl::ascii_isalpha(c) || c == '_' || c == '{'; }

void Replace(Node& node, const std::string& path, Problems& problems) {
  std::string text;
  for (size_t i = 0; i < node.text.size(); ++i) {
    const char next = i + 1 < node.text.size() ? node.text[i + 1] : '\0';
    if (node.text[i] == '$' && BeginsVariable(next)) {
      problems.Add(node.location, path,
                   absl::StrCat("variables are not replaced, so that the file says the same for "
                                "everybody; write the value, or $$ for a $ (",
                                Excerpt(node.text), ")"));
      return;
    }
    if (node.text[i] == '$' && next == '$') ++i;
    text.push_back(node.text[i]);
  }
  node.text = std::move(text);
}

void Visit(Node& node, const std::string& path, Problems& problems) {
  if (node.kind == Node::Kind::kScalar) Replace(node, path, problems);
  for (size_t i = 0; i < node.items.size(); ++i) {
    Visit(node.items[i], absl::StrCat(path, "[", i, "]"), problems);
  }
  for (Member& member : node.members) {
    Visit(member.value, absl::StrCat(path, path.empty() ? "" : ".", Excerpt(member.key.text)),
          problems);
  }
}

}  // namespace

Node WithoutVariables(Node root, Problems& problems) {
  Visit(root, "", problems);
  return root;
}

}  // namespace drover::config
