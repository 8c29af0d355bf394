#include "services/proxy/backend/nftables_table.h"

extern "C" {
#include <nftables/libnftables.h>
}

#include <glog/logging.h>

#include <boost/json.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/backend/connection_mark.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {
namespace {

namespace json = boost::json;

// One batch. Adding what exists changes nothing, so elements stay; rules are made anew each time,
// so that a new version of the daemon brings its own. Every packet of the machine passes the filter
// chains (only a connection's first one the nat chains), so a rule begins with the cheapest
// question that ends it for most.
//
// - guard: route_localnet=1 (network_settings.h) lets packets to 127.0.0.0/8 leave the loopback
//   interface, and would let a neighbour's in: from outside none is legitimate.
// - wait_*: before the address translation, so that a dropped SYN leaves nothing behind and the
//   client's own retransmission is the retry. A drop, since a refusal would reach the application.
// - route_*: before Docker's nat chains (-100); a connection is translated once, so ours wins. A
//   held port leads to the relay, which alone passes its own hold (by the mark of its sockets). The
//   mark is looked up first: a port without a route ends the rule there, unmarked.
// - guard_relay: nobody reaches the relay but through a hold; and while it is dead, with holds that
//   have not run out, a SYN is dropped where the kernel would refuse it. Whether a socket is
//   transparent does not matter, only that there is one: this question alone is answered for one in
//   TIME_WAIT too, as there is when a client that was held comes again from the same port.
// - see_bridge: marks what a container of this node began; after the translation, which is at -100
//   whatever the priority of a nat chain says. Asked here since a machine with
//   bridge-nf-call-iptables (Docker sets it) does not know the incoming interface any more when it
//   masquerades.
// - lower_ttl: two nodes that know different revisions may forward a connection to each other; a
//   lowered TTL ends that after a few rounds.
// - hide_source: answers must come back through the node that translated. On the owner that holds
//   for its own loopback sources and for a neighbour on the container's bridge, which would answer
//   directly; other clients keep their address there.
constexpr char kRules[] = R"(
add table inet drover
add map inet drover routes { type inet_service : ipv4_addr . inet_service; }
add map inet drover marks { type inet_service : mark; }
add set inet drover waiting { type inet_service; }
add set inet drover holds { type inet_service; flags timeout; }

add chain inet drover guard { type filter hook prerouting priority -300; policy accept; }
flush chain inet drover guard
add rule inet drover guard iif != "lo" ip daddr 127.0.0.0/8 drop
add rule inet drover guard iif != "lo" ip saddr 127.0.0.0/8 drop

add chain inet drover wait_prerouting { type filter hook prerouting priority -160; policy accept; }
flush chain inet drover wait_prerouting
add rule inet drover wait_prerouting ct state new meta nfproto ipv4 tcp dport @waiting fib daddr type local drop

add chain inet drover wait_output { type filter hook output priority -160; policy accept; }
flush chain inet drover wait_output
add rule inet drover wait_output ct state new meta nfproto ipv4 tcp dport @waiting fib daddr type local drop

add chain inet drover route_prerouting { type nat hook prerouting priority -110; policy accept; }
flush chain inet drover route_prerouting
add rule inet drover route_prerouting meta nfproto ipv4 fib daddr type local tcp dport @holds redirect to :$RELAY_PORT
add rule inet drover route_prerouting meta nfproto ipv4 fib daddr type local ct mark set tcp dport map @marks dnat ip to tcp dport map @routes

add chain inet drover route_output { type nat hook output priority -110; policy accept; }
flush chain inet drover route_output
add rule inet drover route_output meta nfproto ipv4 fib daddr type local meta mark != $RELAY_MARK tcp dport @holds redirect to :$RELAY_PORT
add rule inet drover route_output meta nfproto ipv4 fib daddr type local ct mark set tcp dport map @marks dnat ip to tcp dport map @routes

add chain inet drover guard_relay { type filter hook input priority -10; policy accept; }
flush chain inet drover guard_relay
add rule inet drover guard_relay tcp dport $RELAY_PORT ct status & dnat != dnat drop
add rule inet drover guard_relay tcp dport $RELAY_PORT socket transparent 0 accept
add rule inet drover guard_relay tcp dport $RELAY_PORT socket transparent 1 accept
add rule inet drover guard_relay tcp dport $RELAY_PORT tcp flags & (syn | ack) == syn drop

add chain inet drover see_bridge { type filter hook prerouting priority -90; policy accept; }
flush chain inet drover see_bridge
add rule inet drover see_bridge ct mark $LOCAL ct direction original meta iifkind "bridge" ct mark set $BRIDGE

add chain inet drover lower_ttl { type filter hook postrouting priority -150; policy accept; }
flush chain inet drover lower_ttl
add rule inet drover lower_ttl ct mark $REMOTE ct direction original ip ttl > $TTL ip ttl set $TTL

add chain inet drover hide_source { type nat hook postrouting priority 90; policy accept; }
flush chain inet drover hide_source
add rule inet drover hide_source ct mark $REMOTE masquerade
add rule inet drover hide_source ct mark $LOCAL ip saddr 127.0.0.0/8 masquerade
add rule inet drover hide_source ct mark $BRIDGE meta oifkind "bridge" masquerade
)";

