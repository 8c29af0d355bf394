// From host names to addresses.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_HOST_RESOLVER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_HOST_RESOLVER_H_

#include <string>
#include <vector>

#include "services/common/async/blocking.h"
#include "services/common/async/task.h"

namespace drover::coordinator {

class HostResolver {
 public:
  virtual ~HostResolver() = default;

  // The IPv4 addresses of `host`; of an address, the address. Empty if there is none.
  virtual Task<std::vector<std::string>> Resolve(std::string host) = 0;
};

// Asks the system: /etc/hosts, DNS.
class SystemHostResolver : public HostResolver {
 public:
  explicit SystemHostResolver(BlockingPool& pool) : pool_(pool) {}
  Task<std::vector<std::string>> Resolve(std::string host) override;

 private:
  BlockingPool& pool_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_HOST_RESOLVER_H_
