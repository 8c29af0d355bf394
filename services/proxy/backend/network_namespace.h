// Network namespaces for tests: machines in miniature that vanish with the test.
#ifndef DROVER_SERVICES_PROXY_BACKEND_NETWORK_NAMESPACE_H_
#define DROVER_SERVICES_PROXY_BACKEND_NETWORK_NAMESPACE_H_

#include <functional>
#include <string>

namespace drover::proxy {

// A new namespace with only its loopback interface, up. Held by a descriptor alone, so nothing is
// left of it however the test ends. Needs root.
class NetworkNamespace {
 public:
  NetworkNamespace();
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  // Runs `work` on a thread inside the namespace, and waits for its end.
  void Run(const std::function<void()>& work) const;
  // Runs a command inside the namespace; it must succeed.
  void Command(const std::string& command) const;
  // For `ip link set … netns PATH`.
  std::string path() const;

 private:
  int fd_ = -1;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_NETWORK_NAMESPACE_H_
