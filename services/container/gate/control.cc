#include "services/container/gate/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace drover::gate {
namespace {

constexpr int kSignalExitBase = 128;  // What shells report for a process that a signal ended.

// Signals that say something else than "end": children, terminals, timers of others.
bool IsStop(int signal) {
  return signal != SIGCHLD && signal != SIGCONT && signal != SIGURG && signal != SIGPIPE;
}

}  // namespace

Signals::Signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &original_);
  descriptor_ = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

int Signals::TakeStop() {
  struct signalfd_siginfo info;
  while (read(descriptor_, &info, sizeof(info)) == sizeof(info)) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (IsStop(signal)) return signal;
  }
  return 0;
}

bool Signals::Restore() {
  if (TakeStop() != 0) return false;
  sigprocmask(SIG_SETMASK, &original_, nullptr);
  return true;
}

void Control::Connect() {
  struct sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  snprintf(address.sun_path, sizeof(address.sun_path), "%s", path_);
  while (true) {
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(socket_, reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) == 0) {
      return;
    }
    Disconnect();
  }
}

void Control::Disconnect() {
  close(socket_);
  socket_ = -1;
  filled_ = taken_ = 0;
  Wait(kReconnectMilliseconds);
}

bool Control::Say(const char* word, const char* start_id, const char* text) {
  char line[kMaxLine];
  const char* space = text == nullptr ? "" : " ";
  if (text == nullptr) text = "";
  int length = snprintf(line, sizeof(line) - 1, "%s%s%s%s", word, start_id, space, text);
  if (length > static_cast<int>(sizeof(line)) - 2) length = sizeof(line) - 2;
  line[length++] = '\n';
  return send(socket_, line, length, MSG_NOSIGNAL) == length;
}

const char* Control::ReadLine() {
  memmove(buffer_, buffer_ + taken_, filled_ - taken_);
  filled_ -= taken_;
  taken_ = 0;
  while (true) {
    if (void* end = memchr(buffer_, '\n', filled_)) {
      *static_cast<char*>(end) = '\0';
      taken_ = static_cast<char*>(end) - buffer_ + 1;
      return buffer_;
    }
    if (filled_ == sizeof(buffer_)) return nullptr;
    Wait(-1);
    const ssize_t count = recv(socket_, buffer_ + filled_, sizeof(buffer_) - filled_, MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count <= 0) return nullptr;
    filled_ += count;
  }
}

void Control::AwaitClose(int milliseconds) {
  shutdown(socket_, SHUT_WR);
  Wait(milliseconds);
}

void Control::Wait(int milliseconds) {
  struct pollfd descriptors[] = {{signals_->descriptor(), POLLIN, 0}, {socket_, POLLIN, 0}};
  poll(descriptors, 2, milliseconds);
  if (const int signal = signals_->TakeStop()) _exit(kSignalExitBase + signal);
}

}  // namespace drover::gate