// What is left of a connection that was reset is forgotten after a second, not ten. When a
// container ends, its engine deletes the entries of all connections that led to it, one by one and
// by where they came from. Thousands of them take a while, in which a busy client comes from the
// same ports again, and is held: its entry would go instead. A batch of its own, since a kernel may
// lack it.
constexpr char kEndSoon[] = R"(
add ct timeout inet drover soon { protocol tcp; l3proto ip; policy = { close: 1 }; }

add chain inet drover end_soon_prerouting { type filter hook prerouting priority -91; policy accept; }
flush chain inet drover end_soon_prerouting
add rule inet drover end_soon_prerouting ct state new ct mark & $MASK == $OURS ct timeout set "soon"

add chain inet drover end_soon_output { type filter hook output priority -91; policy accept; }
flush chain inet drover end_soon_output
add rule inet drover end_soon_output ct state new ct mark & $MASK == $OURS ct timeout set "soon"
)";

constexpr char kRemoveTable[] = "add table inet drover\ndelete table inet drover\n";

uint32_t MarkOf(TargetKind kind) { return kind == TargetKind::kLocal ? kLocalMark : kRemoteMark; }

absl::Status Refused(absl::string_view what) {
  return StatusWithReason(absl::StatusCode::kUnavailable, "KERNEL",
                          absl::StrCat("the kernel's table inet drover: ", what));
}

// For commands that fail so only where there is no table.
absl::Status NoTableIfMissing(const absl::Status& status) {
  // strerror(ENOENT), as libnftables puts it.
  if (!absl::StrContains(status.message(), "No such file or directory")) return status;
  return StatusWithReason(absl::StatusCode::kNotFound, "NO_TABLE",
                          "the kernel has no table inet drover");
}

// "delete element inet drover NAME { … }", or nothing for no elements.
std::string Command(absl::string_view verb, absl::string_view name,
                    const std::vector<std::string>& elements) {
  if (elements.empty()) return "";
  return absl::StrCat(verb, " element inet drover ", name, " { ", absl::StrJoin(elements, ", "),
                      " }\n");
}

template <class Map>
std::vector<std::string> Keys(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& element : map) keys.push_back(absl::StrCat(element.first));
  return keys;
}

std::vector<std::string> Texts(const std::set<int>& ports) {
  std::vector<std::string> texts;
  for (int port : ports) texts.push_back(absl::StrCat(port));
  return texts;
}

std::string DeleteCommands(const KernelRoutes& routes) {
  return absl::StrCat(Command("delete", "routes", Keys(routes.targets)),
                      Command("delete", "marks", Keys(routes.kinds)),
                      Command("delete", "waiting", Texts(routes.waiting)));
}

std::string AddCommands(const KernelRoutes& routes) {
  std::vector<std::string> targets;
  for (const auto& [port, target] : routes.targets) {
    targets.push_back(absl::StrCat(port, " : ", target.address.ToString(), " . ", target.port));
  }
  std::vector<std::string> marks;
  for (const auto& [port, kind] : routes.kinds) {
    marks.push_back(absl::StrCat(port, " : ", MarkOf(kind)));
  }
  return absl::StrCat(Command("add", "routes", targets), Command("add", "marks", marks),
                      Command("add", "waiting", Texts(routes.waiting)));
}

