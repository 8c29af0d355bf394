#include "services/volume/backend/fake_backend.h"

#include <stdlib.h>

#include <filesystem>

#include "services/volume/backend/backend_contract.h"

namespace drover::volume {
namespace {

class FakeWorld : public BackendWorld {
 public:
  FakeWorld() {
    std::string pattern = testing::TempDir() + "/fakeXXXXXX";
    folder_ = mkdtemp(pattern.data());
    source_ = FakeBackend::Create(folder_ + "/a").value();
    destination_ = FakeBackend::Create(folder_ + "/b").value();
  }
  ~FakeWorld() override { std::filesystem::remove_all(folder_); }

  StorageBackend& source() override { return *source_; }
  StorageBackend& destination() override { return *destination_; }
  std::unique_ptr<StorageBackend> ReopenSource() override {
    return FakeBackend::Create(folder_ + "/a").value();
  }
  std::string Open(StorageBackend& backend, const VolumeKey& volume) override {
    return static_cast<FakeBackend&>(backend).LivePath(volume);
  }
  void Close(StorageBackend& backend, const VolumeKey& volume) override {}
  void Nest(const VolumeKey& volume) override { source_->SetNested(true); }

 private:
  std::string folder_;
  std::unique_ptr<FakeBackend> source_;
  std::unique_ptr<FakeBackend> destination_;
};

std::unique_ptr<BackendWorld> MakeFakeWorld() { return std::make_unique<FakeWorld>(); }

INSTANTIATE_TEST_SUITE_P(Fake, StorageBackendContract, testing::Values(&MakeFakeWorld));

TEST(FakeBackendTest, ABusyMountIsNotUnmounted) {
  FakeWorld world;
  auto& backend = static_cast<FakeBackend&>(world.source());
  const VolumeKey volume{ApplicationName("redis"), ""};
  ASSERT_TRUE(backend.Mount(volume, "/slot").ok());
  backend.SetBusy(true);
  EXPECT_FALSE(backend.Unmount(volume, "/slot").ok());
  backend.SetBusy(false);
  EXPECT_TRUE(backend.Unmount(volume, "/slot").ok());
  EXPECT_TRUE(backend.MountsOf(volume).empty());
}

}  // namespace
}  // namespace drover::volume
