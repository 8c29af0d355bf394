// The listeners as /proc shows them.
#ifndef DROVER_SERVICES_PROXY_BACKEND_PROC_LISTENER_TABLE_H_
#define DROVER_SERVICES_PROXY_BACKEND_PROC_LISTENER_TABLE_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "services/proxy/backend/listener_table.h"

namespace drover::proxy {

// Of the calling thread's network namespace, IPv4 and IPv6 (which often takes IPv4 too). The
// program's name needs the right to look into its /proc folder; else it is "a program that cannot
// be seen".
class ProcListenerTable : public ListenerTable {
 public:
  absl::StatusOr<std::map<int, std::string>> Find(const std::set<int>& ports) override;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_PROC_LISTENER_TABLE_H_
