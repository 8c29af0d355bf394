// Ports whose new connections wait while their application is cut over.
#ifndef DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_
#define DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace drover::proxy {

// Held ports and who holds each. A port has one holder: its application is cut over by one
// operation at a time, and the coordinator that calls last is the one that knows which.
using Holds = std::map<int, std::string>;

// INVALID_ARGUMENT unless the holder is a short name, there is at least one port, all may be
// claimed, and `time_to_live` is 1 s to 10 min.
absl::Status ValidateHold(const std::string& holder, const std::vector<int>& external_ports,
                          absl::Duration time_to_live);

// Who holds which ports, and until when.
class HoldTable {
 public:
  // `holder` holds `ports` until `end`, those held already (by whomever) too.
  void Set(const std::string& holder, const std::set<int>& ports, absl::Time end);
  // Those whose holder is not known any more, until `end`: the kernel still holds them for an
  // earlier process of this daemon. Whoever sets a hold takes them over.
  void Adopt(const std::set<int>& ports, absl::Time end);
  // Ends what `holder` holds, and answers which ports that were: one that another took over stays
  // held.
  std::set<int> Release(const std::string& holder);
  // Ends those of the adopted holds that are among `ports`, and answers which those were.
  std::set<int> ReleaseAdopted(const std::set<int>& ports);
  // Ends the holds whose time is over, and answers their ports.
  std::set<int> Expire(absl::Time now);

  std::set<int> Ports() const;
  // Those that the kernel is to hold for longer: not the adopted ones, so that a daemon which dies
  // again and again holds nothing for ever.
  std::set<int> PortsToRenew() const;
  Holds Holders() const;

 private:
  struct Entry {
    // Empty: adopted.
    std::string holder;
    absl::Time end;
  };
  template <class Predicate>
  std::set<int> Erase(Predicate predicate);

  std::map<int, Entry> entries_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_DOMAIN_HOLD_H_
