#include "services/config/compose/merge_keys.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace drover::config {
namespace {

bool IsMergeKey(const Node& key) { return key.text == "<<" && !key.quoted; }

bool IsMapping(const Node& node) { return node.kind == Node::Kind::kMapping; }

bool MayBeMerged(const Node& value) {
  const bool is_list = value.kind == Node::Kind::kSequence;
  return IsMapping(value) ||
         (is_list && std::all_of(value.items.begin(), value.items.end(), IsMapping));
}

void AddMissing(std::vector<Member> from, std::vector<Member>& to, std::set<std::string>& keys) {
  for (Member& member : from) {
    if (keys.insert(member.key.text).second) to.push_back(std::move(member));
  }
}

void Merge(Node& node) {
  for (Node& item : node.items) Merge(item);
  for (Member& member : node.members) Merge(member.value);
  const auto merged = std::find_if(
      node.members.begin(), node.members.end(),
      [](const Member& member) { return IsMergeKey(member.key) && MayBeMerged(member.value); });
  if (merged == node.members.end()) return;
  Node value = std::move(merged->value);
  node.members.erase(merged);
  std::set<std::string> keys;
  for (const Member& member : node.members) keys.insert(member.key.text);
  if (IsMapping(value)) AddMissing(std::move(value.members), node.members, keys);
  for (Node& item : value.items) AddMissing(std::move(item.members), node.members, keys);
}

}  // namespace

Node WithMergedKeys(Node root) {
  Merge(root);
  return root;
}

}  // namespace drover::config
