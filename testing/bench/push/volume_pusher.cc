#include "testing/bench/push/volume_pusher.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/async/grpc_status.h"
#include "services/common/status/status_macros.h"

namespace drover::bench {
namespace {

namespace v1 = volume::v1;

constexpr int64_t kEpoch = int64_t{1} << 40;
constexpr char kNonce[] = "bench";
constexpr int64_t kFirstGeneration = 1;
// What the service takes in one message.
constexpr size_t kTarPart = 256 * 1024;

void SetFence(common::v1::Fence& fence) {
  fence.set_epoch(kEpoch);
  fence.set_nonce(kNonce);
}

std::unique_ptr<v1::VolumeService::Stub> Connect(const TlsFolder& tls, const VolumeNode& node) {
  const Identity expected = NodeOf(tls.identity().cluster, node.name);
  return v1::VolumeService::NewStub(tls.Connect(node.address, expected));
}

}  // namespace

VolumePusher::VolumePusher(const TlsFolder& tls, VolumeNode source, VolumeNode destination,
                           std::string application)
    : destination_node_(std::move(destination)),
      application_(std::move(application)),
      source_(Connect(tls, source)),
      destination_(Connect(tls, destination_node_)) {}

absl::Status VolumePusher::Create(std::istream& tar) {
  v1::CreateGroupRequest create;
  SetFence(*create.mutable_fence());
  create.set_application(application_);
  create.set_generation(kFirstGeneration);
  create.add_volumes()->set_mountpoint("/data");
  grpc::ClientContext create_context;
  v1::CreateGroupResponse created;
  DROVER_RETURN_IF_ERROR(FromGrpcStatus(source_->CreateGroup(&create_context, create, &created)));

  grpc::ClientContext seed_context;
  v1::SeedVolumeResponse seeded;
  const auto writer = source_->SeedVolume(&seed_context, &seeded);
  v1::SeedVolumeRequest part;
  part.set_application(application_);
  std::string bytes(kTarPart, '\0');
  while (tar.read(bytes.data(), bytes.size()), tar.gcount() > 0) {
    part.set_tar(bytes.data(), tar.gcount());
    if (!writer->Write(part)) break;  // Finish says why.
  }
  writer->WritesDone();
  return FromGrpcStatus(writer->Finish());
}

absl::StatusOr<v1::PushResult> VolumePusher::Push(int number) {
  const v1::MigrationKey key = Key(number);
  absl::StatusOr<v1::PushResult> result = PushReserved(key);
  const absl::Status source = Abort(*source_, key);
  const absl::Status destination = Abort(*destination_, key);
  if (!result.ok()) return result;
  DROVER_RETURN_IF_ERROR(source);
  DROVER_RETURN_IF_ERROR(destination);
  return result;
}

absl::StatusOr<v1::PushResult> VolumePusher::PushReserved(const v1::MigrationKey& key) {
  grpc::ClientContext pool_context, lock_context, reserve_context, push_context;
  v1::GetPoolResponse pool;
  DROVER_RETURN_IF_ERROR(FromGrpcStatus(source_->GetPool(&pool_context, {}, &pool)));
  v1::LockGroupRequest lock;
  *lock.mutable_key() = key;
  v1::LockGroupResponse locked;
  DROVER_RETURN_IF_ERROR(FromGrpcStatus(source_->LockGroup(&lock_context, lock, &locked)));
  v1::ReserveGroupRequest reserve;
  *reserve.mutable_key() = key;
  *reserve.mutable_source() = locked.group();
  reserve.set_backend(pool.pool().backend());
  v1::ReserveGroupResponse reserved;
  DROVER_RETURN_IF_ERROR(
      FromGrpcStatus(destination_->ReserveGroup(&reserve_context, reserve, &reserved)));

  v1::PushRoundRequest push;
  *push.mutable_key() = key;
  push.set_round(1);
  push.set_destination_node(destination_node_.name);
  push.set_destination_address(destination_node_.address);
  const auto reader = source_->PushRound(&push_context, push);
  v1::PushRoundResponse message;
  while (reader->Read(&message)) {
  }
  DROVER_RETURN_IF_ERROR(FromGrpcStatus(reader->Finish()));
  if (!message.has_result()) return absl::InternalError("the push ended without a result");
  return message.result();
}

v1::MigrationKey VolumePusher::Key(int number) const {
  v1::MigrationKey key;
  SetFence(*key.mutable_fence());
  key.set_migration(absl::StrCat("bench", number));
  key.set_generation(kFirstGeneration + number);
  key.set_application(application_);
  return key;
}

absl::Status VolumePusher::Abort(Stub& stub, const v1::MigrationKey& key) {
  grpc::ClientContext context;
  v1::AbortMigrationRequest request;
  *request.mutable_key() = key;
  v1::AbortMigrationResponse response;
  return FromGrpcStatus(stub.AbortMigration(&context, request, &response));
}

}  // namespace drover::bench
