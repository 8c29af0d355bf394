#include "services/volume/driver/gate_keeper.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/common/log/log.h"
#include "services/common/status/reason.h"
#include "services/container/gate/wire.h"

namespace drover::volume {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol;

constexpr auto kAwaitTuple = asio::as_tuple(asio::use_awaitable);
// After an attempt to accept failed, mostly for want of descriptors: they get free, or not.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
// From the release to the program's execution: reading a few folders' identities.
constexpr auto kReleaseTimeout = std::chrono::seconds(30);

absl::Status GateLost(const StartId& start) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "GATE_LOST",
      absl::StrCat("no gate of start ", start.value(), " is waiting; start the container again"));
}

absl::Status GateFailed(const std::string& words) {
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "GATE_FAILED",
                          absl::StrCat("the container's gate failed: ", words));
}

absl::Status CgroupHidden(const KnownGate& gate) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "CGROUP_HIDDEN",
      absl::StrCat("the container's processes are not seen in its control group (",
                   gate.cgroup.substr(0, gate.cgroup.find('\n')),
                   "), so their end could never be proved; run drover-volume in the host's cgroup "
                   "namespace, with the whole of /sys/fs/cgroup mounted"));
}

// A coroutine of the keeper ends by itself; an exception would be our own bug.
void RethrowBug(std::exception_ptr exception) {
  if (exception != nullptr) std::rethrow_exception(exception);
}

}  // namespace

// One start's socket and the gate behind it.
//
//   (nobody) --connects, "gated"--> waiting --Release--> released --end of file--> executed
//       ^------- end of file ---------'                      '------ "error" ----> failed
//
// The socket is closed and removed in the last two.
class GateKeeper::Gate : public std::enable_shared_from_this<Gate> {
 public:
  Gate(asio::any_io_executor executor, StartId start)
      : start_(std::move(start)), acceptor_(executor), changed_(executor) {
    changed_.expires_at(std::chrono::steady_clock::time_point::max());
  }

  absl::Status Open(const std::string& path) {
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is too long for a socket; choose a shorter run_dir"));
    }
    path_ = path;
    unlink(path.c_str());
    boost::system::error_code error;
    acceptor_.open(Socket(), error);
    if (!error) acceptor_.bind(Socket::endpoint(path), error);
    if (!error) acceptor_.listen(8, error);
    // The gate runs as the image's user.
    if (!error && chmod(path.c_str(), 0666) == 0) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("cannot listen on ", path, ": ", error.message()));
  }

  void Close() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    unlink(path_.c_str());
    if (peer_ != nullptr) peer_->close(ignored);
    closed_ = true;
    Notify();
  }

  // Takes connections until Close, which the gate's release leads to as well.
  Task<void> Accept() {
    auto self = shared_from_this();
    while (true) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwaitTuple);
      if (closed_) co_return;
      if (error) {
        LOG(WARNING) << "start " << start_ << ": cannot accept its gate: " << error.message();
        asio::steady_timer pause(acceptor_.get_executor(), kAcceptPause);
        co_await pause.async_wait(kAwaitTuple);
        continue;
      }
      // One gate per start: whoever comes while it is connected is not it.
      if (peer_ != nullptr) continue;
      peer_ = std::make_shared<Socket::socket>(std::move(socket));
      auto done = [self](std::exception_ptr exception) { RethrowBug(exception); };
      asio::co_spawn(acceptor_.get_executor(), Listen(peer_), std::move(done));
    }
  }

  // Resumes at the next change of what follows, or when the coroutine is cancelled.
  Task<void> Changed() { co_await changed_.async_wait(kAwaitTuple); }

  // While the answer lives, Changed resumes after `timeout` at the latest.
  std::unique_ptr<asio::steady_timer> WakeAfter(std::chrono::nanoseconds timeout) {
    auto timer = std::make_unique<asio::steady_timer>(acceptor_.get_executor(), timeout);
    auto expire = [self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled) self->Notify();
    };
    timer->async_wait(std::move(expire));
    return timer;
  }

  Task<absl::Status> Send(std::string message) {
    auto peer = peer_;
    if (peer == nullptr) co_return GateLost(start_);
    released_ = true;
    auto [error, size] = co_await asio::async_write(*peer, asio::buffer(message), kAwaitTuple);
    if (error) co_return GateLost(start_);
    const auto timer = WakeAfter(kReleaseTimeout);
    while (!executed_ && !failure_.has_value() && !closed_) {
      if (std::chrono::steady_clock::now() >= timer->expiry()) {
        co_return absl::UnavailableError("the container's gate was released, but does not answer");
      }
      co_await Changed();
    }
    if (failure_.has_value()) {
      Close();
      co_return GateFailed(*failure_);
    }
    if (!executed_) co_return GateLost(start_);
    co_return absl::OkStatus();
  }

  const StartId& start() const { return start_; }
  bool closed() const { return closed_; }
  bool reported() const { return pid_ != 0; }
  int pid() const { return pid_; }
  const std::optional<std::string>& failure() const { return failure_; }
  const std::optional<KnownGate>& known() const { return known_; }
  void SetKnown(KnownGate known) { known_ = std::move(known); }
  // The process that is connected is not the container's: it is sent away.
  void Drop() {
    boost::system::error_code ignored;
    if (peer_ != nullptr) peer_->close(ignored);
  }

 private:
  void Notify() { changed_.cancel(); }

  // Reads one connection to its end.
  Task<void> Listen(std::shared_ptr<Socket::socket> peer) {
    auto self = shared_from_this();
    std::string buffer;
    while (true) {
      auto [error, size] = co_await asio::async_read_until(
          *peer, asio::dynamic_buffer(buffer, gate::kMaxLine), '\n', kAwaitTuple);
      if (error) break;
      TakeLine(buffer.substr(0, size - 1), peer->native_handle());
      buffer.erase(0, size);
    }
    if (released_ && reported() && !failure_.has_value()) executed_ = true;
    peer_.reset();
    pid_ = 0;
    known_.reset();
    if (released_) Close();
    Notify();
  }

  void TakeLine(const std::string& line, int socket) {
    const std::string error = absl::StrCat(gate::kError, start_.value(), " ");
    if (line == absl::StrCat(gate::kGated, start_.value())) {
      ucred peer = {};
      socklen_t size = sizeof(peer);
      if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0) pid_ = peer.pid;
    } else if (absl::StartsWith(line, error)) {
      failure_ = line.substr(error.size());
    }
    Notify();
  }

  const StartId start_;
  std::string path_;
  Socket::acceptor acceptor_;
  // Never expires; cancelling it wakes whoever waits for a change.
  asio::steady_timer changed_;
  std::shared_ptr<Socket::socket> peer_;
  // Of the gate that has reported itself; 0 = none.
  int pid_ = 0;
  std::optional<KnownGate> known_;
  std::optional<std::string> failure_;
  bool released_ = false;
  bool executed_ = false;
  bool closed_ = false;
};

