#include <fcntl.h>
#include <unistd.h>

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
    for (const TestZpool& pool : pools_) UnmountBelow(pool.folder() + "/run");
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