// An element is its key, or {"elem": {"val": key, …}} where it has a time-out.
const json::value& KeyOf(const json::value& element) {
  return element.is_object() ? element.at("elem").at("val") : element;
}

int PortOf(const json::value& element) { return KeyOf(element).to_number<int>(); }

// The elements of the one set or map in an answer. Throws what Boost.JSON throws on a surprise.
json::array ElementsOf(const std::string& answer, const char* type) {
  const json::value document = json::parse(answer);
  for (const json::value& object : document.at("nftables").as_array()) {
    const json::value* listed = object.as_object().if_contains(type);
    if (listed == nullptr) continue;
    const json::value* elements = listed->as_object().if_contains("elem");
    return elements == nullptr ? json::array() : elements->as_array();
  }
  return {};
}

Endpoint EndpointOf(const json::value& concatenation) {
  const json::array& parts = concatenation.at("concat").as_array();
  absl::StatusOr<Ipv4Address> address = Ipv4Address::Parse(parts.at(0).as_string().c_str());
  if (!address.ok()) throw std::invalid_argument(std::string(address.status().message()));
  return {*address, parts.at(1).to_number<int>()};
}

// Calls `parse`, which reads an answer of libnftables; what it throws becomes a status.
template <class Parse>
absl::Status Parsed(Parse parse) {
  try {
    parse();
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return Refused(absl::StrCat("unexpected answer of libnftables: ", error.what()));
  }
}

}  // namespace

class NftablesTable::Library {
 public:
  explicit Library(nft_ctx* context) : context_(context) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { nft_ctx_free(context_); }

  // Carries out `commands` as one transaction.
  absl::Status Run(const std::string& commands) {
    nft_ctx_output_set_flags(context_, 0);
    return Execute(commands);
  }

  // The JSON answer of one command.
  absl::StatusOr<std::string> List(const std::string& command) {
    // Numbers, where /etc/services or /etc/iproute2 have names for some of them.
    nft_ctx_output_set_flags(context_, NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_ALL);
    const absl::Status status = Execute(command);
    DROVER_RETURN_IF_ERROR(NoTableIfMissing(status));
    return std::string(nft_ctx_get_output_buffer(context_));
  }

 private:
  absl::Status Execute(const std::string& commands) {
    const int result = nft_run_cmd_from_buffer(context_, commands.c_str());
    // Reading a buffer also empties it for the next command.
    const std::string errors = nft_ctx_get_error_buffer(context_);
    if (result == 0) return absl::OkStatus();
    // The rest points into the commands.
    const std::string first_line = errors.substr(0, errors.find('\n'));
    return Refused(first_line.empty() ? "libnftables gave no reason" : first_line);
  }

  nft_ctx* context_;
};

absl::StatusOr<std::unique_ptr<NftablesTable>> NftablesTable::Create() {
  nft_ctx* context = nft_ctx_new(NFT_CTX_DEFAULT);
  if (context == nullptr) return Refused("libnftables cannot be set up");
  auto library = std::make_unique<Library>(context);
  if (nft_ctx_buffer_output(context) != 0 || nft_ctx_buffer_error(context) != 0) {
    return Refused("libnftables has no memory for its answers");
  }
  DROVER_ASSIGN_OR_RETURN(RulesetGeneration generation, RulesetGeneration::Open());
  return std::unique_ptr<NftablesTable>(
      new NftablesTable(std::move(library), std::move(generation)));
}

NftablesTable::NftablesTable(std::unique_ptr<Library> library, RulesetGeneration generation)
    : library_(std::move(library)), generation_(std::move(generation)) {}
NftablesTable::~NftablesTable() = default;

absl::Status NftablesTable::Ensure() {
  const std::vector<std::pair<absl::string_view, std::string>> values = {
      {"$REMOTE", absl::StrCat(kRemoteMark)},    {"$LOCAL", absl::StrCat(kLocalMark)},
      {"$TTL", absl::StrCat(kForwardedTtl)},     {"$BRIDGE", absl::StrCat(kLocalFromBridgeMark)},
      {"$MASK", absl::StrCat(kMarkMask)},        {"$OURS", absl::StrCat(kMark)},
      {"$RELAY_PORT", absl::StrCat(kRelayPort)}, {"$RELAY_MARK", absl::StrCat(kRelaySocketMark)}};
  DROVER_RETURN_IF_ERROR(Change(absl::StrReplaceAll(kRules, values)));
  const absl::Status end_soon = Change(absl::StrReplaceAll(kEndSoon, values));
  LOG_IF(WARNING, !end_soon.ok())
      << "this kernel has no time-outs for single connections; a client "
         "that opens thousands a second may lose some in a move: "
      << end_soon;
  return absl::OkStatus();
}

