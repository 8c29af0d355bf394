#include "services/config/compose/fig_application.h"

#include <algorithm>

namespace drover::config {

bool IsFigApplication(const Node& value) {
  return std::any_of(value.members.begin(), value.members.end(), [](const Member& member) {
    const bool is_origin = member.key.text == "image" || member.key.text == "build";
    return is_origin &&
           (member.value.kind == Node::Kind::kScalar || member.value.kind == Node::Kind::kNull);
  });
}

}  // namespace drover::config
