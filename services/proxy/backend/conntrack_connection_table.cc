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

// The target is where the answers come from.
Endpoint TargetOf(const nf_conntrack* entry) {
  return {Ipv4Address(ntohl(nfct_get_attr_u32(entry, ATTR_REPL_IPV4_SRC))),
          ntohs(nfct_get_attr_u16(entry, ATTR_REPL_PORT_SRC))};
}

struct Search {
  std::function<bool(const TrackedConnection&)> matches;
  std::vector<TrackedConnection> found;
};

int OnEntry(enum nf_conntrack_msg_type, nf_conntrack* entry, void* data) {
  auto* search = static_cast<Search*>(data);
  TrackedConnection connection{.external_port = ExternalPortOf(entry), .target = TargetOf(entry)};
  // An alias without ownership, for the search to look at.
  connection.entry = std::shared_ptr<const void>(std::shared_ptr<const void>(), entry);
  if (!search->matches(connection)) return NFCT_CB_CONTINUE;
  connection.entry = std::shared_ptr<nf_conntrack>(entry, nfct_destroy);
  search->found.push_back(std::move(connection));
  return NFCT_CB_STOLEN;  // Ours to free.
}

const nf_conntrack* EntryOf(const TrackedConnection& connection) {
  return static_cast<const nf_conntrack*>(connection.entry.get());
}

Filter OurConnections() {
  Filter filter(nfct_filter_dump_create());
  if (filter == nullptr) return filter;
  const nfct_filter_dump_mark mark = {.val = kMark, .mask = kMarkMask};
  nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_MARK, &mark);
  nfct_filter_dump_set_attr_u8(filter.get(), NFCT_FILTER_DUMP_L3NUM, AF_INET);
  return filter;
}

// What the kernel's filter lets through and the search matches.
//
// A library rather than the conntrack tool: the tool can match a mark but not "any target except
// these", so each stale entry would be another process, and its exit code 1 means both "nothing
// matched" and some failures.
absl::StatusOr<std::vector<TrackedConnection>> Find(const Filter& filter, Search search) {
  Handle handle(nfct_open(CONNTRACK, 0));
  if (handle == nullptr || filter == nullptr) return Refused("it cannot be opened");
  nfct_callback_register(handle.get(), NFCT_T_ALL, OnEntry, &search);
  if (nfct_query(handle.get(), NFCT_Q_DUMP_FILTER, filter.get()) != 0) {
    return Refused("it cannot be listed");
  }
  return std::move(search.found);
}

}  // namespace

absl::StatusOr<std::vector<TrackedConnection>> ConntrackConnectionTable::FindElsewhere(
    const std::map<int, Endpoint>& targets) {
  Search search;
  search.matches = [&](const TrackedConnection& connection) {
    return !IsClosed(EntryOf(connection)) && LeadsElsewhere(connection, targets);
  };
  return Find(OurConnections(), std::move(search));
}

absl::StatusOr<std::vector<TrackedConnection>> ConntrackConnectionTable::FindUnanswered(
    const std::set<int>& ports) {
  Filter filter = OurConnections();
  if (filter != nullptr) {
    const nfct_filter_dump_mark unanswered = {.val = 0, .mask = IPS_SEEN_REPLY};
    nfct_filter_dump_set_attr(filter.get(), NFCT_FILTER_DUMP_STATUS, &unanswered);
  }
  Search search;
  search.matches = [&](const TrackedConnection& connection) {
    // Asked again: an older kernel does not know that filter.
    const uint32_t status = nfct_get_attr_u32(EntryOf(connection), ATTR_STATUS);
    return (status & IPS_SEEN_REPLY) == 0 && ports.contains(connection.external_port);
  };
  return Find(filter, std::move(search));
}

absl::Status ConntrackConnectionTable::Forget(const std::vector<TrackedConnection>& connections) {
  if (connections.empty()) return absl::OkStatus();
  Handle handle(nfct_open(CONNTRACK, 0));
  if (handle == nullptr) return Refused("it cannot be opened");
  for (const TrackedConnection& connection : connections) {
    const int result = nfct_query(handle.get(), NFCT_Q_DESTROY, EntryOf(connection));
    // One that ended meanwhile is what we want.
    if (result != 0 && errno != ENOENT) return Refused("an entry cannot be deleted");
  }
  return absl::OkStatus();
}

}  // namespace drover::proxy
