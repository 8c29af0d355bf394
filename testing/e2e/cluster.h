// A lab with Drover on it, as the end-to-end tests use it: the command line on the client machine,
// real containers, real data.
#ifndef DROVER_TESTING_E2E_CLUSTER_H_
#define DROVER_TESTING_E2E_CLUSTER_H_

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "testing/e2e/test_watch.h"
#include "testing/lab/lab.h"

namespace drover::e2e {

using lab::CommandOutcome;

// What application.yml says of one application.
struct App {
  std::string name;
  int external_port = 0;
  // Further lines of its YAML, indented by four spaces.
  std::string more;
};

// Node name -> names of the applications that run there.
using Placement = std::map<std::string, std::vector<std::string>>;

// The environment says what the nodes are made of: DROVER_BACKEND (btrfs, zfs; btrfs if it is not
// set), for the tests that run on either, and DROVER_ENGINE (docker, podman; docker).
lab::Backend BackendOfNodes();

// What this computer lacks for a cluster, in words; empty if nothing.
std::string WhatIsMissing();

// Owns the lab: it is taken down with this object. Failures of the lab itself end the test. While
// it lives, a test that fails or hangs prints the state of the lab.
class Cluster {
 public:
  // Brings up a lab of `nodes` nodes with the redis image in its registry.
  Cluster(lab::Backend backend, int nodes);
  ~Cluster();

  lab::Lab& lab() { return *lab_; }
  const std::string& redis_image() const { return redis_image_; }

  // Runs `drover ARGUMENTS…` on the client machine.
  CommandOutcome Drover(const std::vector<std::string>& arguments);
  // The same with `-o json`; the exit code must be `exit_code`.
  boost::json::object DroverJson(std::vector<std::string> arguments, int exit_code = 0);

  // Writes the two files and returns their paths, deployment first.
  std::vector<std::string> WriteFiles(const std::vector<App>& apps, const Placement& placement);
  // Writes the two files and deploys them.
  boost::json::object Deploy(const std::vector<App>& apps, const Placement& placement,
                             int exit_code = 0);

  // redis-cli from the client machine to `node`: its output without the last line's end.
  std::string Redis(const std::string& node, int port, const std::vector<std::string>& command);

  // Which start of which container `app` is on `node`: another one after every stop and start.
  std::string StartOf(const std::string& node, const std::string& app);

  // The entry of that name in `list` ("applications", "volumes", …) of the cluster's status.
  boost::json::object Find(const std::string& list, const std::string& name);

  // The migration that began last, as `migrations list` tells it.
  boost::json::object LastMigration();

  // Adds that many megabytes to the volume of a Redis, every time.
  void FillRedis(const std::string& node, int port, int megabytes);

  // Within 2 s, the coordinator knows that every node answers.
  void ExpectNodesReady();

  // `docker ps` on each node, `drover status` and the records in the pools must tell the same.
  void ExpectAgreement();

  // Calls `condition` until it holds; fails the test after `limit`. For what a daemon does by
  // itself.
  void Eventually(const std::string& what, absl::Duration limit,
                  const std::function<bool()>& condition);

 private:
  // Application -> container state on `node`, as the engine tells it.
  std::map<std::string, std::string> Containers(const std::string& node);
  // Application -> state of its record in the pool of `node`.
  std::map<std::string, std::string> Records(const std::string& node);

  const lab::Backend backend_;
  const std::string folder_;
  std::unique_ptr<lab::Lab> lab_;
  std::string redis_image_;
  std::unique_ptr<TestWatch> watch_;
};

}  // namespace drover::e2e

#endif  // DROVER_TESTING_E2E_CLUSTER_H_
