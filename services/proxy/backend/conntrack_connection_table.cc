#include "services/proxy/backend/conntrack_connection_table.h"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/proxy/backend/connection_mark.h"

namespace drover::proxy {
namespace {

template <auto destroy>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Handle = std::unique_ptr<nfct_handle, Deleter<nfct_close>>;
using Entry = std::unique_ptr<nf_conntrack, Deleter<nfct_destroy>>;
using Filter = std::unique_ptr<nfct_filter_dump, Deleter<nfct_filter_dump_destroy>>;

absl::Status Refused(const char* what) {
  return StatusWithReason(
      absl::StatusCode::kUnavailable, "KERNEL",
      absl::StrCat("the kernel's connection tracking: ", what, ": ", strerror(errno)));
}

// Over but for the time that its entry stays, which a new connection takes over: after thousands of
// short connections most are.
bool IsClosed(const nf_conntrack* entry) {
  const uint8_t state = nfct_get_attr_u8(entry, ATTR_TCP_STATE);
  return state == TCP_CONNTRACK_TIME_WAIT || state == TCP_CONNTRACK_CLOSE;
}

bool LeadsElsewhere(const nf_conntrack* entry, const std::map<int, Endpoint>& targets) {
  const int external_port = ntohs(nfct_get_attr_u16(entry, ATTR_ORIG_PORT_DST));
  auto target = targets.find(external_port);
  if (target == targets.end()) return true;
  // The target is where the answers come from.
  const Endpoint routed = {Ipv4Address(ntohl(nfct_get_attr_u32(entry, ATTR_REPL_IPV4_SRC))),
                           ntohs(nfct_get_attr_u16(entry, ATTR_REPL_PORT_SRC))};
  return target->second != routed;
}

struct Search {
  const std::map<int, Endpoint>& targets;
  std::vector<Entry> found;
};

int OnEntry(enum nf_conntrack_msg_type, nf_conntrack* entry, void* data) {
  auto* search = static_cast<Search*>(data);
  if (IsClosed(entry) || !LeadsElsewhere(entry, search->targets)) return NFCT_CB_CONTINUE;
  search->found.emplace_back(entry);
  return NFCT_CB_STOLEN;  // Ours to free.
}

}  // namespace

// A library rather than the conntrack tool: the tool can match a mark but not "any target except
// these", so each stale entry would be another process, and its exit code 1 means both "nothing
// matched" and some failures.
absl::StatusOr<int> ConntrackConnectionTable::Forget(const std::map<int, Endpoint>& targets) {
  Handle handle(nfct_open(CONNTRACK, 0));
  Filter filter(nfct_filter_dump_create());
  if (handle == nullptr || filter == nullptr) return Refused("it cannot be opened");
  const nfct_filter_dump_mark mark = {.val = kMark, .mask = kMarkMask};
  nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_MARK, &mark);
  nfct_filter_dump_set_attr_u8(filter.get(), NFCT_FILTER_DUMP_L3NUM, AF_INET);

  Search search{targets, {}};
  nfct_callback_register(handle.get(), NFCT_T_ALL, OnEntry, &search);
  if (nfct_query(handle.get(), NFCT_Q_DUMP_FILTER, filter.get()) != 0) {
    return Refused("it cannot be listed");
  }
  for (const Entry& entry : search.found) {
    const int result = nfct_query(handle.get(), NFCT_Q_DESTROY, entry.get());
    // One that ended meanwhile is what we want.
    if (result != 0 && errno != ENOENT) return Refused("an entry cannot be deleted");
  }
  return static_cast<int>(search.found.size());
}

}  // namespace drover::proxy
