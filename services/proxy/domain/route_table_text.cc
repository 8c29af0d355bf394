#include "services/proxy/domain/route_table_text.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/common/status/status_macros.h"

namespace drover::proxy {
namespace {

constexpr char kFormat[] = "drover-routes 1 revision ";
constexpr char kEnd[] = "end";
constexpr char kChange[] = "change";
constexpr char kRemoved[] = "removed ";

using Words = std::vector<std::string>;

absl::StatusOr<Route> DecodeRoute(const std::string& line) {
  const Words words = absl::StrSplit(line, ' ');
  Route route;
  if (words.size() != 5 || !absl::SimpleAtoi(words[1], &route.external_port)) {
    return absl::InvalidArgumentError("this is no route");
  }
  route.application = ApplicationName(words[2]);
  if (words[0] == "local") {
    LocalTarget local;
    if (!absl::SimpleAtoi(words[3], &local.internal_port)) {
      return absl::InvalidArgumentError("this is no port");
    }
    local.container = ContainerId(words[4]);
    route.target = local;
    return route;
  }
  absl::StatusOr<Ipv4Address> address = Ipv4Address::Parse(words[4]);
  if (words[0] != "remote" || !address.ok()) {
    return absl::InvalidArgumentError("this is no route");
  }
  route.target = RemoteTarget{NodeName(words[3]), *address};
  return route;
}

void AppendRoute(const Route& route, std::string& text) {
  const int port = route.external_port;
  if (const auto* local = std::get_if<LocalTarget>(&route.target)) {
    absl::StrAppend(&text, "local ", port, " ", route.application.value(), " ",
                    local->internal_port, " ", local->container.value(), "\n");
  } else {
    const auto& remote = std::get<RemoteTarget>(route.target);
    absl::StrAppend(&text, "remote ", port, " ", route.application.value(), " ",
                    remote.node.value(), " ", remote.address.ToString(), "\n");
  }
}

// The change whose first line is lines[*next]; *next is then behind its last.
absl::StatusOr<RouteDelta> DecodeRouteDelta(const Words& lines, size_t* next) {
  const absl::Status cut = absl::InvalidArgumentError("this is no whole change");
  const Words first = absl::StrSplit(lines[(*next)++], ' ');
  int64_t base = 0;
  int64_t revision = 0;
  if (first.size() != 3 || first[0] != kChange || !absl::SimpleAtoi(first[1], &base) ||
      !absl::SimpleAtoi(first[2], &revision)) {
    return cut;
  }
  std::vector<Route> set;
  std::vector<int> removed;
  // The last piece has no line feed behind it, so its line may be cut.
  for (; *next + 1 < lines.size(); ++*next) {
    const std::string& line = lines[*next];
    if (line == kEnd) {
      ++*next;
      return RouteDelta::Create(base, revision, set, removed);
    }
    int port = 0;
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, kRemoved)) {
      if (!absl::SimpleAtoi(rest, &port)) return cut;
      removed.push_back(port);
      continue;
    }
    DROVER_ASSIGN_OR_RETURN(Route route, DecodeRoute(line));
    set.push_back(std::move(route));
  }
  return cut;
}

absl::Status Damaged(absl::string_view line, absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("the route file is damaged at line \"", line, "\": ", why));
}

}  // namespace

std::string EncodeRouteTable(const RouteTable& table) {
  std::string text = absl::StrCat(kFormat, table.revision(), "\n");
  for (const auto& [port, route] : table.routes()) AppendRoute(route, text);
  absl::StrAppend(&text, kEnd, "\n");
  return text;
}

absl::StatusOr<RouteTable> DecodeRouteTable(absl::string_view text) {
  const Words lines = absl::StrSplit(text, '\n');
  // The last line feed leaves an empty piece behind "end".
  if (lines.size() < 3 || lines[lines.size() - 2] != kEnd || !lines.back().empty()) {
    return Damaged(lines.back(), "the file ends too early");
  }
  int64_t revision = 0;
  const absl::string_view first = lines.front();
  if (first.substr(0, sizeof(kFormat) - 1) != kFormat ||
      !absl::SimpleAtoi(first.substr(sizeof(kFormat) - 1), &revision)) {
    return Damaged(first, "this is no revision");
  }
  std::vector<Route> routes;
  for (size_t i = 1; i + 2 < lines.size(); ++i) {
    absl::StatusOr<Route> route = DecodeRoute(lines[i]);
    if (!route.ok()) return Damaged(lines[i], route.status().message());
    routes.push_back(*route);
  }
  absl::StatusOr<RouteTable> table = RouteTable::Create(revision, routes);
  if (!table.ok()) return Damaged(first, table.status().message());
  return table;
}

std::string EncodeRouteDelta(const RouteDelta& delta) {
  std::string text = absl::StrCat(kChange, " ", delta.base(), " ", delta.revision(), "\n");
  for (const auto& [port, route] : delta.set()) AppendRoute(route, text);
  for (int port : delta.removed()) absl::StrAppend(&text, kRemoved, port, "\n");
  absl::StrAppend(&text, kEnd, "\n");
  return text;
}

void DecodeRouteDeltas(absl::string_view text, RouteTable& table) {
  const Words lines = absl::StrSplit(text, '\n');
  size_t next = 0;
  while (next + 1 < lines.size()) {
    absl::StatusOr<RouteDelta> delta = DecodeRouteDelta(lines, &next);
    if (!delta.ok()) return;
    if (delta->revision() <= table.revision()) continue;
    if (!CheckSuccession(table, *delta).ok()) return;
    table.Apply(*delta);
  }
}

}  // namespace drover::proxy
