#include "services/proxy/backend/splice_relay.h"

#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/proxy/backend/splice.h"

namespace drover::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
// Between two attempts to reach an application that does not accept yet.
constexpr auto kConnectAgainAfter = std::chrono::milliseconds(20);
// After accept() failed, for want of descriptors most likely.
constexpr auto kAcceptAgainAfter = std::chrono::milliseconds(100);

// How long an attempt to connect may take; 0 = as long as the kernel wants.
void LimitConnect(tcp::socket& socket, std::chrono::milliseconds limit) {
  const auto milliseconds = static_cast<unsigned>(std::max<int64_t>(limit.count(), 0));
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
             sizeof(milliseconds));
}

// Where the connection was going before the kernel's table redirected it here.
int OriginalPort(tcp::socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  if (getsockopt(socket.native_handle(), SOL_IP, SO_ORIGINAL_DST, &address, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

// The other side gets a reset: nothing may look like an orderly end.
void Reset(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

// Both ends of a connection that is carried on.
struct Session {
  tcp::socket client;
  tcp::socket application;
};

Task<void> Carry(std::shared_ptr<Session> session, bool to_application) {
  tcp::socket& from = to_application ? session->client : session->application;
  tcp::socket& to = to_application ? session->application : session->client;
  const absl::Status status = co_await Splice(from, to);
  if (status.ok()) co_return;
  Reset(session->client);
  Reset(session->application);
}

}  // namespace

SpliceRelay::SpliceRelay(Options options)
    : options_(std::move(options)), acceptor_(io_), room_(io_) {}

absl::StatusOr<std::unique_ptr<SpliceRelay>> SpliceRelay::Start(Options options) {
  if (!options.external_port) options.external_port = &OriginalPort;
  std::unique_ptr<SpliceRelay> relay(new SpliceRelay(std::move(options)));
  const tcp::endpoint endpoint(tcp::v4(), static_cast<uint16_t>(relay->options_.listen_port));
  boost::system::error_code error;
  relay->acceptor_.open(endpoint.protocol(), error);
  if (!error) relay->acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) relay->acceptor_.bind(endpoint, error);
  if (!error) relay->acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("the relay cannot listen on port ", endpoint.port(), ": ", error.message()));
  }
  relay->listen_port_ = relay->acceptor_.local_endpoint().port();
  asio::co_spawn(relay->io_, relay->Accept(), asio::detached);
  relay->thread_ = std::thread([relay = relay.get()] { relay->io_.run(); });
  return relay;
}

SpliceRelay::~SpliceRelay() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
}

void SpliceRelay::Hold(const std::set<int>& ports) {
  asio::post(io_, [this, ports] { held_ports_.insert(ports.begin(), ports.end()); });
}

void SpliceRelay::Release(const std::set<int>& ports) {
  asio::post(io_, [this, ports] {
    for (int port : ports) {
      held_ports_.erase(port);
      const auto [first, last] = waiting_.equal_range(port);
      for (auto one = first; one != last; ++one) one->second->cancel();
    }
  });
}

Task<void> SpliceRelay::Accept() {
  while (true) {
    while (static_cast<int>(waiting_.size()) >= options_.maximum_held) {
      room_.expires_at(steady_clock::time_point::max());
      co_await room_.async_wait(kUse);
    }
    auto [error, client] = co_await acceptor_.async_accept(kUse);
    if (error) {
      room_.expires_after(kAcceptAgainAfter);
      co_await room_.async_wait(kUse);
      continue;
    }
    asio::co_spawn(io_, Serve(std::move(client)), asio::detached);
  }
}

Task<void> SpliceRelay::Serve(Socket client) {
  const int port = options_.external_port(client);
  // Somebody who connects to the relay itself would be led in a circle.
  if (port == 0 || port == listen_port_) co_return;
  const steady_clock::time_point deadline = steady_clock::now() + options_.patience;
  const bool released = co_await AwaitRelease(port, deadline);
  if (!released) {
    Reset(client);
    co_return;
  }
  Socket application = co_await Connect(port, deadline);
  if (!application.is_open()) {
    Reset(client);
    co_return;
  }
  boost::system::error_code ignored;
  client.non_blocking(true, ignored);
  application.non_blocking(true, ignored);
  client.set_option(tcp::no_delay(true), ignored);
  application.set_option(tcp::no_delay(true), ignored);
  auto session = std::make_shared<Session>(std::move(client), std::move(application));
  asio::co_spawn(io_, Carry(session, true), asio::detached);
  asio::co_spawn(io_, Carry(session, false), asio::detached);
}

Task<bool> SpliceRelay::AwaitRelease(int port, steady_clock::time_point deadline) {
  if (!held_ports_.contains(port)) co_return true;
  asio::steady_timer timer(io_, deadline);
  const auto entry = waiting_.emplace(port, &timer);
  while (held_ports_.contains(port) && steady_clock::now() < deadline) {
    co_await timer.async_wait(kUse);
  }
  waiting_.erase(entry);
  room_.cancel();
  co_return !held_ports_.contains(port);
}

Task<tcp::socket> SpliceRelay::Connect(int port, steady_clock::time_point deadline) {
  // Through the kernel's table like every client of this machine, which leads to the owner
  // wherever that is by now.
  const tcp::endpoint target(asio::ip::address_v4::loopback(), static_cast<uint16_t>(port));
  asio::steady_timer pause(io_);
  do {
    tcp::socket socket(io_, tcp::v4());
    const int mark = options_.socket_mark;
    if (mark != 0) setsockopt(socket.native_handle(), SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
    LimitConnect(socket, std::chrono::duration_cast<std::chrono::milliseconds>(
                             deadline - steady_clock::now()));
    auto [error] = co_await socket.async_connect(target, kUse);
    if (!error) {
      LimitConnect(socket, std::chrono::milliseconds(0));
      co_return socket;
    }
    pause.expires_after(kConnectAgainAfter);
    co_await pause.async_wait(kUse);
  } while (steady_clock::now() < deadline);
  co_return tcp::socket(io_);
}

}  // namespace drover::proxy
