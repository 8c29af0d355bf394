#include "services/proxy/backend/splice_relay.h"

#include <linux/filter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/proxy/backend/connection_mark.h"
#include "services/proxy/backend/splice.h"

namespace drover::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
// Between two attempts to reach an application that does not accept yet.
constexpr auto kConnectAgainAfter = std::chrono::milliseconds(20);
// How long an attempt may take: the first, and the longest. An application that gets thousands of
// connections at once drops SYNs, and TCP repeats one after a second only.
constexpr auto kFirstAttempt = std::chrono::milliseconds(200);
constexpr auto kLongestAttempt = std::chrono::milliseconds(3000);
// Nodes that disagree have agreed by then, mostly.
constexpr auto kCircleLasts = std::chrono::seconds(1);
// So many of those that waited are let in at once at first, and one for each of them that is
// answered, or was not in time; and whenever all have been, one more. All at once, the first would
// be answered only when the last has connected, and an application that is not quite ready yet
// would answer all of them by an error.
constexpr int kFirstEntries = 2;
// After accept() failed, for want of descriptors most likely.
constexpr auto kAcceptAgainAfter = std::chrono::milliseconds(100);

// Where the connection was going before the kernel's table redirected it here.
int OriginalPort(tcp::socket& socket) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  if (getsockopt(socket.native_handle(), SOL_IP, SO_ORIGINAL_DST, &address, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

// That the first packet of an accepted connection had left; 0 if the kernel does not tell.
int TimeToLiveOf(tcp::socket& socket) {
  // The longest headers of IPv4 and TCP.
  union {
    iphdr ip;
    char bytes[120];
  } headers = {};
  socklen_t size = sizeof(headers);
  const int fd = socket.native_handle();
  const bool told = getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, &headers, &size) == 0;
  return told && size >= sizeof(iphdr) ? headers.ip.ttl : 0;
}

// How many descriptors this process may open, having asked for as many as it may have.
int DescriptorLimit() {
  // More than all that a relay can use.
  constexpr rlim_t kWanted = 1 << 17;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  rlimit raised = {kWanted, std::max(kWanted, limit.rlim_max)};
  if (limit.rlim_cur >= kWanted || setrlimit(RLIMIT_NOFILE, &raised) == 0) return kWanted;
  // Only a privileged process raises what it may have.
  raised = {limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) return static_cast<int>(limit.rlim_cur);
  return static_cast<int>(limit.rlim_max);
}

bool IsIn(tcp::socket& socket, int state) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  return getsockopt(socket.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == state;
}

// Its SYN was: so the other side knows nothing of it, or will have forgotten it.
bool IsUnanswered(tcp::socket& socket) { return IsIn(socket, TCP_SYN_SENT); }

// By a reset: what came before that could still be read, but whoever sent it has given it up, and
// may have sent it again by another way.
bool IsBroken(tcp::socket& socket) { return IsIn(socket, TCP_CLOSE); }

// While a client waits it sends nothing that would tell us that it is gone, or that a node on its
// way has forgotten it: so it is asked, and the answer breaks the connection. One that cannot be
// reached is waited for.
void AskWhetherItWaits(tcp::socket& socket) {
  constexpr int kSeconds = 1;
  constexpr int kLongerThanAnyPatience = 127;
  const int fd = socket.native_handle();
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kSeconds, sizeof(kSeconds));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &kSeconds, sizeof(kSeconds));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kLongerThanAnyPatience, sizeof(kLongerThanAnyPatience));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

void AskNoMore(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::socket::keep_alive(false), ignored);
}

Ipv4Address AddressOf(const tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  return error || !peer.address().is_v4() ? Ipv4Address()
                                          : Ipv4Address(peer.address().to_v4().to_uint());
}

// Not by accepting no more: the kernel's queue would fill up, and a client whose handshake is under
// way then may be reset. This lets those in, and drops the SYNs of others, which the kernel counts.
bool SetDoor(int listener, bool open) {
  if (open) {
    const int ignored = 0;
    return setsockopt(listener, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof(ignored)) == 0;
  }
  constexpr uint32_t kFlags = 13;  // In the TCP header, where a filter's packet begins.
  sock_filter drop_syns[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
                             BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
                             BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
                             BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0xffffffff)};
  const sock_fprog program = {.len = std::size(drop_syns), .filter = drop_syns};
  return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

// However it is closed, the other side gets a reset: nothing may look like an orderly end, also
// when this process is killed. A relay of another node would carry out what it has been sent before
// that. Not by asio's option: its destructors would take that back.
void EndByReset(tcp::socket& socket) {
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

void EndInOrder(tcp::socket& socket) {
  const linger off = {};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &off, sizeof(off));
}

}  // namespace

