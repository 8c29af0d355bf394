#include "services/container/backend/netlink_bridge_ports.h"

#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/common/file/unique_fd.h"
#include "services/common/status/status_macros.h"

namespace drover::container {
namespace {

constexpr size_t kAnswerSize = 32 << 10;  // What the kernel fills at most with one answer.

absl::Status Failed(const char* what, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("the container's bridge port: ", what));
}

// Sends one request and gives each message of the answer to `on_message`, until it answers false.
template <class Request, class OnMessage>
absl::Status Ask(const Request& request, OnMessage on_message) {
  const UniqueFd connection(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (connection.get() < 0) return Failed("no connection to the kernel", errno);
  if (send(connection.get(), &request, request.header.nlmsg_len, 0) < 0) {
    return Failed("the kernel takes no request", errno);
  }
  std::vector<char> answer(kAnswerSize);
  while (true) {
    ssize_t size = recv(connection.get(), answer.data(), answer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failed("no answer of the kernel", errno);
    auto* message = reinterpret_cast<nlmsghdr*>(answer.data());
    for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
      if (message->nlmsg_type == NLMSG_DONE) return absl::OkStatus();
      if (message->nlmsg_type == NLMSG_ERROR) {
        const int error = -static_cast<nlmsgerr*>(NLMSG_DATA(message))->error;
        return error == 0 ? absl::OkStatus() : Failed("the kernel refuses", error);
      }
      on_message(message);
    }
  }
}

// The other ends of the cables of this namespace.
absl::StatusOr<std::vector<int>> ListPeers() {
  struct {
    nlmsghdr header;
    ifinfomsg link;
  } request = {};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  std::vector<int> peers;
  const auto on_link = [&peers](nlmsghdr* message) {
    auto* link = static_cast<ifinfomsg*>(NLMSG_DATA(message));
    int size = static_cast<int>(IFLA_PAYLOAD(message));
    for (rtattr* attribute = IFLA_RTA(link); RTA_OK(attribute, size);
         attribute = RTA_NEXT(attribute, size)) {
      if (attribute->rta_type != IFLA_LINK) continue;
      int peer = 0;
      memcpy(&peer, RTA_DATA(attribute), sizeof(peer));
      // The loopback interface is its own other end.
      if (peer != 0 && peer != link->ifi_index) peers.push_back(peer);
    }
  };
  DROVER_RETURN_IF_ERROR(Ask(request, on_link));
  return peers;
}

// The same in the network namespace of a process.
absl::StatusOr<std::vector<int>> ListPeersOf(int pid) {
  const UniqueFd space(open(absl::StrCat("/proc/", pid, "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  if (space.get() < 0) return Failed("the container has no process", errno);
  const UniqueFd own(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  struct stat theirs, ours;
  if (own.get() < 0 || fstat(space.get(), &theirs) != 0 || fstat(own.get(), &ours) != 0) {
    return Failed("its network namespace cannot be looked at", errno);
  }
  // It shares this machine's network: what is plugged in here is not the container's.
  if (theirs.st_ino == ours.st_ino) return std::vector<int>();
  absl::StatusOr<std::vector<int>> peers;
  // A thread of its own, which is in that namespace until it ends.
  std::thread inside([&] {
    if (setns(space.get(), CLONE_NEWNET) == 0) {
      peers = ListPeers();
    } else {
      peers = Failed("its network namespace cannot be entered", errno);
    }
  });
  inside.join();
  return peers;
}

absl::Status SetHairpin(int port) {
  struct {
    nlmsghdr header;
    ifinfomsg link;
    rtattr nest;
    rtattr mode;
    uint8_t value;
    uint8_t padding[3];
  } request = {};
  request.header.nlmsg_len = sizeof(request);
  request.header.nlmsg_type = RTM_SETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  request.link.ifi_family = AF_BRIDGE;
  request.link.ifi_index = port;
  request.nest.rta_type = IFLA_PROTINFO | NLA_F_NESTED;
  request.nest.rta_len = RTA_LENGTH(RTA_SPACE(sizeof(request.value)));
  request.mode.rta_type = IFLA_BRPORT_MODE;
  request.mode.rta_len = RTA_LENGTH(sizeof(request.value));
  request.value = BRIDGE_MODE_HAIRPIN;
  return Ask(request, [](nlmsghdr*) {});
}

}  // namespace

absl::Status NetlinkBridgePorts::LetTalkToItself(int pid) {
  DROVER_ASSIGN_OR_RETURN(const std::vector<int> peers, ListPeersOf(pid));
  for (int port : peers) {
    const absl::Status status = SetHairpin(port);
    // EOPNOTSUPP: the cable ends here, but in no bridge. ENODEV: it ends in another namespace.
    const bool no_port = absl::IsUnimplemented(status) || absl::IsNotFound(status);
    if (!status.ok() && !no_port) return status;
  }
  return absl::OkStatus();
}

}  // namespace drover::container
