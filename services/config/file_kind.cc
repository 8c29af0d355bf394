#include "services/config/file_kind.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/config/compose/fig_application.h"
#include "services/config/yaml/near_word.h"

namespace drover::config {
namespace {

bool HasKey(const Node& root, absl::string_view key) { return FindValue(root, key) != nullptr; }

// Fig has the applications themselves at the top, and may have none.
bool IsFig(const Node& root) {
  if (root.kind == Node::Kind::kMapping && root.members.empty()) return true;
  return std::any_of(root.members.begin(), root.members.end(),
                     [](const Member& member) { return IsFigApplication(member.value); });
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

}  // namespace

FileKind KindOf(const Node& root) {
  if (HasKey(root, "applications") || IsFig(root)) return FileKind::kApplications;
  if (HasKey(root, "nodes")) return FileKind::kDeployment;
  if (HasKey(root, "services")) return FileKind::kApplications;
  return FileKind::kUnclear;
}

void MendKey(Node& root, FileKind other, Problems& problems) {
  if (KindOf(root) != FileKind::kUnclear) return;
  for (Member& member : root.members) {
    const std::optional<absl::string_view> meant = NearWord(member.key.text, TellingKeys(other));
    if (!meant.has_value()) continue;
    problems.Add(member.key.location, member.key.text,
                 absl::StrCat("unknown key; did you mean `", *meant, "`?"));
    member.key.text = std::string(*meant);
    return;
  }
}

}  // namespace drover::config
