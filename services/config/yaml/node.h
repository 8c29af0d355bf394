// A YAML document as a tree, free of the library that parsed it.
#ifndef DROVER_SERVICES_CONFIG_YAML_NODE_H_
#define DROVER_SERVICES_CONFIG_YAML_NODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

struct Member;

// Aliases are expanded: a node that an alias repeats keeps the location of its anchor.
struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMapping };

  Kind kind = Kind::kNull;
  Location location;
  // Of a kScalar. A quoted scalar is a string, whatever it looks like.
  std::string text;
  bool quoted = false;
  // Of a kSequence.
  std::vector<Node> items;
  // Of a kMapping, in the order of the file; keys are scalars and occur once.
  std::vector<Member> members;
};

struct Member {
  Node key;
  Node value;
};

// The value of a mapping's key; nullptr if it has no such key.
inline const Node* FindValue(const Node& mapping, absl::string_view key) {
  for (const Member& member : mapping.members) {
    if (member.key.text == key) return &member.value;
  }
  return nullptr;
}

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_NODE_H_
