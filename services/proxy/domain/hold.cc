#include "services/proxy/domain/hold.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/proxy/domain/port.h"

namespace drover::proxy {
namespace {

constexpr size_t kMaximumHolderLength = 120;
constexpr absl::Duration kShortest = absl::Seconds(1);
constexpr absl::Duration kLongest = absl::Minutes(10);

bool IsHolderCharacter(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/' || c == ':';
}

}  // namespace

absl::Status ValidateHold(const std::string& holder, const std::vector<int>& external_ports,
                          absl::Duration time_to_live) {
  if (holder.empty() || holder.size() > kMaximumHolderLength ||
      !std::all_of(holder.begin(), holder.end(), IsHolderCharacter)) {
    return absl::InvalidArgumentError(absl::StrCat("the holder must be 1 to ", kMaximumHolderLength,
                                                   " letters, digits or -_./: and is \"", holder,
                                                   "\""));
  }
  if (external_ports.empty()) return absl::InvalidArgumentError("there is no port to hold");
  for (int port : external_ports) DROVER_RETURN_IF_ERROR(ValidateExternalPort(port));
  if (time_to_live >= kShortest && time_to_live <= kLongest) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a hold lasts ", absl::FormatDuration(kShortest),
                                                 " to ", absl::FormatDuration(kLongest), ", not ",
                                                 absl::FormatDuration(time_to_live)));
}

void HoldTable::Set(const std::string& holder, const std::set<int>& ports, absl::Time end) {
  for (int port : ports) entries_[port] = {holder, end};
}

void HoldTable::Adopt(const std::set<int>& ports, absl::Time end) { Set("", ports, end); }

template <class Predicate>
std::set<int> HoldTable::Erase(Predicate predicate) {
  std::set<int> ports;
  std::erase_if(entries_, [&](const auto& one) {
    const auto& [port, entry] = one;
    if (!predicate(port, entry)) return false;
    ports.insert(port);
    return true;
  });
  return ports;
}

std::set<int> HoldTable::Release(const std::string& holder) {
  // Nobody's.
  if (holder.empty()) return {};
  return Erase([&](int, const Entry& entry) { return entry.holder == holder; });
}

std::set<int> HoldTable::ReleaseAdopted(const std::set<int>& ports) {
  return Erase(
      [&](int port, const Entry& entry) { return entry.holder.empty() && ports.contains(port); });
}

std::set<int> HoldTable::Expire(absl::Time now) {
  return Erase([&](int, const Entry& entry) { return entry.end <= now; });
}

std::set<int> HoldTable::Ports() const {
  std::set<int> ports;
  for (const auto& [port, entry] : entries_) ports.insert(port);
  return ports;
}

std::set<int> HoldTable::PortsToRenew() const {
  std::set<int> ports;
  for (const auto& [port, entry] : entries_) {
    if (!entry.holder.empty()) ports.insert(port);
  }
  return ports;
}

Holds HoldTable::Holders() const {
  Holds holds;
  for (const auto& [port, entry] : entries_) holds[port] = entry.holder;
  return holds;
}

}  // namespace drover::proxy