SpliceRelay::SpliceRelay(Options options) : options_(std::move(options)), acceptor_(io_) {
  // A connection that is carried has two sockets, and at times a pipe; the rest of the process has
  // a few hundred descriptors.
  maximum_served_ = std::max(1, (DescriptorLimit() - 512) / 3);
  held_ports_ = options_.held_ports;
}

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
  relay->listener_ = relay->acceptor_.native_handle();
  const int on = 1;
  setsockopt(relay->listener_, IPPROTO_TCP, TCP_SAVE_SYN, &on, sizeof(on));
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
    for (int port : ports) held_ports_.erase(port);
    for (int port : ports) {
      entrances_[port] = {.width = kFirstEntries};
      LetIn(port, kFirstEntries);
    }
  });
}

void SpliceRelay::LetIn(int port, int count) {
  if (held_ports_.contains(port)) return;
  const auto [first, last] = waiting_.equal_range(port);
  for (auto one = first; one != last && count > 0; ++one) {
    if (std::exchange(one->second.woken, true)) continue;
    one->second.timer->cancel();
    --count;
  }
}

void SpliceRelay::EndEntry(int port) {
  const auto entrance = entrances_.find(port);
  if (entrance == entrances_.end()) return;
  if (!waiting_.contains(port)) {
    entrances_.erase(entrance);
    return;
  }
  auto& [width, ended] = entrance->second;
  int count = 1;
  if (++ended == width) {
    ++width;
    ended = 0;
    ++count;
  }
  LetIn(port, count);
}

std::shared_ptr<asio::steady_timer> SpliceRelay::BeginEntry(int port) {
  auto entry = std::make_shared<asio::steady_timer>(io_, options_.entry_time);
  entry->async_wait([this, port](boost::system::error_code) { EndEntry(port); });
  return entry;
}

void SpliceRelay::SetOwnPorts(const OwnPorts& own_ports) {
  asio::post(io_, [this, own_ports] {
    own_ports_ = own_ports;
    for (const auto& [port, waiting] : waiting_) {
      if (own_ports_.contains({waiting.address, port})) waiting.timer->cancel();
    }
  });
}

