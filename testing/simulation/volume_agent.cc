#include "testing/simulation/volume_agent.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/status_macros.h"
#include "services/common/time/proto_time.h"
#include "services/volume/domain/names.h"
#include "services/volume/domain/transitions.h"
#include "services/volume/service/convert.h"

namespace drover::simulation {
namespace {

using volume::GroupRecord;
using volume::GroupState;
using volume::MigrationKey;
using volume::SnapshotRef;
namespace v1 = volume::v1;

absl::Status GateLost() {
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "GATE_LOST", "no gate is waiting");
}

absl::Status WriterFound() {
  return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRITER_FOUND",
                          "something can still write");
}

}  // namespace

Task<void> VolumeAgent::Recover() {
  records_ = context_.disk().groups;
  for (const auto& [application, record] : records_) {
    const bool concluded =
        record.state == GroupState::kRetired || record.state == GroupState::kDiscarded;
    if (concluded) (void)co_await CleanUp(record);
  }
}

absl::StatusOr<VolumeAgent::Participant> VolumeAgent::Admit(const v1::MigrationKey& key) {
  DROVER_RETURN_IF_ERROR(context_.Admit(key.fence(), context_.disk().volume_epoch));
  DROVER_ASSIGN_OR_RETURN(MigrationKey migration, volume::KeyFrom(key));
  return Participant{ApplicationName(key.application()), std::move(migration)};
}

std::optional<GroupRecord> VolumeAgent::Find(const ApplicationName& application) const {
  const auto found = records_.find(application);
  if (found == records_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<GroupRecord> VolumeAgent::Get(const ApplicationName& application) const {
  const std::optional<GroupRecord> record = Find(application);
  if (record.has_value() && record->state != GroupState::kDiscarded) return *record;
  return absl::NotFoundError("no volumes are on this node");
}

Task<absl::Status> VolumeAgent::Save(GroupRecord record) {
  const ApplicationName application = record.application;
  const auto found = records_.find(application);
  if (found != records_.end() && found->second == record) co_return absl::OkStatus();
  const std::string what = absl::StrCat(
      application.value(), " ", volume::GroupStateName(record.state), " ",
      record.generation.value(),
      record.lock.has_value() ? absl::StrCat(" held for ", record.lock->generation.value()) : "",
      record.gate.has_value() && record.gate->open ? ", gate open" : "");
  auto apply = [this, record] { context_.disk().groups[record.application] = record; };
  const bool arrives =
      record.state == GroupState::kReceiving || record.state == GroupState::kPrepared;
  DROVER_CO_RETURN_IF_ERROR(co_await context_.WriteToPool(what, !arrives, std::move(apply)));
  records_[application] = std::move(record);
  co_return absl::OkStatus();
}

v1::VolumeGroup VolumeAgent::View(const GroupRecord& record) {
  volume::GroupView view;
  view.record = record;
  for (size_t i = 0; i < record.volumes.size(); ++i) {
    volume::GroupView::Contents contents;
    contents.size_bytes = 5000;
    for (const SimSnapshot& one : context_.disk().volumes[record.application].snapshots) {
      volume::StoredSnapshot stored;
      stored.ref = one.ref;
      stored.create_time = context_.world().Now();
      contents.snapshots.push_back(std::move(stored));
    }
    view.contents.push_back(std::move(contents));
  }
  return volume::ToProto(NodeName(context_.name()), view);
}

SimSnapshot* VolumeAgent::FindSnapshot(const ApplicationName& application,
                                       const std::string& name) {
  for (SimSnapshot& one : context_.disk().volumes[application].snapshots) {
    if (one.ref.name == name) return &one;
  }
  return nullptr;
}

Task<absl::Status> VolumeAgent::CleanUp(GroupRecord record) {
  co_await context_.Step();
  SimVolume& data = context_.disk().volumes[record.application];
  if (record.state == GroupState::kDiscarded) {
    context_.disk().volumes.erase(record.application);
    context_.Check();
    co_return absl::OkStatus();
  }
  if (record.state != GroupState::kOwned) data.live.reset();
  co_await context_.Step();
  std::erase_if(context_.disk().volumes[record.application].snapshots, [&](const SimSnapshot& one) {
    const bool own = !volume::MigrationOfSnapshot(one.ref.name).empty();
    return own && one.ref != record.volumes[0].base;
  });
  context_.Check();
  co_return absl::OkStatus();
}

VolumeAgent::Answer<v1::ListGroupsResponse> VolumeAgent::ListGroups() {
  co_await context_.Step();
  v1::ListGroupsResponse response;
  for (const auto& [application, record] : records_) {
    if (record.state != GroupState::kDiscarded) *response.add_groups() = View(record);
  }
  co_return response;
}

VolumeAgent::Answer<v1::CreateGroupResponse> VolumeAgent::CreateGroup(
    v1::CreateGroupRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().volume_epoch));
  const ApplicationName application(request.application());
  AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
  DROVER_CO_ASSIGN_OR_RETURN(auto volumes, volume::VolumesFrom(request.volumes()));
  for (volume::VolumeRecord& one : volumes) one.dataset_id = RandomUuid();
  const std::optional<GroupRecord> existing = Find(application);
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupRecord record,
      volume::Create(existing, application, Generation(request.generation()), volumes));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  SimVolume& data = context_.disk().volumes[application];
  if (!data.live.has_value()) data.live = 0;
  v1::CreateGroupResponse response;
  *response.mutable_group() = View(record);
  co_return response;
}

