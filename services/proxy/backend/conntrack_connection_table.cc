#include "services/proxy/backend/conntrack_connection_table.h"

#include <arpa/inet.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack_tcp.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
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

int ExternalPortOf(const nf_conntrack* entry) {
  return ntohs(nfct_get_attr_u16(entry, ATTR_ORIG_PORT_DST));
}

// Over but for the time that its entry stays, which a new connection takes over: after thousands of
// short connections most are.
bool IsClosed(const nf_conntrack* entry) {
  const uint8_t state = nfct_get_attr_u8(entry, ATTR_TCP_STATE);
  return state == TCP_CONNTRACK_TIME_WAIT || state == TCP_CONNTRACK_CLOSE;
}

bool LeadsElsewhere(const nf_conntrack* entry, const std::map<int, Endpoint>& targets) {
  auto target = targets.find(ExternalPortOf(entry));
  if (target == targets.end()) return true;
  // The target is where the answers come from.
  const Endpoint routed = {Ipv4Address(ntohl(nfct_get_attr_u32(entry, ATTR_REPL_IPV4_SRC))),
                           ntohs(nfct_get_attr_u16(entry, ATTR_REPL_PORT_SRC))};
  return target->second != routed;
}

struct Search {
  std::function<bool(const nf_conntrack*)> matches;
  std::vector<Entry> found;
};

int OnEntry(enum nf_conntrack_msg_type, nf_conntrack* entry, void* data) {
  auto* search = static_cast<Search*>(data);
  if (!search->matches(entry)) return NFCT_CB_CONTINUE;
  search->found.emplace_back(entry);
  return NFCT_CB_STOLEN;  // Ours to free.
}

Filter OurConnections() {
  Filter filter(nfct_filter_dump_create());
  if (filter == nullptr) return filter;
  const nfct_filter_dump_mark mark = {.val = kMark, .mask = kMarkMask};
  nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_MARK, &mark);
  nfct_filter_dump_set_attr_u8(filter.get(), NFCT_FILTER_DUMP_L3NUM, AF_INET);
  return filter;
}

// Deletes what the kernel's filter lets through and the search matches; answers how many.
//
// A library rather than the conntrack tool: the tool can match a mark but not "any target except
// these", so each stale entry would be another process, and its exit code 1 means both "nothing
// matched" and some failures.
absl::StatusOr<int> Delete(const Filter& filter, Search search) {
  Handle handle(nfct_open(CONNTRACK, 0));
  if (handle == nullptr || filter == nullptr) return Refused("it cannot be opened");
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

}  // namespace

absl::StatusOr<int> ConntrackConnectionTable::Forget(const std::map<int, Endpoint>& targets) {
  Search search;
  search.matches = [&](const nf_conntrack* entry) {
    return !IsClosed(entry) && LeadsElsewhere(entry, targets);
  };
  return Delete(OurConnections(), std::move(search));
}

absl::StatusOr<int> ConntrackConnectionTable::ForgetUnanswered(const std::set<int>& ports) {
  Filter filter = OurConnections();
  if (filter != nullptr) {
    const nfct_filter_dump_mark unanswered = {.val = 0, .mask = IPS_SEEN_REPLY};
    nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_STATUS, &unanswered);
  }
  Search search;
  search.matches = [&](const nf_conntrack* entry) {
    // Asked again: an older kernel does not know that filter.
    const bool answered = (nfct_get_attr_u32(entry, ATTR_STATUS) & IPS_SEEN_REPLY) != 0;
    return !answered && ports.contains(ExternalPortOf(entry));
  };
  return Delete(filter, std::move(search));
}

}  // namespace drover::proxy