RelayCounters SpliceRelay::counters() const {
  RelayCounters counters;
  counters.waiting = waiting_now_;
  counters.held = held_;
  counters.expired = expired_;
  // The kernel counts them for each socket that listens.
  uint32_t memory[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof(memory);
  if (getsockopt(listener_, SOL_SOCKET, SO_MEMINFO, memory, &size) == 0) {
    counters.dropped = memory[SK_MEMINFO_DROPS];
  }
  return counters;
}

Task<void> SpliceRelay::Accept() {
  asio::steady_timer pause(io_);
  while (true) {
    auto [error, client] = co_await acceptor_.async_accept(kUse);
    // One that its client gave up while it was in the queue.
    if (error == asio::error::connection_aborted) continue;
    if (error) {
      pause.expires_after(kAcceptAgainAfter);
      co_await pause.async_wait(kUse);
      continue;
    }
    ++served_;
    UpdateDoor();
    asio::co_spawn(io_, Serve(std::move(client)), asio::detached);
  }
}

void SpliceRelay::UpdateDoor() {
  const bool open = waiting_now_ < options_.maximum_held && served_ < maximum_served_;
  if (open == door_is_open_) return;
  if (SetDoor(listener_, open)) door_is_open_ = open;
}

Task<void> SpliceRelay::Serve(Socket socket) {
  EndByReset(socket);
  AskWhetherItWaits(socket);
  Client client;
  client.address = AddressOf(socket);
  client.external_port = options_.external_port(socket);
  client.time_to_live = TimeToLiveOf(socket);
  client.deadline = steady_clock::now() + options_.patience;
  // Somebody who connects to the relay itself would be led in a circle.
  const bool redirected = client.external_port != 0 && client.external_port != listen_port_;
  Socket application(io_);
  std::shared_ptr<asio::steady_timer> entry;
  if (redirected) {
    const bool waits = MustWait(client);
    const bool turn = co_await AwaitTurn(client);
    if (waits && turn) entry = BeginEntry(client.external_port);
    const bool broken = IsBroken(socket);
    if (turn && !broken) application = co_await Connect(client);
    if (!application.is_open() && !broken) ++expired_;
  }
  if (!application.is_open() || IsBroken(socket)) {
    if (entry != nullptr) entry->cancel();
    Leave();
    co_return;
  }
  AskNoMore(socket);
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  application.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  application.set_option(tcp::no_delay(true), ignored);
  auto session =
      std::make_shared<Session>(std::move(socket), std::move(application), std::move(entry));
  asio::co_spawn(io_, Carry(session, true), asio::detached);
  asio::co_spawn(io_, Carry(session, false), asio::detached);
}

Task<void> SpliceRelay::Carry(std::shared_ptr<Session> session, bool to_application) {
  Socket& from = to_application ? session->client : session->application;
  Socket& to = to_application ? session->application : session->client;
  if (!to_application && session->entry != nullptr) {
    co_await from.async_wait(Socket::wait_read, kUse);
    session->entry->cancel();
  }
  const absl::Status status = co_await Splice(from, to, pipes_);
  if (!status.ok()) {
    // Wakes the other direction.
    boost::system::error_code ignored;
    session->client.close(ignored);
    session->application.close(ignored);
  }
  if (--session->directions > 0) co_return;
  if (session->client.is_open()) EndInOrder(session->client);
  if (session->application.is_open()) EndInOrder(session->application);
  Leave();
}

void SpliceRelay::Leave() {
  --served_;
  UpdateDoor();
}

bool SpliceRelay::MustWait(const Client& client) const {
  return held_ports_.contains(client.external_port) &&
         !own_ports_.contains({client.address, client.external_port});
}

Task<bool> SpliceRelay::AwaitTurn(Client client) {
  if (!MustWait(client)) co_return true;
  asio::steady_timer timer(io_, client.deadline);
  Waiting waiting;
  waiting.address = client.address;
  waiting.timer = &timer;
  const auto entry = waiting_.emplace(client.external_port, waiting);
  ++held_;
  ++waiting_now_;
  UpdateDoor();
  while (MustWait(client) && steady_clock::now() < client.deadline) {
    entry->second.woken = false;
    co_await timer.async_wait(kUse);
  }
  waiting_.erase(entry);
  --waiting_now_;
  UpdateDoor();
  co_return !MustWait(client);
}

tcp::endpoint SpliceRelay::TargetOf(const Client& client) const {
  const auto own = own_ports_.find({client.address, client.external_port});
  if (own != own_ports_.end()) {
    return tcp::endpoint(asio::ip::address_v4(client.address.bits()),
                         static_cast<uint16_t>(own->second));
  }
  // Through the kernel's table like every client of this machine, which leads to the owner
  // wherever that is by now.
  return tcp::endpoint(asio::ip::address_v4::loopback(),
                       static_cast<uint16_t>(client.external_port));
}

Task<tcp::socket> SpliceRelay::Connect(Client client) {
  asio::steady_timer pause(io_);
  std::chrono::milliseconds limit = kFirstAttempt;
  const Time begin = steady_clock::now();
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(client.deadline -
                                                                            steady_clock::now());
    if (left.count() <= 0) co_return Socket(io_);
    Socket socket(io_);
    boost::system::error_code error;
    socket.open(tcp::v4(), error);
    if (!error) {
      EndByReset(socket);
      const bool may_circle = steady_clock::now() < begin + kCircleLasts;
      SetOptions(socket, may_circle ? client.time_to_live : 0);
      const tcp::endpoint target = TargetOf(client);
      const bool connected = co_await ConnectOnce(socket, target, std::min(limit, left));
      if (connected) co_return socket;
    }
    limit = std::min(2 * limit, kLongestAttempt);
    pause.expires_after(kConnectAgainAfter);
    co_await pause.async_wait(kUse);
  }
}

void SpliceRelay::SetOptions(Socket& socket, int time_to_live) const {
  const int fd = socket.native_handle();
  const int mark = options_.socket_mark;
  if (mark != 0) setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
  // Two nodes that disagree would send it back and forth, a new connection each time: so it takes
  // over what TTL is left of one that another node has lowered, and in the end is unreachable. For
  // a while: then what is left may be too little for the right way.
  const int left = std::max(1, time_to_live - 1);
  const bool was_forwarded = time_to_live != 0 && time_to_live <= kForwardedTtl;
  if (was_forwarded) setsockopt(fd, IPPROTO_IP, IP_TTL, &left, sizeof(left));
}

Task<bool> SpliceRelay::ConnectOnce(Socket& socket, tcp::endpoint target,
                                    std::chrono::milliseconds limit) {
  // The timer's handler may still run when the attempt is over.
  auto under_way = std::make_shared<bool>(true);
  asio::steady_timer timer(io_, limit);
  auto give_up = [&socket, under_way](boost::system::error_code error) {
    if (!error && *under_way && IsUnanswered(socket)) socket.cancel();
  };
  timer.async_wait(std::move(give_up));
  auto [error] = co_await socket.async_connect(target, kUse);
  *under_way = false;
  co_return !error;
}

}  // namespace drover::proxy
