#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "services/volume/backend/fuse_unmount.h"
#include "services/volume/backend/test_zpool.h"
#include "services/volume/backend/zfs_backend.h"
#include "services/volume/testing/container_host.h"
#include "services/volume/testing/move_test.h"

namespace drover::volume {
namespace {

class ZfsNodes : public NodePair {
 public:
  ZfsNodes() : pools_{TestZpool("a"), TestZpool("b")} {
    for (int i : {0, 1}) backends_[i] = ZfsBackend::Create(pools_[i].name()).value();
  }
  ~ZfsNodes() override {
    for (const TestZpool& pool : pools_) {
      UnmountVolumes(pool.folder() + "/run/");
      UnmountBelow(pool.folder() + "/run");
    }
  }

  StorageBackend& backend(int index) override { return *backends_[index]; }
  Host& host(int index) override { return hosts_[index]; }
  std::string folder(int index) override { return pools_[index].folder(); }
  std::string Files(int index, const std::string& slot) override { return slot; }
  void Use(int index, const std::string& slot, bool use) override {
    if (use) {
      used_ = open(slot.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
      close(used_);
    }
  }

 private:
  // With care: see fuse_unmount.h.
  static void UnmountVolumes(const std::string& below) {
    const std::vector<MountEntry> mounts = OwnMounts().value();
    for (const MountEntry& mount : mounts) {
      const bool volume =
          absl::StartsWith(mount.mount_point, below) && absl::StartsWith(mount.file_system, "fuse");
      if (!volume) continue;
      const absl::Status status = UnmountFuse(mount.mount_point, mount.device, absl::Seconds(20));
      EXPECT_TRUE(status.ok()) << status;
    }
  }

  TestZpool pools_[2];
  std::unique_ptr<ZfsBackend> backends_[2];
  ContainerHost hosts_[2];
  int used_ = -1;
};

std::unique_ptr<NodePair> MakeZfsNodes() {
  if (geteuid() != 0) return nullptr;
  return std::make_unique<ZfsNodes>();
}

INSTANTIATE_TEST_SUITE_P(Zfs, MoveTest, testing::Values(&MakeZfsNodes));

}  // namespace
}  // namespace drover::volume

int main(int argc, char** argv) {
  drover::volume::ZfsFuse zfs_fuse;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