VolumeAgent::Answer<v1::LockGroupResponse> VolumeAgent::LockGroup(v1::LockGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::Lock(record, who.key));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  v1::LockGroupResponse response;
  *response.mutable_group() = View(record);
  co_return response;
}

VolumeAgent::Answer<v1::ReserveGroupResponse> VolumeAgent::ReserveGroup(
    v1::ReserveGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(volume::GroupView source, volume::GroupFrom(request.source()));
  const std::optional<GroupRecord> existing = Find(who.application);
  DROVER_CO_ASSIGN_OR_RETURN(
      GroupRecord record, volume::Reserve(existing, who.application, who.key, source.record.volumes,
                                          NodeName(context_.name())));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  v1::ReserveGroupResponse response;
  *response.mutable_group() = View(record);
  co_return response;
}

// --- source ---

Task<absl::Status> VolumeAgent::TakeSnapshot(ApplicationName application, std::string name) {
  if (context_.disk().full) {
    co_return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL", "full");
  }
  co_await context_.Step();
  SimVolume& data = context_.disk().volumes[application];
  if (!data.live.has_value()) co_return absl::InternalError("there is no live volume");
  SimSnapshot snapshot;
  snapshot.ref.name = name;
  snapshot.ref.identity = RandomHex(8);
  snapshot.content = *data.live;
  data.snapshots.push_back(std::move(snapshot));
  co_await context_.Step();
  co_return absl::OkStatus();
}

VolumeAgent::Answer<v1::PushRoundResponse> VolumeAgent::PushRound(v1::PushRoundRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  const auto key = std::make_pair(who.key.migration, static_cast<int>(request.round()));
  // A repeat waits for the round under way.
  while (rounds_.contains(key) && !rounds_[key].has_value()) co_await pushed_.Wait(pushed_.count());
  if (!rounds_.contains(key)) {
    rounds_[key] = std::nullopt;
    const std::string destination = request.destination_node();
    absl::StatusOr<v1::PushResult> result = co_await Push(who, request.round(), destination);
    if (result.ok()) {
      rounds_[key] = *result;
    } else {
      rounds_.erase(key);
    }
    pushed_.Notify();
    if (!result.ok()) co_return result.status();
  }
  v1::PushRoundResponse response;
  *response.mutable_result() = *rounds_[key];
  response.set_sent_bytes(response.result().bytes());
  co_return response;
}

