#include "services/config/file_kind.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/config/compose/fig_application.h"
#include "services/config/yaml/near_word.h"

namespace drover::config {
namespace {

bool HasKey(const Node& root, absl::string_view key) { return FindValue(root, key) != nullptr; }

// Named like what Compose leaves to people's own use: parts of services mostly.
bool HasOwnKey(const Member& member) { return absl::StartsWith(member.key.text, "x-"); }

// Fig has the applications themselves at the top, and may have none. Beside other keys, `x-…` shows
// nothing.
bool IsFig(const Node& root) {
  const std::vector<Member>& members = root.members;
  if (root.kind == Node::Kind::kMapping && members.empty()) return true;
  const bool has_only_own_keys = std::all_of(members.begin(), members.end(), HasOwnKey);
  return std::any_of(members.begin(), members.end(), [has_only_own_keys](const Member& member) {
    return IsFigApplication(member.value) && (has_only_own_keys || !HasOwnKey(member));
  });
}

// Fig has no `version`, other than as an application, so that nothing here is one of Fig.
bool IsDeployment(const Node& root) {
  const Node* version = FindValue(root, "version");
  return version != nullptr && version->kind != Node::Kind::kMapping && HasKey(root, "nodes");
}

std::vector<absl::string_view> TellingKeys(FileKind other) {
  switch (other) {
    case FileKind::kDeployment:
      return {"applications", "services"};
    case FileKind::kApplications:
      return {"nodes"};
    case FileKind::kUnclear:
      break;
  }
  return {"nodes", "applications", "services"};
}

// Below `applications` and `services` are applications. An application of Fig, which may be named
// nearly so, has other things below.
bool MayBeMeant(absl::string_view key, const Node& value) {
  return key == "nodes" ||
         std::all_of(value.members.begin(), value.members.end(), [](const Member& member) {
           return member.value.kind == Node::Kind::kMapping;
         });
}

}  // namespace

FileKind KindOf(const Node& root) {
  if (HasKey(root, "applications")) return FileKind::kApplications;
  if (IsDeployment(root)) return FileKind::kDeployment;
  if (IsFig(root)) return FileKind::kApplications;
  if (HasKey(root, "nodes")) return FileKind::kDeployment;
  if (HasKey(root, "services")) return FileKind::kApplications;
  return FileKind::kUnclear;
}

void MendKey(Node& root, FileKind other, Problems& problems) {
  if (KindOf(root) != FileKind::kUnclear) return;
  for (Member& member : root.members) {
    const std::optional<absl::string_view> meant = NearWord(member.key.text, TellingKeys(other));
    if (!meant.has_value() || !MayBeMeant(*meant, member.value)) continue;
    problems.Add(member.key.location, member.key.text,
                 absl::StrCat("unknown key; did you mean `", *meant, "`?"));
    member.key.text = std::string(*meant);
    return;
  }
}

}  // namespace drover::config
