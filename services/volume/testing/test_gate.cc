#include "services/volume/testing/test_gate.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

namespace drover::volume {

TestGate::TestGate(const std::string& control_folder, const std::string& start_id)
    : socket_(control_folder + "/control.sock"), start_id_(start_id), thread_([this] { Run(); }) {}

TestGate::~TestGate() {
  stop_ = true;
  shutdown(fd_, SHUT_RDWR);
  thread_.join();
}

int TestGate::Connect() {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_.c_str(), sizeof(address.sun_path) - 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) return fd;
  close(fd);
  return -1;
}

void TestGate::Run() {
  while (!stop_) {
    fd_ = Connect();
    if (fd_ < 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    const std::string report = "gated " + start_id_ + "\n";
    (void)!write(fd_, report.data(), report.size());
    char buffer[4096];
    const ssize_t size = read(fd_, buffer, sizeof(buffer));
    if (size > 0) {
      release_.assign(buffer, size);
      executed_ = true;
    }
    close(fd_);
    fd_ = -1;
    if (executed_) return;
  }
}

}  // namespace drover::volume
