#include "services/proxy/backend/proc_listener_table.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace drover::proxy {
namespace {

// A socket on a port of its own at 127.0.0.1, listening or only bound.
class Socket {
 public:
  explicit Socket(bool listening) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    if (!listening) return;
    EXPECT_EQ(listen(fd_, 1), 0);
  }
  ~Socket() { close(fd_); }

  int port() const { return port_; }

 private:
  int fd_;
  int port_;
};

TEST(ProcListenerTableTest, NamesTheProgramThatListens) {
  Socket socket(/*listening=*/true);
  std::map<int, std::string> found = ProcListenerTable().Find({socket.port()}).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[socket.port()], absl::StrCat("proc_listener_t (pid ", getpid(), ")"));
}

TEST(ProcListenerTableTest, PassesOverWhatWasNotAskedForOrDoesNotListen) {
  Socket other(/*listening=*/true);
  Socket bound(/*listening=*/false);
  EXPECT_TRUE(ProcListenerTable().Find({bound.port()}).value().empty());
}

}  // namespace
}  // namespace drover::proxy