VolumeAgent::Answer<v1::PushResult> VolumeAgent::Push(Participant who, int round,
                                                      std::string destination) {
  const absl::Time begun = context_.world().Now();
  std::string name = volume::MigrationSnapshotName(who.key.migration, round);
  {
    AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
    DROVER_CO_RETURN_IF_ERROR(volume::CheckPush(record, who.key, round == 0));
    if (round == 0) {
      name = record.volumes[0].final->name;
    } else if (FindSnapshot(who.application, name) == nullptr) {
      DROVER_CO_RETURN_IF_ERROR(co_await TakeSnapshot(who.application, name));
    }
  }
  DROVER_CO_ASSIGN_OR_RETURN(std::vector<std::string> held,
                             co_await peers_.snapshots(destination, who.application));
  if (cancelled_.contains(who.key.migration)) co_return absl::AbortedError("aborted");
  const SimSnapshot* snapshot = FindSnapshot(who.application, name);
  if (snapshot == nullptr) co_return absl::InternalError("the snapshot is gone");
  auto holds = [&held](const SnapshotRef& ref) {
    return std::find(held.begin(), held.end(), ref.identity) != held.end();
  };
  SimTransfer transfer;
  transfer.application = who.application;
  transfer.key = who.key;
  transfer.snapshot = snapshot->ref;
  transfer.content = snapshot->content;
  transfer.final_round = round == 0;
  for (const SimSnapshot& one : context_.disk().volumes[who.application].snapshots) {
    if (one.ref != transfer.snapshot && holds(one.ref)) transfer.base_identity = one.ref.identity;
  }
  if (!holds(transfer.snapshot)) {
    DROVER_CO_ASSIGN_OR_RETURN(bool sent, co_await peers_.send(destination, transfer));
    if (!sent) co_return absl::UnavailableError("not sent");
  }
  if (cancelled_.contains(who.key.migration)) co_return absl::AbortedError("aborted");
  if (round > 0) {
    AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
    const absl::StatusOr<GroupRecord> record = Get(who.application);
    if (record.ok() && record->lock == who.key) {
      std::erase_if(context_.disk().volumes[who.application].snapshots,
                    [&](const SimSnapshot& one) {
                      return volume::MigrationOfSnapshot(one.ref.name) == who.key.migration &&
                             one.ref != transfer.snapshot && one.ref != record->volumes[0].base;
                    });
    }
  }
  v1::PushResult result;
  result.set_bytes(1000);
  result.set_incremental(!transfer.base_identity.empty());
  *result.mutable_duration() = ProtoOf(context_.world().Now() - begun);
  *result.add_snapshots() = volume::ToProto(transfer.snapshot);
  co_return result;
}

Task<absl::StatusOr<bool>> VolumeAgent::SealToEnd(Participant who) {
  {
    AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
    if (context_.mutant() == Mutant::kStaleSealOk && record.state == GroupState::kOwned) {
      record.lock = who.key;
      record.state = GroupState::kSealing;
      ++record.revision;
    } else {
      DROVER_CO_ASSIGN_OR_RETURN(record, volume::BeginSeal(record, who.key));
    }
    DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
    if (record.state == GroupState::kSealed) co_return true;
  }
  if (context_.mutant() != Mutant::kSnapshotBeforeStop) {
    const absl::Status stopped = co_await peers_.stop_container(who.application);
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
    if (!stopped.ok() && !ProveDead(record).ok()) co_return stopped;
  }
  {
    AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
    if (record.state != GroupState::kSealed) {
      DROVER_CO_ASSIGN_OR_RETURN(record, volume::BeginSeal(record, who.key));
    }
    if (record.state == GroupState::kSealed) co_return true;
    if (context_.mutant() != Mutant::kSnapshotBeforeStop) {
      DROVER_CO_RETURN_IF_ERROR(ProveDead(record));
      co_await context_.Step();
      for (auto& [start, one] : context_.engine().starts) {
        if (one.application == who.application) one.mounted = false;
      }
    }
    const std::string name = volume::MigrationSnapshotName(who.key.migration, 0);
    std::erase_if(context_.disk().volumes[who.application].snapshots,
                  [&](const SimSnapshot& one) { return one.ref.name == name; });
    DROVER_CO_RETURN_IF_ERROR(co_await TakeSnapshot(who.application, name));
    const std::vector<SnapshotRef> finals = {FindSnapshot(who.application, name)->ref};
    DROVER_CO_ASSIGN_OR_RETURN(record, volume::CompleteSeal(record, who.key, finals));
    DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  }
  if (context_.mutant() == Mutant::kSnapshotBeforeStop) {
    (void)co_await peers_.stop_container(who.application);
  }
  co_return true;
}

