#include "services/proxy/backend/network_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"

namespace drover::proxy {

NetworkNamespace::NetworkNamespace() {
  // A thread of its own, for the new namespace is the thread's until it ends.
  std::thread maker([this] {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    fd_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  });
  maker.join();
  EXPECT_GE(fd_, 0);
  Command("ip link set lo up");
}

NetworkNamespace::~NetworkNamespace() { close(fd_); }

void NetworkNamespace::Run(const std::function<void()>& work) const {
  std::thread inside([&] {
    ASSERT_EQ(setns(fd_, CLONE_NEWNET), 0);
    work();
  });
  inside.join();
}

void NetworkNamespace::Command(const std::string& command) const {
  Run([&] { EXPECT_EQ(system(command.c_str()), 0) << command; });
}

std::string NetworkNamespace::path() const { return absl::StrCat("/proc/", getpid(), "/fd/", fd_); }

}  // namespace drover::proxy
