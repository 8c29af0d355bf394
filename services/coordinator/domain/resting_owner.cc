#include "services/coordinator/domain/resting_owner.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/coordinator/domain/move_problem.h"

namespace drover::coordinator {

absl::StatusOr<Held> FindRestingOwner(const ClusterView& view, const ApplicationName& name) {
  const auto record = view.applications.find(name);
  if (record == view.applications.end()) return NoApplication(view.applications, name.value());
  if (std::string busy = BusyProblem(view, name); !busy.empty()) return absl::AbortedError(busy);
  const NodeName& node_name = record->second.node;
  const NodeView* node = view.FindNode(node_name);
  if (node == nullptr || !node->reachable) {
    return absl::UnavailableError(absl::StrCat(
        "the data of ", name.value(), " is on ", node_name.value(), ", which does not answer",
        node == nullptr ? "" : ": ", node == nullptr ? "" : node->problem));
  }
  const GroupView* group = FindGroup(*node, name);
  if (group == nullptr || !IsOwner(group->state)) {
    return absl::FailedPreconditionError(
        absl::StrCat(node_name.value(), " does not have the data of ", name.value(),
                     " any more; `drover doctor` says what is where"));
  }
  const Held owner{node, group};
  const std::string problem = OwnerProblem(view, name, owner);
  if (!problem.empty()) return absl::FailedPreconditionError(problem);
  return owner;
}

absl::Status NoApplication(const std::map<ApplicationName, ApplicationRecord>& applications,
                           const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [application, record] : applications) known.push_back(application.value());
  return absl::NotFoundError(
      absl::StrCat("there is no application ", name,
                   known.empty() ? "; none has been deployed yet"
                                 : absl::StrCat("; there are: ", absl::StrJoin(known, ", "))));
}

absl::Status CheckAllAnswer(const ClusterView& view, const std::string& why) {
  std::vector<std::string> silent;
  for (const NodeView& node : view.nodes) {
    if (!node.volumes_known) silent.push_back(node.name.value());
  }
  if (silent.empty()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(absl::StrJoin(silent, ", "), silent.size() == 1 ? " does" : " do",
                   " not answer, and ", why, "; bring ", silent.size() == 1 ? "it" : "them",
                   " back, or, if no application is there, use `drover nodes remove`"));
}

}  // namespace drover::coordinator
