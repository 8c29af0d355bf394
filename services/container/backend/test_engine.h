// A container engine of a test's own.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_TEST_ENGINE_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_TEST_ENGINE_H_

#include <memory>
#include <string>

#include "services/common/process/spawn.h"

namespace drover::container {

// Runs in network and mount namespaces of its own, with all its files in a folder of its own; both
// are gone with this object.
class TestEngine {
 public:
  enum class Kind { kDocker, kPodman };

  // What this machine or user lacks, in words; empty if nothing.
  static std::string WhatIsMissing(Kind kind);
  // Returns when it serves; null, with a test failure, if it does not.
  static std::unique_ptr<TestEngine> Start(Kind kind);
  ~TestEngine();

  std::string socket_path() const { return folder_ + "/engine.sock"; }
  // Makes an image from this machine's static busybox: /bin/sh and others, a file /data/sub/file in
  // a folder /data that user 7 owns, and a health check.
  bool ImportBusybox(const std::string& image);

 private:
  TestEngine(std::string folder, SpawnedProcess process);
  std::string folder_;
  SpawnedProcess process_;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_TEST_ENGINE_H_
