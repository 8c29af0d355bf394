#include "services/common/graph/cycle.h"

#include <algorithm>
#include <set>

namespace drover {
namespace {

// Follows the ways from each name; `path_` is the one that leads to where it is now.
class Search {
 public:
  explicit Search(const NameGraph& graph) : graph_(graph) {}

  bool From(const std::string& name) {
    if (on_path_.contains(name)) {
      path_.erase(path_.begin(), std::find(path_.begin(), path_.end(), name));
      return true;
    }
    const auto entry = graph_.find(name);
    if (entry == graph_.end() || !seen_.insert(name).second) return false;
    path_.push_back(name);
    on_path_.insert(name);
    for (const std::string& next : entry->second) {
      if (From(next)) return true;
    }
    path_.pop_back();
    on_path_.erase(name);
    return false;
  }

  const std::vector<std::string>& path() const { return path_; }

 private:
  const NameGraph& graph_;
  std::vector<std::string> path_;
  std::set<std::string> on_path_;  // The same names, to look them up.
  std::set<std::string> seen_;
};

}  // namespace

std::vector<std::string> FindCycle(const NameGraph& graph) {
  Search search(graph);
  for (const auto& [name, targets] : graph) {
    if (search.From(name)) return search.path();
  }
  return {};
}

}  // namespace drover