VolumeAgent::Answer<v1::SealResponse> VolumeAgent::Seal(v1::SealRequest request) {
  const absl::Time begun = context_.world().Now();
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  DROVER_CO_ASSIGN_OR_RETURN(bool sealed, co_await SealToEnd(who));
  if (!sealed) co_return absl::UnavailableError("not sealed");
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  if (context_.mutant() == Mutant::kSourceLeaseUnseal) UnsealLater(who);
  v1::SealResponse response;
  for (const volume::VolumeRecord& one : record.volumes) {
    if (one.final.has_value()) *response.add_snapshots() = volume::ToProto(*one.final);
  }
  *response.mutable_stop_duration() = ProtoOf(context_.world().Now() - begun);
  co_return response;
}

void VolumeAgent::UnsealLater(Participant who) {
  auto unseal = [this, who] {
    auto done = [](std::exception_ptr) {};
    boost::asio::co_spawn(context_.process()->executor(), UnsealAlone(who), std::move(done));
  };
  context_.world().After(absl::Seconds(2), context_.process(), std::move(unseal));
}

Task<void> VolumeAgent::UnsealAlone(Participant who) {
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  const absl::StatusOr<GroupRecord> record = Get(who.application);
  if (!record.ok() || record->state != GroupState::kSealed) co_return;
  const volume::ExistingRecord existing = *record;
  const auto next = volume::Abort(existing, who.application, who.key);
  if (next.ok()) (void)co_await Save(*next);
}

// --- destination ---

VolumeAgent::Answer<std::vector<std::string>> VolumeAgent::Snapshots(ApplicationName application) {
  co_await context_.Step();
  std::vector<std::string> held;
  const auto data = context_.disk().volumes.find(application);
  if (data == context_.disk().volumes.end()) co_return held;
  for (const SimSnapshot& one : data->second.snapshots) held.push_back(one.ref.identity);
  co_return held;
}

VolumeAgent::Answer<bool> VolumeAgent::Receive(SimTransfer transfer) {
  const ApplicationName& application = transfer.application;
  const int64_t attempt = ++receiving_[application];
  {
    AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
    DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(application));
    DROVER_CO_RETURN_IF_ERROR(volume::CheckReceive(record, transfer.key));
  }
  co_await context_.Sleep(absl::Milliseconds(5), absl::Milliseconds(150));
  AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(application));
  DROVER_CO_RETURN_IF_ERROR(volume::CheckReceive(record, transfer.key));
  if (receiving_[application] != attempt) co_return absl::AbortedError("given up");
  if (context_.disk().full) {
    co_return StatusWithReason(absl::StatusCode::kResourceExhausted, "POOL_FULL", "full");
  }
  SimVolume& data = context_.disk().volumes[application];
  const bool has_base = std::any_of(
      data.snapshots.begin(), data.snapshots.end(),
      [&](const SimSnapshot& one) { return one.ref.identity == transfer.base_identity; });
  if (!transfer.base_identity.empty() && !has_base) {
    co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "BASE_MISSING", "no base");
  }
  SimSnapshot arrived;
  arrived.ref = transfer.snapshot;
  arrived.content = transfer.content;
  if (context_.mutant() == Mutant::kAcceptTruncated && context_.world().random().Chance(300)) {
    arrived.content = context_.app(application).ParentOf(transfer.content);
  }
  std::erase_if(data.snapshots,
                [&](const SimSnapshot& one) { return one.ref.name == arrived.ref.name; });
  data.snapshots.push_back(arrived);
  context_.Check();
  co_await context_.Step();
  if (!transfer.final_round) {
    std::erase_if(context_.disk().volumes[application].snapshots, [&](const SimSnapshot& one) {
      return volume::MigrationOfSnapshot(one.ref.name) == transfer.key.migration &&
             one.ref.name != arrived.ref.name && one.ref != record.volumes[0].base;
    });
  }
  co_return true;
}

