// Where a lab keeps its files.
#ifndef DROVER_TESTING_LAB_LAB_PATHS_H_
#define DROVER_TESTING_LAB_LAB_PATHS_H_

#include <string>

#include "absl/status/status.h"

namespace drover::lab {

// All labs of this machine are folders in here.
inline constexpr char kLabsFolder[] = "/var/lib/drover-lab";

// OK if `name` may name a lab: lower-case letters, digits and `-`, at most 20 bytes. It is part of
// the paths of sockets, which the kernel limits to 107 bytes.
absl::Status CheckLabName(const std::string& name);

// The paths of one lab. They are the same inside and outside its machines.
class LabPaths {
 public:
  explicit LabPaths(const std::string& name) : root_(std::string(kLabsFolder) + "/" + name) {}

  const std::string& root() const { return root_; }
  std::string record() const { return root_ + "/lab.json"; }
  // Bound over /etc/hosts in each machine.
  std::string hosts() const { return root_ + "/hosts"; }

  std::string authority() const { return root_ + "/certs/ca"; }
  std::string certificate(const std::string& holder) const { return root_ + "/certs/" + holder; }
  // Of the person who uses the lab: what DROVER_CERT_DIR names inside the machines.
  std::string user_certificate() const { return certificate("user"); }

  // What survives a reboot of `machine`: its disk.
  std::string machine(const std::string& machine) const { return root_ + "/machines/" + machine; }
  std::string log(const std::string& machine, const std::string& daemon) const {
    return this->machine(machine) + "/log/" + daemon + ".log";
  }
  // What tests order the daemon to do at its failpoints (services/common/failpoint).
  std::string failpoints(const std::string& machine, const std::string& daemon) const {
    return this->machine(machine) + "/failpoints/" + daemon;
  }
  // Where the node's engine, be it Docker or Podman, serves Docker's API.
  std::string docker_socket(const std::string& machine) const {
    return this->machine(machine) + "/docker.sock";
  }
  // Bound over /etc/containers and /var/lib/containers on a node with Podman.
  std::string podman_config(const std::string& machine) const {
    return this->machine(machine) + "/etc-containers";
  }
  std::string podman_data(const std::string& machine) const {
    return this->machine(machine) + "/var-lib-containers";
  }
  std::string pool_file(const std::string& machine) const {
    return this->machine(machine) + "/pool.img";
  }
  std::string image(const std::string& image) const { return root_ + "/images/" + image; }

 private:
  std::string root_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_PATHS_H_
