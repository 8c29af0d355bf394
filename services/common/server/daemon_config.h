// The configuration file of a daemon: YAML, one level of keys and at most one below.
#ifndef DROVER_SERVICES_COMMON_SERVER_DAEMON_CONFIG_H_
#define DROVER_SERVICES_COMMON_SERVER_DAEMON_CONFIG_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace drover {

struct DaemonConfig {
  // The cluster's name, as in the certificates.
  std::string cluster;
  // This node's registered name; empty for the coordinator.
  std::string node;
  // host:port.
  std::string listen;
  // Folder with ca.crt, tls.crt and tls.key.
  std::string tls_dir;
  // Folder for the daemon's own records; it must exist.
  std::string state_dir;
  // Folder for log files; empty = stderr.
  std::string log_dir;
  // How long a connection to the daemon lasts, give or take a tenth: so long does a caller go on
  // with a certificate that was renewed; the documents promise an hour. Not in the file.
  absl::Duration connection_age = absl::Minutes(50);
  // The daemon's own keys; nested ones as `pool.backend`.
  std::map<std::string, std::string> own;

  // An own key's value. INVALID_ARGUMENT naming the key if it is missing.
  absl::StatusOr<std::string> Require(const std::string& key) const;
  std::string Get(const std::string& key, const std::string& otherwise) const;
};

// Reads `path`. `own_keys` are the keys that only this daemon has. INVALID_ARGUMENT, naming file,
// line and key, for a syntax error, an unknown or duplicate key, a missing common one, and what is
// no scalar.
absl::StatusOr<DaemonConfig> ReadDaemonConfig(const std::string& path,
                                              const std::set<std::string>& own_keys);

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_SERVER_DAEMON_CONFIG_H_