VolumeAgent::Answer<v1::PrepareResponse> VolumeAgent::Prepare(v1::PrepareRequest request) {
  if (context_.mutant() != Mutant::kPrepAckBeforeVerify) {
    co_return co_await PrepareToEnd(std::move(request));
  }
  auto done = [](std::exception_ptr, absl::StatusOr<v1::PrepareResponse>) {};
  boost::asio::co_spawn(context_.process()->executor(), PrepareToEnd(std::move(request)),
                        std::move(done));
  co_return v1::PrepareResponse();
}

VolumeAgent::Answer<v1::PrepareResponse> VolumeAgent::PrepareToEnd(v1::PrepareRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  std::vector<SnapshotRef> finals;
  for (const v1::Snapshot& one : request.snapshots()) {
    DROVER_CO_ASSIGN_OR_RETURN(SnapshotRef ref, volume::SnapshotFrom(one));
    finals.push_back(std::move(ref));
  }
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::Prepare(record, who.key, finals));
  const StartId start(request.start_id());
  DROVER_CO_RETURN_IF_ERROR(co_await WaitingGate(start, who.application));
  if (next != record) {
    co_await context_.Step();
    SimVolume& data = context_.disk().volumes[who.application];
    const auto here =
        std::find_if(data.snapshots.begin(), data.snapshots.end(), [&](const SimSnapshot& one) {
          return one.ref.identity == next.volumes[0].final->identity;
        });
    if (here == data.snapshots.end()) {
      co_return absl::FailedPreconditionError("the final snapshot has not arrived");
    }
    data.live = here->content;
    DROVER_CO_RETURN_IF_ERROR(co_await Save(next));
  }
  if (context_.mutant() == Mutant::kStartAtPrepare) context_.engine().Release(start);
  co_return v1::PrepareResponse();
}

VolumeAgent::Answer<v1::ActivateResponse> VolumeAgent::Activate(v1::ActivateRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  if (context_.mutant() == Mutant::kCommitUntagged && record.state == GroupState::kPrepared &&
      record.lock.has_value()) {
    who.key = *record.lock;
  }
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::TakeOwnership(record, who.key));
  const StartId start(request.start_id());
  const absl::Status opened = co_await OpenLocked(record, start);
  if (opened.ok()) co_return v1::ActivateResponse();
  DROVER_CO_ASSIGN_OR_RETURN(record, Get(who.application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::TakeOwnership(record, who.key));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  co_return opened;
}

VolumeAgent::Answer<v1::RetireGroupResponse> VolumeAgent::RetireGroup(
    v1::RetireGroupRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  const bool any_state = context_.mutant() == Mutant::kRetireAnyState;
  if ((any_state || context_.mutant() == Mutant::kRetireUntagged) &&
      record.state == GroupState::kSealed) {
    who.key = *record.lock;
  }
  if (any_state && record.state == GroupState::kOwned) {
    record.state = GroupState::kRetired;
    record.concluded = who.key.migration;
    record.lock.reset();
    ++record.revision;
  } else {
    DROVER_CO_ASSIGN_OR_RETURN(record, volume::Retire(record, who.key));
  }
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  std::erase_if(rounds_, [&](const auto& one) { return one.first.first == who.key.migration; });
  DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
  v1::RetireGroupResponse response;
  *response.mutable_group() = View(record);
  co_return response;
}

VolumeAgent::Answer<v1::FinishMigrationResponse> VolumeAgent::Finish(
    v1::FinishMigrationRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(who.application));
  DROVER_CO_ASSIGN_OR_RETURN(record, volume::Finish(record, who.key));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
  v1::FinishMigrationResponse response;
  *response.mutable_group() = View(record);
  co_return response;
}

