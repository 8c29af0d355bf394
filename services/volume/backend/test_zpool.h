// ZFS for tests that run as root: a zfs-fuse of their own, and pools in files.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_TEST_ZPOOL_H_
#define DROVER_SERVICES_VOLUME_BACKEND_TEST_ZPOOL_H_

#include <sys/types.h>

#include <string>

namespace drover::volume {

// Made first in main(), before there are threads: moves the process into a mount namespace of its
// own, with private folders for zfs-fuse, and starts that. Its end ends zfs-fuse. Does nothing if
// we are not root.
class ZfsFuse {
 public:
  ZfsFuse();
  ~ZfsFuse();
  ZfsFuse(const ZfsFuse&) = delete;
  ZfsFuse& operator=(const ZfsFuse&) = delete;

  // It dies as at a power cut, and forgets its list of pools; Start runs it again.
  void Kill();
  void Start();
  // It reads no request in between.
  void Pause();
  void Resume();

 private:
  pid_t pid_ = 0;
};

// Makes a pool, and in the end destroys it.
class TestZpool {
 public:
  // The pool's name begins with `name`.
  explicit TestZpool(const std::string& name);
  ~TestZpool();
  TestZpool(const TestZpool&) = delete;
  TestZpool& operator=(const TestZpool&) = delete;

  const std::string& name() const { return name_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string name_;
  std::string folder_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_TEST_ZPOOL_H_
