// A Host for tests: slots are plain folders, control groups are what a test says.
#ifndef DROVER_SERVICES_VOLUME_BACKEND_FAKE_HOST_H_
#define DROVER_SERVICES_VOLUME_BACKEND_FAKE_HOST_H_

#include <atomic>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "services/volume/backend/host.h"

namespace drover::volume {

class FakeHost : public Host {
 public:
  // Whether processes are left in the containers' control groups.
  void SetAlive(bool alive) { alive_ = alive; }
  // Gates of every container id are believed, or of none.
  void SetBelieveGates(bool believe) { believe_ = believe; }
  // Whether gates are found in their control groups.
  void SetSeeGates(bool see) { see_ = see; }

  absl::Status MakeSlot(const std::string& path) override {
    std::filesystem::create_directories(path);
    return absl::OkStatus();
  }
  absl::Status RemoveSlot(const std::string& path) override {
    std::filesystem::remove_all(path);
    return absl::OkStatus();
  }
  bool IsSlot(const std::string& path) override { return std::filesystem::exists(path); }
  absl::StatusOr<FolderIdentity> Identify(const std::string& path) override {
    return FolderIdentity{.device = 1, .inode = 2};
  }
  absl::StatusOr<std::string> CgroupOf(int pid, const std::string& container_id) override {
    if (!believe_) return absl::FailedPreconditionError("another control group");
    return "/docker/" + container_id;
  }
  absl::StatusOr<bool> SeesInCgroup(int pid, const std::string& cgroup) override {
    return see_.load();
  }
  absl::StatusOr<bool> IsCgroupEmpty(const std::string& cgroup) override { return !alive_; }
  absl::StatusOr<std::vector<MountEntry>> AllMounts() override { return std::vector<MountEntry>(); }

 private:
  // Set by the test's thread, read by blocking ones.
  std::atomic<bool> alive_ = false;
  std::atomic<bool> believe_ = true;
  std::atomic<bool> see_ = true;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_BACKEND_FAKE_HOST_H_