VolumeAgent::Answer<v1::AbortMigrationResponse> VolumeAgent::Abort(
    v1::AbortMigrationRequest request) {
  DROVER_CO_ASSIGN_OR_RETURN(Participant who, Admit(request.key()));
  cancelled_.insert(who.key.migration);
  auto under_way = [this, &who] {
    return std::any_of(rounds_.begin(), rounds_.end(), [&](const auto& one) {
      return one.first.first == who.key.migration && !one.second.has_value();
    });
  };
  while (under_way()) co_await pushed_.Wait(pushed_.count());
  AsyncMutex::Lock lock = co_await locks_.Acquire(who.application.value());
  const std::optional<GroupRecord> existing = Find(who.application);
  if (context_.mutant() == Mutant::kAbortUntagged && existing.has_value() &&
      existing->lock.has_value() && existing->state == GroupState::kSealed) {
    who.key = *existing->lock;
  }
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, volume::Abort(existing, who.application, who.key));
  DROVER_CO_RETURN_IF_ERROR(co_await Save(record));
  std::erase_if(rounds_, [&](const auto& one) { return one.first.first == who.key.migration; });
  if (!record.lock.has_value()) {
    ++receiving_[who.application];
    DROVER_CO_RETURN_IF_ERROR(co_await CleanUp(record));
  }
  co_return v1::AbortMigrationResponse();
}

// --- starts and gates ---

absl::Status VolumeAgent::ProveDead(const GroupRecord& record) {
  if (!record.gate.has_value() || !context_.engine().IsAlive(record.gate->start_id)) {
    return absl::OkStatus();
  }
  return WriterFound();
}

Task<absl::Status> VolumeAgent::AttachSlots(StartId start, ApplicationName application) {
  co_await context_.Step();
  context_.engine().starts[start].application = application;
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeAgent::AwaitGate(StartId start, ContainerId container) {
  co_await context_.Sleep(absl::Milliseconds(2), absl::Milliseconds(40));
  if (!context_.engine().IsGateWaiting(start)) co_return GateLost();
  context_.engine().starts[start].container = container;
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeAgent::WaitingGate(StartId start, ApplicationName application) {
  const auto known = context_.engine().starts.find(start);
  if (known == context_.engine().starts.end()) co_return absl::NotFoundError("no such start");
  if (known->second.application != application) co_return GateLost();
  co_await context_.Step();
  if (!context_.engine().IsGateWaiting(start)) co_return GateLost();
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeAgent::OpenGate(StartId start, ApplicationName application) {
  AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord record, Get(application));
  co_return co_await OpenLocked(std::move(record), start);
}

Task<absl::Status> VolumeAgent::OpenLocked(GroupRecord record, StartId start) {
  std::map<StartId, SimStart>& starts = context_.engine().starts;
  if (!starts.contains(start)) co_return absl::NotFoundError("no such start");
  const bool recorded = record.state == GroupState::kOwned && record.gate.has_value() &&
                        record.gate->start_id == start && record.gate->open;
  if (recorded && starts[start].executed) co_return absl::OkStatus();
  const absl::Status gate = co_await WaitingGate(start, record.application);
  if (recorded && !gate.ok()) {
    if (ProveDead(record).ok()) co_return gate;
    co_return absl::OkStatus();
  }
  if (!gate.ok()) co_return gate;
  volume::GateRecord opened;
  opened.start_id = start;
  opened.container_id = starts[start].container;
  DROVER_CO_ASSIGN_OR_RETURN(GroupRecord next, volume::OpenGate(record, opened));
  co_await context_.Step();
  if (starts.contains(start)) starts[start].mounted = true;
  DROVER_CO_RETURN_IF_ERROR(co_await Save(next));
  if (!context_.engine().IsGateWaiting(start)) co_return GateLost();
  context_.engine().Release(start);
  co_await context_.Step();
  if (starts.contains(start)) starts[start].executed = true;
  co_return absl::OkStatus();
}

Task<absl::Status> VolumeAgent::ReleaseSlots(StartId start, ApplicationName application) {
  AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
  const std::optional<GroupRecord> record = Find(application);
  const bool recorded =
      record.has_value() && record->gate.has_value() && record->gate->start_id == start;
  if (recorded) DROVER_CO_RETURN_IF_ERROR(ProveDead(*record));
  if (context_.engine().IsGateWaiting(start)) co_return WriterFound();
  co_await context_.Step();
  if (recorded) DROVER_CO_RETURN_IF_ERROR(co_await Save(volume::CloseGate(*record, start)));
  context_.engine().starts.erase(start);
  co_return absl::OkStatus();
}

}  // namespace drover::simulation
