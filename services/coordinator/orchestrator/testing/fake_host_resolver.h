// The host names a test knows.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_HOST_RESOLVER_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_HOST_RESOLVER_H_

#include <map>
#include <string>
#include <vector>

#include "services/coordinator/orchestrator/host_resolver.h"

namespace drover::coordinator {

class FakeHostResolver : public HostResolver {
 public:
  Task<std::vector<std::string>> Resolve(std::string host) override {
    auto found = known.find(host);
    if (found != known.end()) co_return found->second;
    const bool is_address = host.find_first_not_of("0123456789.") == std::string::npos;
    co_return is_address ? std::vector<std::string>(1, host) : std::vector<std::string>();
  }

  std::map<std::string, std::vector<std::string>> known;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_TESTING_FAKE_HOST_RESOLVER_H_