absl::Status NftablesTable::Remove() { return Change(kRemoveTable); }

absl::Status NftablesTable::Change(const std::string& commands) {
  if (commands.empty()) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(library_->Run(commands));
  // Two steps are one of somebody else's: then what is expected stays behind.
  absl::StatusOr<uint32_t> generation = generation_.Read();
  if (expected_.has_value() && generation.ok() && *generation == *expected_ + 1) ++*expected_;
  return absl::OkStatus();
}

bool NftablesTable::IsUntouched() {
  absl::StatusOr<uint32_t> generation = generation_.Read();
  return generation.ok() && expected_.has_value() && *generation == *expected_;
}

absl::StatusOr<KernelRoutes> NftablesTable::ReadRoutes() {
  // Before it is read: who changes it meanwhile has changed it since.
  DROVER_ASSIGN_OR_RETURN(expected_, generation_.Read());
  DROVER_ASSIGN_OR_RETURN(std::string targets, library_->List("list map inet drover routes"));
  DROVER_ASSIGN_OR_RETURN(std::string marks, library_->List("list map inet drover marks"));
  DROVER_ASSIGN_OR_RETURN(std::string waiting, library_->List("list set inet drover waiting"));
  KernelRoutes routes;
  auto parse = [&] {
    for (const json::value& element : ElementsOf(targets, "map")) {
      routes.targets[PortOf(element.at(0))] = EndpointOf(element.at(1));
    }
    for (const json::value& element : ElementsOf(marks, "map")) {
      const bool local = element.at(1).to_number<uint32_t>() == kLocalMark;
      routes.kinds[PortOf(element.at(0))] = local ? TargetKind::kLocal : TargetKind::kRemote;
    }
    for (const json::value& element : ElementsOf(waiting, "set")) {
      routes.waiting.insert(PortOf(element));
    }
  };
  DROVER_RETURN_IF_ERROR(Parsed(parse));
  return routes;
}

absl::Status NftablesTable::Apply(const KernelChange& change) {
  return BetweenFailpoints({"proxy.kernel.apply"}, [&] {
    return Change(absl::StrCat(DeleteCommands(change.remove), AddCommands(change.add)));
  });
}

absl::StatusOr<std::set<int>> NftablesTable::ReadHolds() {
  DROVER_ASSIGN_OR_RETURN(std::string answer, library_->List("list set inet drover holds"));
  std::set<int> held;
  auto parse = [&] {
    for (const json::value& element : ElementsOf(answer, "set")) held.insert(PortOf(element));
  };
  DROVER_RETURN_IF_ERROR(Parsed(parse));
  return held;
}

absl::Status NftablesTable::Hold(const std::set<int>& ports, absl::Duration time_to_live) {
  std::vector<std::string> elements;
  for (int port : ports) {
    elements.push_back(
        absl::StrCat(port, " timeout ", absl::ToInt64Milliseconds(time_to_live), "ms"));
  }
  return BetweenFailpoints({"proxy.kernel.hold"},
                           [&] { return ReplaceHolds(ports, Command("add", "holds", elements)); });
}

absl::Status NftablesTable::Release(const std::set<int>& ports) {
  return BetweenFailpoints({"proxy.kernel.release"}, [&] { return ReplaceHolds(ports, ""); });
}

absl::Status NftablesTable::ReplaceHolds(const std::set<int>& ports, const std::string& add) {
  if (ports.empty()) return absl::OkStatus();
  // Adding a held port again would renew nothing, and deleting one that is not held (any more)
  // fails the batch: so each is added, which changes nothing where it is there, deleted and added.
  const std::vector<std::string> keys = Texts(ports);
  return NoTableIfMissing(
      Change(absl::StrCat(Command("add", "holds", keys), Command("delete", "holds", keys), add)));
}

}  // namespace drover::proxy
