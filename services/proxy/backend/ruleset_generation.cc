#include "services/proxy/backend/ruleset_generation.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"

namespace drover::proxy {
namespace {

absl::Status Refused(const char* what) {
  return StatusWithReason(
      absl::StatusCode::kUnavailable, "KERNEL",
      absl::StrCat("the kernel's generation of rules: ", what, ": ", strerror(errno)));
}

struct Question {
  nlmsghdr header = {.nlmsg_len = sizeof(Question),
                     .nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETGEN,
                     .nlmsg_flags = NLM_F_REQUEST};
  nfgenmsg message = {.nfgen_family = 0, .version = NFNETLINK_V0};
};

}  // namespace

absl::StatusOr<RulesetGeneration> RulesetGeneration::Open() {
  UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (!socket.valid()) return Refused("it cannot be asked for");
  return RulesetGeneration(std::move(socket));
}

absl::StatusOr<uint32_t> RulesetGeneration::Read() {
  const Question question;
  if (send(socket_.get(), &question, sizeof(question), 0) < 0) return Refused("it cannot be sent");
  alignas(nlmsghdr) char answer[512];
  const ssize_t size = recv(socket_.get(), answer, sizeof(answer), 0);
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer);
  if (size < 0 || !NLMSG_OK(header, size) || header->nlmsg_type == NLMSG_ERROR) {
    return Refused("there is no answer");
  }
  const char* const end = answer + header->nlmsg_len;
  for (const char* at = answer + NLMSG_LENGTH(sizeof(nfgenmsg)); at + sizeof(nlattr) <= end;) {
    const auto* attribute = reinterpret_cast<const nlattr*>(at);
    if (attribute->nla_len < sizeof(nlattr)) break;
    if (attribute->nla_type == NFTA_GEN_ID) {
      uint32_t generation = 0;  // In network byte order.
      memcpy(&generation, at + sizeof(nlattr), sizeof(generation));
      return ntohl(generation);
    }
    at += NLA_ALIGN(attribute->nla_len);
  }
  return Refused("the answer does not hold it");
}

}  // namespace drover::proxy
