// A Docker Engine of a test's own.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_TEST_DOCKERD_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_TEST_DOCKERD_H_

#include <memory>
#include <string>

#include "services/common/process/spawn.h"

namespace drover::container {

// Runs in network and mount namespaces of its own, with all its files in a folder of its own; both
// are gone with this object.
class TestDockerd {
 public:
  // Whether this machine and user can.
  static bool CanRun();
  // Returns when it serves; null, with a test failure, if it does not.
  static std::unique_ptr<TestDockerd> Start();
  ~TestDockerd();

  std::string socket_path() const { return folder_ + "/docker.sock"; }
  // Makes an image from this machine's static busybox: /bin/sh and others, and a file
  // /data/sub/file.
  bool ImportBusybox(const std::string& image);

 private:
  TestDockerd(std::string folder, SpawnedProcess process);
  std::string folder_;
  SpawnedProcess process_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_TEST_DOCKERD_H_
