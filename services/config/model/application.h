// An application as application.yml describes it, whatever format the file has.
#ifndef DROVER_SERVICES_CONFIG_MODEL_APPLICATION_H_
#define DROVER_SERVICES_CONFIG_MODEL_APPLICATION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/common/ids/ids.h"

namespace drover::config {

struct PortMapping {
  int internal = 0;
  int external = 0;
};

struct Link {
  int local_port = 0;
  int remote_port = 0;
  std::string alias;
};

struct Volume {
  // Empty for the one volume of `volume:`.
  std::string id;
  std::string mountpoint;
  // Nothing: unlimited.
  std::optional<int64_t> maximum_size_bytes;
  // A UUID in lower case; empty if the file names none.
  std::string dataset_id;
};

struct RestartPolicy {
  enum class Mode { kNever, kAlways, kOnFailure };
  Mode mode = Mode::kNever;
  // Only with kOnFailure; nothing: without limit.
  std::optional<int> maximum_retry_count;
};

struct HealthCheck {
  // Program and arguments. Empty: there is none, and the image's does not count.
  std::vector<std::string> command;
  // How long one run may take.
  absl::Duration timeout = absl::Seconds(30);
};

// When the application counts as ready.
struct Readiness {
  // An internal port; nothing: the first published one.
  std::optional<int> port;
  // Empty: accepting a connection is enough.
  std::string http_path;
  absl::Duration timeout = absl::Seconds(60);
  // Nothing: the image's, unless there is a port or path. Not together with them.
  std::optional<HealthCheck> health_check;
};

struct Application {
  ApplicationName name;
  // Normalised: with a tag or a digest.
  std::string image;
  std::vector<PortMapping> ports;
  std::vector<Link> links;
  std::vector<Volume> volumes;
  std::map<std::string, std::string> environment;
  std::optional<int64_t> memory_limit_bytes;
  std::optional<int> cpu_shares;
  RestartPolicy restart_policy;
  // Nothing: the image's.
  std::optional<std::vector<std::string>> command;
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<Readiness> readiness;
  absl::Duration stop_timeout = absl::Seconds(10);
  // Applications that are to be ready before this one starts.
  std::vector<ApplicationName> depends_on;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_MODEL_APPLICATION_H_
