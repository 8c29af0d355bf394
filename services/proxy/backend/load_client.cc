#include "services/proxy/backend/load_client.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/time/clock.h"
#include "services/proxy/backend/small_cluster.h"

namespace drover::proxy {
namespace {

// Of one client. What it does not open now it opens later.
constexpr size_t kMaximumOpen = 200;
constexpr int kEvents = 64;

}  // namespace

LoadClient::LoadClient(const NetworkNamespace& from, std::string address, int per_second)
    : address_(std::move(address)), per_second_(per_second) {
  thread_ = std::thread([this, &from] { from.Run([this] { Run(); }); });
}

LoadClient::~LoadClient() {
  if (thread_.joinable()) Finish(absl::ZeroDuration());
}

LoadClient::Result LoadClient::Finish(absl::Duration patience) {
  deadline_ = absl::Now() + patience;
  stopping_ = true;
  thread_.join();
  return result_;
}

void LoadClient::Run() {
  events_ = epoll_create1(EPOLL_CLOEXEC);
  absl::Time due = absl::Now();
  while (!stopping_ || (!open_.empty() && absl::Now() < deadline_)) {
    const absl::Time now = absl::Now();
    for (int i = 0; i < kEvents && !stopping_ && due < now && open_.size() < kMaximumOpen; ++i) {
      Open();
      due += absl::Seconds(1) / per_second_;
    }
    // A client that fell behind does not make up for it all at once.
    due = std::max(due, now - absl::Milliseconds(50));
    epoll_event ready[kEvents];
    const int count = epoll_wait(events_, ready, kEvents, 1);
    for (int i = 0; i < count; ++i) Receive(ready[i].data.fd);
  }
  result_.lost += static_cast<int64_t>(open_.size());
  result_.answered = answered_;
  for (const auto& [connection, opened] : open_) close(connection);
  close(events_);
}

void LoadClient::Open() {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  ASSERT_GE(connection, 0);
  open_[connection] = absl::Now();
  const sockaddr_in to = SocketAddress(address_.c_str(), kExternalPort);
  const int error =
      connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0 ? 0 : errno;
  if (error != 0 && error != EINPROGRESS) {
    ++CountOf(error);
    open_.erase(connection);
    close(connection);
    return;
  }
  epoll_event event = {.events = EPOLLIN, .data = {.fd = connection}};
  ASSERT_EQ(epoll_ctl(events_, EPOLL_CTL_ADD, connection, &event), 0);
}

int64_t& LoadClient::CountOf(int error) {
  if (error == 0) return result_.empty;
  if (error == ECONNREFUSED) return result_.refused;
  return error == ECONNRESET ? result_.reset : result_.lost;
}

void LoadClient::Receive(int connection) {
  char greeting[100];
  const ssize_t size = read(connection, greeting, sizeof(greeting));
  if (size < 0 && errno == EAGAIN) return;
  if (size > 0) {
    ++answered_;
  } else {
    ++CountOf(size == 0 ? 0 : errno);
  }
  result_.longest = std::max(result_.longest, absl::Now() - open_.at(connection));
  open_.erase(connection);
  close(connection);
}

}  // namespace drover::proxy
