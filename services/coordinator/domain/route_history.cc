#include "services/coordinator/domain/route_history.h"

namespace drover::coordinator {

void RouteHistory::Update(int64_t revision,
                          const std::map<ApplicationName, ApplicationRecord>& applications) {
  if (revision <= revision_) return;
  std::set<int> touched;
  std::vector<ApplicationName> gone;
  for (const auto& [name, source] : sources_) {
    if (!applications.contains(name)) gone.push_back(name);
  }
  for (const ApplicationName& name : gone) Claim(name, nullptr, touched);
  for (const auto& [name, application] : applications) {
    const auto known = sources_.find(name);
    if (known == sources_.end() || known->second.ports != application.spec.ports ||
        known->second.route != application.route) {
      Claim(name, &application, touched);
    }
  }
  std::set<int> changed;
  for (int port : touched) {
    const auto claims = claims_.find(port);
    const RouteEntry* now = claims == claims_.end() ? nullptr : &claims->second.begin()->second;
    const auto before = table_.find(port);
    if (now == nullptr ? before == table_.end()
                       : before != table_.end() && before->second == *now) {
      continue;
    }
    changed.insert(port);
    if (now == nullptr) {
      table_.erase(before);
    } else {
      table_.insert_or_assign(port, *now);
    }
  }
  if (revision_ == 0) {
    oldest_base_ = revision;
  } else {
    changes_[revision] = std::move(changed);
  }
  revision_ = revision;
  while (changes_.size() > remembered_) {
    oldest_base_ = changes_.begin()->first;
    changes_.erase(changes_.begin());
  }
}

void RouteHistory::Claim(const ApplicationName& name, const ApplicationRecord* now,
                         std::set<int>& touched) {
  const auto before = sources_.find(name);
  if (before != sources_.end()) {
    for (const PortMapping& port : before->second.ports) {
      const auto claims = claims_.find(port.external);
      if (claims == claims_.end()) continue;
      claims->second.erase(name);
      if (claims->second.empty()) claims_.erase(claims);
      touched.insert(port.external);
    }
    sources_.erase(before);
  }
  if (now == nullptr) return;
  sources_[name] = {now->spec.ports, now->route};
  if (!now->route.has_value()) return;
  for (const PortMapping& port : now->spec.ports) {
    claims_[port.external].try_emplace(
        name,
        RouteEntry{port.external, port.internal, name, now->route->node, now->route->container_id});
    touched.insert(port.external);
  }
}

std::optional<std::set<int>> RouteHistory::ChangedSince(int64_t base) const {
  if (base < oldest_base_ || base > revision_ || revision_ == 0) return std::nullopt;
  std::set<int> ports;
  for (auto change = changes_.upper_bound(base); change != changes_.end(); ++change) {
    ports.insert(change->second.begin(), change->second.end());
  }
  return ports;
}

}  // namespace drover::coordinator
