#include <fcntl.h>
#include <unistd.h>

#include "services/volume/backend/btrfs_backend.h"
#include "services/volume/backend/loop_btrfs.h"
#include "services/volume/testing/container_host.h"
#include "services/volume/testing/move_test.h"

namespace drover::volume {
namespace {

class BtrfsNodes : public NodePair {
 public:
  BtrfsNodes() : pools_{LoopBtrfs("a"), LoopBtrfs("b")} {
    for (int i : {0, 1}) backends_[i] = BtrfsBackend::Create(pools_[i].mount_point()).value();
  }
  ~BtrfsNodes() override {
    for (const LoopBtrfs& pool : pools_) UnmountBelow(pool.folder() + "/run");
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
  LoopBtrfs pools_[2];
  std::unique_ptr<BtrfsBackend> backends_[2];
  ContainerHost hosts_[2];
  int used_ = -1;
};

std::unique_ptr<NodePair> MakeBtrfsNodes() {
  if (geteuid() != 0) return nullptr;
  return std::make_unique<BtrfsNodes>();
}

INSTANTIATE_TEST_SUITE_P(Btrfs, MoveTest, testing::Values(&MakeBtrfsNodes));

}  // namespace
}  // namespace drover::volume
