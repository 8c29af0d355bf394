#ifndef DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_
#define DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/proxy/backend/relay.h"

namespace drover::proxy {

// A relay on a thread of its own, so that what it carries does not delay the daemon's orders. Bytes
// do not pass through it: splice(2) moves them inside the kernel.
class SpliceRelay : public Relay {
 public:
  struct Options {
    // 0 = any free one.
    int listen_port = 0;
    // Connections that wait at one time. Those beyond it are not accepted: the kernel drops their
    // SYN once its own queue is full, and they try again.
    int maximum_held = 10'000;
    // How long a connection waits, for its port's release and then for an answer from there, before
    // it is reset.
    std::chrono::milliseconds patience = std::chrono::seconds(60);
    // The mark of the sockets that carry connections on, for the kernel's table to let them pass.
    int socket_mark = 0;
    // Which external port an accepted connection was made to; 0 = none. Replaced in tests only.
    std::function<int(boost::asio::ip::tcp::socket&)> external_port;
  };

  // UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<SpliceRelay>> Start(Options options);
  // Resets what it carries.
  ~SpliceRelay() override;

  void Hold(const std::set<int>& ports) override;
  void Release(const std::set<int>& ports) override;

  int listen_port() const { return listen_port_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;

  explicit SpliceRelay(Options options);

  Task<void> Accept();
  Task<void> Serve(Socket client);
  // False if the port was not released in time.
  Task<bool> AwaitRelease(int port, std::chrono::steady_clock::time_point deadline);
  // Not open if the application did not answer in time.
  Task<Socket> Connect(int port, std::chrono::steady_clock::time_point deadline);

  const Options options_;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int listen_port_ = 0;
  // All below: on the relay's thread.
  std::set<int> held_ports_;
  // Of the connections that wait, by port; cancelled at its release.
  std::multimap<int, boost::asio::steady_timer*> waiting_;
  // Cancelled when fewer than the maximum wait.
  boost::asio::steady_timer room_;
  std::thread thread_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_
