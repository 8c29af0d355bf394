#ifndef DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_
#define DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "services/common/async/task.h"
#include "services/proxy/backend/pipe_pool.h"
#include "services/proxy/backend/relay.h"
#include "services/proxy/domain/ipv4_address.h"

namespace drover::proxy {

// A relay on a thread of its own, so that what it carries does not delay the daemon's orders. Bytes
// do not pass through it: splice(2) moves them inside the kernel.
class SpliceRelay : public Relay {
 public:
  struct Options {
    // 0 = any free one.
    int listen_port = 0;
    // Connections that wait at one time. The SYNs of more are dropped, and the clients try again.
    // Fewer if the process may not open as many descriptors.
    int maximum_held = 10'000;
    // How long a connection waits, for its port's release and then for an answer from there, before
    // it is reset.
    std::chrono::milliseconds patience = std::chrono::seconds(60);
    // One of those that waited keeps others back until it is answered, or for so long. Replaced in
    // tests only.
    std::chrono::milliseconds entry_time = std::chrono::milliseconds(5);
    // Held from the beginning, before Hold can be called.
    std::set<int> held_ports;
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
  void SetOwnPorts(const OwnPorts& own_ports) override;
  RelayCounters counters() const override;

  int listen_port() const { return listen_port_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = std::chrono::steady_clock::time_point;

  // An accepted connection.
  struct Client {
    Ipv4Address address;
    // That it was made to.
    int external_port = 0;
    // With which its SYN arrived; 0 = unknown.
    int time_to_live = 0;
    Time deadline;
  };
  struct Waiting {
    Ipv4Address address;
    boost::asio::steady_timer* timer;
    // Its turn has come, and it was told.
    bool woken = false;
  };

  // Both ends of a connection that is carried on.
  struct Session {
    Session(Socket client, Socket application, std::shared_ptr<boost::asio::steady_timer> entry)
        : client(std::move(client)), application(std::move(application)), entry(std::move(entry)) {}
    Socket client;
    Socket application;
    // Of one that waited; null = it did not.
    std::shared_ptr<boost::asio::steady_timer> entry;
    // That have not ended.
    int directions = 2;
  };

  explicit SpliceRelay(Options options);

  Task<void> Accept();
  Task<void> Serve(Socket socket);
  Task<void> Carry(std::shared_ptr<Session> session, bool to_application);
  // One connection less is served.
  void Leave();
  // Lets new connections in, or not, by how many there are.
  void UpdateDoor();
  // False if the port was not released in time.
  Task<bool> AwaitTurn(Client client);
  // Not open if the application did not answer in time.
  Task<Socket> Connect(Client client);
  Task<bool> ConnectOnce(Socket& socket, boost::asio::ip::tcp::endpoint target,
                         std::chrono::milliseconds limit);
  // `time_to_live`: that the client's first packet had left; 0 = does not matter.
  void SetOptions(Socket& socket, int time_to_live) const;
  bool MustWait(const Client& client) const;
  // Lets in those whose turn it is after one that was let in earlier.
  void EndEntry(int port);
  // Wakes so many of those that wait for a port, unless it is held.
  void LetIn(int port, int count);
  // Of one of them: when the timer expires, or is cancelled, EndEntry is called.
  std::shared_ptr<boost::asio::steady_timer> BeginEntry(int port);
  boost::asio::ip::tcp::endpoint TargetOf(const Client& client) const;

  const Options options_;
  int maximum_served_ = 0;
  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int listener_ = -1;
  int listen_port_ = 0;
  std::atomic<int> waiting_now_ = 0;
  std::atomic<int64_t> held_ = 0;
  std::atomic<int64_t> expired_ = 0;
  // All below: on the relay's thread.
  std::set<int> held_ports_;
  OwnPorts own_ports_;
  PipePool pipes_;
  int served_ = 0;
  // By external port, in the order in which they came.
  std::multimap<int, Waiting> waiting_;
  // How those come in that waited for a port.
  struct Entrance {
    // At one time.
    int width = 0;
    // That are in since there was one more room.
    int ended = 0;
  };
  std::map<int, Entrance> entrances_;
  bool door_is_open_ = true;
  std::thread thread_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_SPLICE_RELAY_H_