GateKeeper::GateKeeper(asio::any_io_executor executor, Host& host, BlockingPool& pool)
    : executor_(std::move(executor)), host_(host), pool_(pool) {}

GateKeeper::~GateKeeper() {
  for (const auto& [start, gate] : gates_) gate->Close();
}

absl::Status GateKeeper::Listen(const StartId& start, const std::string& control_folder) {
  if (gates_.count(start) > 0) return absl::OkStatus();
  auto gate = std::make_shared<Gate>(executor_, start);
  absl::Status status = gate->Open(absl::StrCat(control_folder, "/", gate::kSocketName));
  if (!status.ok()) return status;
  gates_[start] = gate;
  auto done = [gate](std::exception_ptr exception) { RethrowBug(exception); };
  asio::co_spawn(executor_, gate->Accept(), std::move(done));
  return absl::OkStatus();
}

void GateKeeper::Forget(const StartId& start) {
  const auto found = gates_.find(start);
  if (found == gates_.end()) return;
  found->second->Close();
  gates_.erase(found);
}

std::shared_ptr<GateKeeper::Gate> GateKeeper::Find(const StartId& start) const {
  const auto found = gates_.find(start);
  return found == gates_.end() ? nullptr : found->second;
}

Task<absl::StatusOr<KnownGate>> GateKeeper::Await(StartId start, ContainerId container_id,
                                                  absl::Duration timeout) {
  std::shared_ptr<Gate> gate = Find(start);
  if (gate == nullptr) co_return GateLost(start);
  std::unique_ptr<asio::steady_timer> timer;
  if (timeout != absl::InfiniteDuration()) {
    timer = gate->WakeAfter(absl::ToChronoNanoseconds(timeout));
  }
  while (!gate->closed()) {
    if (gate->failure().has_value()) break;
    if (!gate->reported()) {
      const bool late = timer != nullptr && std::chrono::steady_clock::now() >= timer->expiry();
      if (late) co_return GateLost(start);
      co_await gate->Changed();
      continue;
    }
    const int pid = gate->pid();
    auto look = [this, pid, container_id] { return host_.CgroupOf(pid, container_id.value()); };
    absl::StatusOr<std::string> cgroup = co_await RunBlocking(pool_, std::move(look));
    if (gate->pid() != pid) continue;
    if (cgroup.ok()) {
      KnownGate known{.pid = pid, .container_id = container_id, .cgroup = *std::move(cgroup)};
      auto see = [this, known] { return host_.SeesInCgroup(known.pid, known.cgroup); };
      absl::StatusOr<bool> seen = co_await RunBlocking(pool_, std::move(see));
      if (gate->pid() != pid) continue;
      if (!seen.ok()) co_return seen.status();
      if (!*seen) co_return CgroupHidden(known);
      gate->SetKnown(known);
      co_return known;
    }
    LOG(WARNING) << "start " << start << ": a stranger at the gate's socket: " << cgroup.status();
    gate->Drop();
    co_await gate->Changed();
  }
  if (gate->failure().has_value()) co_return GateFailed(*gate->failure());
  co_return GateLost(start);
}

absl::StatusOr<KnownGate> GateKeeper::Waiting(const StartId& start) const {
  std::shared_ptr<Gate> gate = Find(start);
  if (gate != nullptr && gate->known().has_value()) return *gate->known();
  return GateLost(start);
}

Task<absl::Status> GateKeeper::Release(StartId start, std::vector<GateMount> mounts) {
  std::shared_ptr<Gate> gate = Find(start);
  if (gate == nullptr || !gate->known().has_value()) co_return GateLost(start);
  std::string message = absl::StrCat(gate::kRelease, mounts.size(), "\n");
  for (const GateMount& mount : mounts) {
    absl::StrAppend(&message, gate::kMount, mount.folder.device, " ", mount.folder.inode, " ",
                    mount.mountpoint, "\n");
  }
  co_return co_await gate->Send(std::move(message));
}

}  // namespace drover::volume
