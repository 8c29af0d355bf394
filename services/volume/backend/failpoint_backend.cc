#include "services/volume/backend/failpoint_backend.h"

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"

namespace drover::volume {
namespace {

template <class Change>
auto Between(absl::string_view method, Change change) {
  return BetweenFailpoints({"volume.pool", method}, change);
}

}  // namespace

absl::Status FailpointBackend::WriteRecord(const GroupRecord& record) {
  const std::string state = absl::StrCat(
      GroupStateName(record.state), record.gate.has_value() && record.gate->open ? ".open" : "");
  return BetweenFailpoints({"volume.record", state}, [&] { return behind_->WriteRecord(record); });
}

absl::Status FailpointBackend::RemoveGroup(const ApplicationName& application) {
  return Between("RemoveGroup", [&] { return behind_->RemoveGroup(application); });
}

absl::Status FailpointBackend::RemoveVolumes(const ApplicationName& application) {
  return Between("RemoveVolumes", [&] { return behind_->RemoveVolumes(application); });
}

absl::Status FailpointBackend::CreateVolume(const VolumeKey& volume, int64_t maximum_size_bytes) {
  return Between("CreateVolume", [&] { return behind_->CreateVolume(volume, maximum_size_bytes); });
}

absl::Status FailpointBackend::CloneVolume(const VolumeKey& source, const std::string& snapshot,
                                           const VolumeKey& clone, int64_t maximum_size_bytes) {
  return Between("CloneVolume",
                 [&] { return behind_->CloneVolume(source, snapshot, clone, maximum_size_bytes); });
}

absl::Status FailpointBackend::RemoveVolume(const VolumeKey& volume) {
  return Between("RemoveVolume", [&] { return behind_->RemoveVolume(volume); });
}

absl::Status FailpointBackend::SetLimit(const VolumeKey& volume, int64_t maximum_size_bytes) {
  return Between("SetLimit", [&] { return behind_->SetLimit(volume, maximum_size_bytes); });
}

absl::StatusOr<StoredSnapshot> FailpointBackend::CreateSnapshot(const VolumeKey& volume,
                                                                const std::string& name) {
  return Between("CreateSnapshot", [&] { return behind_->CreateSnapshot(volume, name); });
}

absl::Status FailpointBackend::DeleteSnapshot(const VolumeKey& volume, const std::string& name) {
  return Between("DeleteSnapshot", [&] { return behind_->DeleteSnapshot(volume, name); });
}

absl::Status FailpointBackend::Sync() {
  return Between("Sync", [&] { return behind_->Sync(); });
}

absl::StatusOr<std::vector<std::string>> FailpointBackend::BeginReceive(
    const IncomingSnapshot& incoming) {
  return Between("BeginReceive", [&] { return behind_->BeginReceive(incoming); });
}

absl::StatusOr<StoredSnapshot> FailpointBackend::AcceptReceived(const IncomingSnapshot& incoming) {
  return Between("AcceptReceived", [&] { return behind_->AcceptReceived(incoming); });
}

absl::Status FailpointBackend::DiscardReceived(const IncomingSnapshot& incoming) {
  return Between("DiscardReceived", [&] { return behind_->DiscardReceived(incoming); });
}

absl::Status FailpointBackend::WipePartials() {
  return Between("WipePartials", [&] { return behind_->WipePartials(); });
}

absl::Status FailpointBackend::MakeServing(const VolumeKey& volume, const std::string& snapshot,
                                           int64_t maximum_size_bytes) {
  return Between("MakeServing",
                 [&] { return behind_->MakeServing(volume, snapshot, maximum_size_bytes); });
}

absl::Status FailpointBackend::DropLive(const VolumeKey& volume) {
  return Between("DropLive", [&] { return behind_->DropLive(volume); });
}

absl::Status FailpointBackend::Mount(const VolumeKey& volume, const std::string& path) {
  return Between("Mount", [&] { return behind_->Mount(volume, path); });
}

absl::Status FailpointBackend::Unmount(const VolumeKey& volume, const std::string& path) {
  return Between("Unmount", [&] { return behind_->Unmount(volume, path); });
}

}  // namespace drover::volume
