#include "services/coordinator/orchestrator/host_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <memory>
#include <utility>

namespace drover::coordinator {
namespace {

bool IsAddress(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::vector<std::string> LookUp(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;  // Each address once, not once per protocol.
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[INET_ADDRSTRLEN];
    const auto* address = reinterpret_cast<const sockaddr_in*>(one->ai_addr);
    addresses.push_back(inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text)));
  }
  return addresses;
}

}  // namespace

Task<std::vector<std::string>> SystemHostResolver::Resolve(std::string host) {
  if (IsAddress(host)) co_return std::vector<std::string>{host};
  auto look_up = [host] { return LookUp(host); };
  co_return co_await RunBlocking(pool_, std::move(look_up));
}

}  // namespace drover::coordinator
