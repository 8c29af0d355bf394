// What the user asked for, for one application: application.yml with all defaults filled in.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_APPLICATION_SPEC_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_APPLICATION_SPEC_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"

namespace drover::coordinator {

struct PortMapping {
  int internal = 0;
  int external = 0;
  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

struct Link {
  int local_port = 0;
  int remote_port = 0;
  std::string alias;
  friend bool operator==(const Link&, const Link&) = default;
};

struct VolumeSpec {
  std::string id;  // Empty for the only volume of an application.
  std::string mountpoint;
  int64_t maximum_size_bytes = 0;  // 0 = unlimited.
  std::string dataset_id;
  friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

enum class RestartMode { kNever, kAlways, kOnFailure };

struct RestartPolicy {
  RestartMode mode = RestartMode::kNever;
  int maximum_retry_count = 0;  // 0 = without limit.
  friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

struct HealthCheck {
  std::vector<std::string> command;  // Empty: none, not even the image's.
  absl::Duration timeout = absl::Seconds(30);
  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct Readiness {
  int port = 0;  // 0 = the first published one.
  std::string http_path;
  absl::Duration timeout = absl::Seconds(60);
  std::optional<HealthCheck> health_check;
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

struct ApplicationSpec {
  ApplicationName name;
  std::string image;
  std::vector<PortMapping> ports;
  std::vector<Link> links;
  std::vector<VolumeSpec> volumes;
  std::map<std::string, std::string> environment;
  int64_t memory_limit_bytes = 0;
  int cpu_shares = 0;
  RestartPolicy restart_policy;
  std::optional<std::vector<std::string>> command;
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<Readiness> readiness;
  absl::Duration stop_timeout = absl::Seconds(10);
  // Where one deployment starts both, these are ready before this one starts.
  std::vector<ApplicationName> depends_on;
  friend bool operator==(const ApplicationSpec&, const ApplicationSpec&) = default;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_APPLICATION_SPEC_H_
