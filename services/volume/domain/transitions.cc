#include "services/volume/domain/transitions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/volume/domain/names.h"

namespace drover::volume {
namespace {

absl::Status WrongState(const GroupRecord& record, absl::string_view verb) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "WRONG_STATE",
      absl::StrCat("cannot ", verb, " the volumes of ", record.application.value(), ": they are ",
                   GroupStateName(record.state), " on this node"));
}

absl::Status Stale(const GroupRecord& record, Generation asked) {
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "STALE_GENERATION",
      absl::StrCat("generation ", asked.value(), " of ", record.application.value(),
                   " is not newer than ",
                   std::max(record.generation, record.refused_generation).value(),
                   ", which this node knows; start a new migration"));
}

absl::Status Held(const GroupRecord& record) {
  return StatusWithReason(absl::StatusCode::kAborted, "GROUP_LOCKED",
                          absl::StrCat("migration ", record.lock->migration.value(), " holds ",
                                       record.application.value(), "; wait until it has ended"));
}

absl::Status Different(const GroupRecord& record, absl::string_view what) {
  return absl::AlreadyExistsError(
      absl::StrCat(record.application.value(), " is here already with other ", what));
}

bool IsNewer(const GroupRecord& record, Generation generation) {
  return generation > record.generation && generation > record.refused_generation;
}

// OK if `key` holds the lock; else the right refusal.
absl::Status CheckHolds(const GroupRecord& record, const MigrationKey& key,
                        absl::string_view verb) {
  if (record.lock.has_value() && *record.lock == key) return absl::OkStatus();
  if (record.lock.has_value() && record.lock->migration == key.migration) {
    return Different(record, "migration parameters");
  }
  if (!IsNewer(record, key.generation)) return Stale(record, key.generation);
  if (record.lock.has_value()) return Held(record);
  return WrongState(record, verb);
}

// A roll back that has begun must end before the data is used.
absl::Status CheckNoRollBack(const GroupRecord& record) {
  for (const VolumeRecord& volume : record.volumes) {
    if (volume.roll_back.empty()) continue;
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "ROLL_BACK_UNFINISHED",
        absl::StrCat("putting ", VolumeDisplayName(record.application, volume.id),
                     " back to snapshot ", volume.roll_back, " has not ended; do it again"));
  }
  return absl::OkStatus();
}

// While the application runs its data is not exchanged below it.
absl::Status CheckGateClosed(const GroupRecord& record) {
  if (!record.gate.has_value() || !record.gate->open) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "GATE_OPEN",
      absl::StrCat(record.application.value(), " runs on this node; stop it first"));
}

GroupRecord Changed(GroupRecord record) {
  ++record.revision;
  return record;
}

// The record without its lock, refusing the migration that held it from now on.
GroupRecord Unlock(GroupRecord record, const MigrationKey& key) {
  record.lock.reset();
  record.refused_generation = std::max(record.refused_generation, key.generation);
  record.retired_before = false;
  return Changed(std::move(record));
}

// Nothing of what came with a move that did not get to its end.
void DropAdded(GroupRecord& record) {
  std::erase_if(record.volumes, [](const VolumeRecord& volume) { return volume.added; });
}

void KeepFinalAsBase(GroupRecord& record) {
  for (VolumeRecord& volume : record.volumes) {
    volume.added = false;
    if (volume.final.has_value()) volume.base = std::exchange(volume.final, std::nullopt);
  }
}

void DropFinal(GroupRecord& record) {
  for (VolumeRecord& volume : record.volumes) volume.final.reset();
}

absl::StatusOr<GroupRecord> WithFinal(GroupRecord record,
                                      const std::vector<SnapshotRef>& snapshots) {
  if (snapshots.size() != record.volumes.size()) {
    return absl::InvalidArgumentError(absl::StrCat(record.application.value(), " has ",
                                                   record.volumes.size(), " volumes, but ",
                                                   snapshots.size(), " snapshots were named"));
  }
  for (size_t i = 0; i < snapshots.size(); ++i) record.volumes[i].final = snapshots[i];
  return record;
}

bool HasFinal(const GroupRecord& record, const std::vector<SnapshotRef>& snapshots) {
  return std::equal(record.volumes.begin(), record.volumes.end(), snapshots.begin(),
                    snapshots.end(), [](const VolumeRecord& volume, const SnapshotRef& snapshot) {
                      return volume.final == snapshot;
                    });
}

// The same volumes as far as the caller chose them.
bool SameVolumes(const std::vector<VolumeRecord>& existing,
                 const std::vector<VolumeRecord>& asked) {
  return std::equal(existing.begin(), existing.end(), asked.begin(), asked.end(),
                    [](const VolumeRecord& a, const VolumeRecord& b) {
                      return a.id == b.id && a.mountpoint == b.mountpoint;
                    });
}

bool SameDatasets(const std::vector<VolumeRecord>& existing,
                  const std::vector<VolumeRecord>& asked) {
  return SameVolumes(existing, asked) &&
         std::equal(existing.begin(), existing.end(), asked.begin(),
                    [](const VolumeRecord& a, const VolumeRecord& b) {
                      return a.dataset_id == b.dataset_id;
                    });
}

}  // namespace

const VolumeRecord* FindVolume(const GroupRecord& record, const std::string& id) {
  for (const VolumeRecord& volume : record.volumes) {
    if (volume.id == id) return &volume;
  }
  return nullptr;
}

absl::Status CheckHasVolume(const GroupRecord& record, const std::string& id) {
  if (FindVolume(record, id) != nullptr) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat("no volume ", VolumeDisplayName(record.application, id), " is on this node"));
}

absl::StatusOr<GroupRecord> Create(const ExistingRecord& existing,
                                   const ApplicationName& application, Generation generation,
                                   const std::vector<VolumeRecord>& volumes) {
  GroupRecord record;
  if (existing.has_value() && existing->state != GroupState::kDiscarded) {
    const bool repeat = existing->state == GroupState::kOwned &&
                        existing->generation == generation &&
                        SameVolumes(existing->volumes, volumes);
    if (repeat) return *existing;
    return Different(*existing, "volumes or another generation");
  }
  if (existing.has_value()) {
    if (!IsNewer(*existing, generation)) return Stale(*existing, generation);
    record.refused_generation = existing->refused_generation;
    record.revision = existing->revision;
  }
  record.application = application;
  record.state = GroupState::kOwned;
  record.generation = generation;
  record.volumes = volumes;
  return Changed(std::move(record));
}

absl::Status CheckDelete(const GroupRecord& record, Generation generation) {
  if (record.lock.has_value()) return Held(record);
  if (record.generation != generation) return Stale(record, generation);
  return CheckGateClosed(record);
}

absl::Status CheckUnlocked(const GroupRecord& record) {
  if (record.lock.has_value()) return Held(record);
  if (record.state != GroupState::kOwned) return WrongState(record, "change");
  return CheckNoRollBack(record);
}

bool IsFresh(const GroupRecord& record, const VolumeRecord& volume) {
  return volume.fresh || !record.served;
}

bool AwaitsFilling(const GroupRecord& record) {
  return std::any_of(record.volumes.begin(), record.volumes.end(), [&](const VolumeRecord& volume) {
    return !volume.detached && IsFresh(record, volume);
  });
}

absl::Status CheckFill(const GroupRecord& record, const std::string& id) {
  const bool is_activated = record.lock.has_value() && record.lock->generation == record.generation;
  if (record.lock.has_value() && !is_activated) return Held(record);
  if (record.state != GroupState::kOwned) return WrongState(record, "fill");
  DROVER_RETURN_IF_ERROR(CheckNoRollBack(record));
  DROVER_RETURN_IF_ERROR(CheckHasVolume(record, id));
  if (IsFresh(record, *FindVolume(record, id))) return absl::OkStatus();
  return StatusWithReason(
      absl::StatusCode::kFailedPrecondition, "ALREADY_SERVED",
      absl::StrCat(record.application.value(), " has run on this volume; its data is kept"));
}

absl::Status CheckAtRest(const GroupRecord& record) {
  if (record.lock.has_value()) return Held(record);
  const bool at_rest = record.state == GroupState::kOwned || record.state == GroupState::kRetired ||
                       record.state == GroupState::kDiverged;
  return at_rest ? absl::OkStatus() : WrongState(record, "change");
}

absl::StatusOr<GroupRecord> SetAttached(const GroupRecord& record, Generation generation,
                                        const std::vector<VolumeRecord>& volumes) {
  DROVER_RETURN_IF_ERROR(CheckUnlocked(record));
  if (record.generation != generation) return Stale(record, generation);
  GroupRecord next = record;
  for (VolumeRecord& volume : next.volumes) volume.detached = true;
  for (const VolumeRecord& asked : volumes) {
    const auto there =
        std::find_if(next.volumes.begin(), next.volumes.end(),
                     [&](const VolumeRecord& volume) { return volume.id == asked.id; });
    if (there != next.volumes.end()) {
      there->detached = false;
      there->mountpoint = asked.mountpoint;
    } else {
      next.volumes.push_back(asked);
      next.volumes.back().fresh = record.served;
    }
  }
  if (next == record) return record;
  DROVER_RETURN_IF_ERROR(CheckGateClosed(record));
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> RemoveVolume(const GroupRecord& record, const std::string& id) {
  DROVER_RETURN_IF_ERROR(CheckAtRest(record));
  const VolumeRecord* volume = FindVolume(record, id);
  if (volume == nullptr) return record;
  if (record.state == GroupState::kOwned && !volume->detached) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "ATTACHED",
                            absl::StrCat(record.application.value(), " uses ",
                                         VolumeDisplayName(record.application, id),
                                         "; take it out of the application's file first"));
  }
  GroupRecord next = record;
  std::erase_if(next.volumes, [&](const VolumeRecord& one) { return one.id == id; });
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> BeginRollBack(const GroupRecord& record, const std::string& id,
                                          const std::string& snapshot) {
  DROVER_RETURN_IF_ERROR(CheckHasVolume(record, id));
  if (record.lock.has_value()) return Held(record);
  if (record.state != GroupState::kOwned) return WrongState(record, "put back");
  DROVER_RETURN_IF_ERROR(CheckGateClosed(record));
  GroupRecord next = record;
  // Another one that has not ended is of no importance any more.
  for (VolumeRecord& volume : next.volumes) {
    if (volume.id == id) volume.roll_back = snapshot;
  }
  // The others are still to be filled with what the image holds.
  for (VolumeRecord& volume : next.volumes) {
    if (!record.served && volume.roll_back.empty()) volume.fresh = true;
  }
  next.served = true;
  return next == record ? record : Changed(std::move(next));
}

GroupRecord CompleteRollBack(const GroupRecord& record, const std::string& id,
                             const std::vector<SnapshotRef>& here) {
  GroupRecord next = record;
  for (VolumeRecord& volume : next.volumes) {
    if (volume.id != id) continue;
    volume.roll_back.clear();
    volume.fresh = false;
    const bool has_base =
        volume.base.has_value() && std::find(here.begin(), here.end(), *volume.base) != here.end();
    if (!has_base) volume.base.reset();
  }
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> CloneOf(const ExistingRecord& existing, const ApplicationName& clone,
                                    Generation generation, const GroupRecord& source) {
  DROVER_RETURN_IF_ERROR(CheckUnlocked(source));
  if (existing.has_value() && existing->state != GroupState::kDiscarded) {
    return Different(*existing, "volumes");
  }
  std::vector<VolumeRecord> volumes;
  for (const VolumeRecord& volume : source.volumes) {
    if (volume.detached) continue;
    volumes.push_back({.id = volume.id,
                       .mountpoint = volume.mountpoint,
                       .maximum_size_bytes = volume.maximum_size_bytes,
                       .fresh = volume.fresh});
  }
  DROVER_ASSIGN_OR_RETURN(GroupRecord record, Create(existing, clone, generation, volumes));
  record.served = source.served;
  return record;
}

absl::StatusOr<GroupRecord> Lock(const GroupRecord& record, const MigrationKey& key) {
  if (record.lock == key) {
    const bool source = record.state == GroupState::kOwned ||
                        record.state == GroupState::kSealing || record.state == GroupState::kSealed;
    // OWNED under the migration's own generation: this node is its destination, and activated.
    if (source && record.generation < key.generation) return record;
    return WrongState(record, "lock");
  }
  if (record.lock.has_value()) return CheckHolds(record, key, "lock");
  if (!IsNewer(record, key.generation)) return Stale(record, key.generation);
  if (record.state != GroupState::kOwned) return WrongState(record, "lock");
  DROVER_RETURN_IF_ERROR(CheckNoRollBack(record));
  GroupRecord next = record;
  next.lock = key;
  return Changed(std::move(next));
}

absl::Status CheckPush(const GroupRecord& record, const MigrationKey& key, bool final_round) {
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "send"));
  const GroupState needed = final_round ? GroupState::kSealed : GroupState::kOwned;
  if (record.state != needed || record.generation >= key.generation) {
    return WrongState(record, "send");
  }
  return absl::OkStatus();
}

absl::StatusOr<GroupRecord> BeginSeal(const GroupRecord& record, const MigrationKey& key) {
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "seal"));
  if (record.state == GroupState::kSealing || record.state == GroupState::kSealed) return record;
  if (record.state != GroupState::kOwned || record.generation >= key.generation) {
    return WrongState(record, "seal");
  }
  GroupRecord next = record;
  next.state = GroupState::kSealing;
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> CompleteSeal(const GroupRecord& record, const MigrationKey& key,
                                         const std::vector<SnapshotRef>& snapshots) {
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "seal"));
  if (record.state == GroupState::kSealed) return record;
  if (record.state != GroupState::kSealing) return WrongState(record, "seal");
  DROVER_ASSIGN_OR_RETURN(GroupRecord next, WithFinal(record, snapshots));
  next.state = GroupState::kSealed;
  if (next.gate.has_value()) next.gate->open = false;
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> Retire(const GroupRecord& record, const MigrationKey& key) {
  if (record.state == GroupState::kRetired && record.concluded == key.migration) return record;
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "retire"));
  if (record.state != GroupState::kSealed) return WrongState(record, "retire");
  GroupRecord next = record;
  next.state = GroupState::kRetired;
  next.concluded = key.migration;
  KeepFinalAsBase(next);
  return Unlock(std::move(next), key);
}

absl::StatusOr<GroupRecord> Reserve(const ExistingRecord& existing,
                                    const ApplicationName& application, const MigrationKey& key,
                                    const std::vector<VolumeRecord>& source, const NodeName& here) {
  GroupRecord next;
  if (existing.has_value()) {
    const GroupRecord& record = *existing;
    if (record.lock.has_value()) {
      DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "reserve"));
      const bool arriving =
          record.state == GroupState::kReceiving || record.state == GroupState::kPrepared;
      if (!arriving) return WrongState(record, "reserve");
      if (!SameDatasets(record.volumes, source)) return Different(record, "volumes");
      return record;
    }
    if (!IsNewer(record, key.generation)) return Stale(record, key.generation);
    if (record.state == GroupState::kDiverged) {
      return StatusWithReason(
          absl::StatusCode::kFailedPrecondition, "DIVERGED",
          absl::StrCat("this node keeps a diverged copy of ", application.value(),
                       "; look at it, then remove it with `drover volumes delete ",
                       application.value(), " --node ", here.value(), "`"));
    }
    if (record.state != GroupState::kRetired && record.state != GroupState::kDiscarded) {
      return WrongState(record, "reserve");
    }
    next = record;
  }
  std::vector<VolumeRecord> volumes = source;
  for (VolumeRecord& volume : volumes) {
    volume.base.reset();
    volume.final.reset();
    const VolumeRecord* kept = FindVolume(next, volume.id);
    volume.added = kept == nullptr && next.state == GroupState::kRetired;
    if (kept == nullptr) continue;
    if (kept->dataset_id != volume.dataset_id) {
      return StatusWithReason(absl::StatusCode::kFailedPrecondition, "DATASET_MISMATCH",
                              absl::StrCat("this node keeps another volume of the name ",
                                           application.value(), "; move it to another node"));
    }
    volume.base = kept->base;
  }
  next.application = application;
  next.retired_before = existing.has_value() && existing->state == GroupState::kRetired;
  next.state = GroupState::kReceiving;
  next.lock = key;
  next.served = true;
  next.volumes = std::move(volumes);
  next.gate.reset();
  return Changed(std::move(next));
}

GroupRecord ForgetBase(const GroupRecord& record, const std::string& id) {
  GroupRecord next = record;
  for (VolumeRecord& volume : next.volumes) {
    if (volume.id == id) volume.base.reset();
  }
  return next == record ? record : Changed(std::move(next));
}

absl::Status CheckReceive(const GroupRecord& record, const MigrationKey& key) {
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "receive"));
  if (record.state != GroupState::kReceiving) return WrongState(record, "receive");
  return absl::OkStatus();
}

absl::StatusOr<GroupRecord> Prepare(const GroupRecord& record, const MigrationKey& key,
                                    const std::vector<SnapshotRef>& snapshots) {
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "prepare"));
  if (record.state == GroupState::kPrepared) {
    if (!HasFinal(record, snapshots)) return Different(record, "final snapshots");
    return record;
  }
  if (record.state != GroupState::kReceiving) return WrongState(record, "prepare");
  DROVER_ASSIGN_OR_RETURN(GroupRecord next, WithFinal(record, snapshots));
  next.state = GroupState::kPrepared;
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> TakeOwnership(const GroupRecord& record, const MigrationKey& key) {
  const bool finished = record.state == GroupState::kOwned && !record.lock.has_value() &&
                        record.generation == key.generation && record.concluded == key.migration;
  if (finished) return record;
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "activate"));
  if (record.state == GroupState::kOwned && record.generation == key.generation) return record;
  if (record.state != GroupState::kPrepared) return WrongState(record, "activate");
  GroupRecord next = record;
  next.state = GroupState::kOwned;
  next.generation = key.generation;
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> Finish(const GroupRecord& record, const MigrationKey& key) {
  if (!record.lock.has_value() && record.concluded == key.migration &&
      record.generation == key.generation) {
    return record;
  }
  DROVER_RETURN_IF_ERROR(CheckHolds(record, key, "finish the move of"));
  if (record.state != GroupState::kOwned || record.generation != key.generation) {
    return WrongState(record, "finish the move of");
  }
  GroupRecord next = record;
  next.concluded = key.migration;
  KeepFinalAsBase(next);
  return Unlock(std::move(next), key);
}

absl::StatusOr<GroupRecord> Abort(const ExistingRecord& existing,
                                  const ApplicationName& application, const MigrationKey& key) {
  GroupRecord next;
  if (!existing.has_value()) {
    next.application = application;
    next.state = GroupState::kDiscarded;
    return Unlock(std::move(next), key);
  }
  next = *existing;
  // It committed: as destination it owns under this generation, as source it was retired by it.
  const bool committed = next.generation == key.generation || next.concluded == key.migration;
  if (committed) return WrongState(next, "abort the committed move of");
  if (next.lock != key) {
    if (next.lock.has_value() && next.lock->migration == key.migration) {
      return Different(next, "migration parameters");
    }
    if (key.generation <= std::max(next.refused_generation, next.generation)) return next;
    next.refused_generation = key.generation;
    return Changed(std::move(next));
  }
  DropFinal(next);
  switch (next.state) {
    case GroupState::kOwned:
    case GroupState::kSealing:
    case GroupState::kSealed:
      next.state = GroupState::kOwned;
      break;
    case GroupState::kReceiving:
    case GroupState::kPrepared:
      next.state = next.retired_before ? GroupState::kRetired : GroupState::kDiscarded;
      DropAdded(next);
      if (!next.retired_before) {
        next.volumes.clear();
        next.served = false;
      }
      break;
    default:
      return WrongState(next, "abort the move of");
  }
  return Unlock(std::move(next), key);
}

absl::StatusOr<GroupRecord> Claim(const GroupRecord& existing, Generation generation) {
  if (existing.state == GroupState::kOwned && existing.generation == generation) return existing;
  GroupRecord record = existing;
  if (record.state == GroupState::kReceiving) DropAdded(record);
  if (!IsNewer(record, generation)) return Stale(record, generation);
  const bool keeps_copy = record.state == GroupState::kRetired ||
                          (record.state == GroupState::kReceiving && record.retired_before);
  const bool has_all = IsOwner(record.state) || record.state == GroupState::kPrepared;
  bool is_complete = has_all || keeps_copy;
  for (const VolumeRecord& volume : record.volumes) {
    is_complete = is_complete && (has_all || volume.base.has_value());
  }
  if (record.state == GroupState::kDiverged || record.state == GroupState::kDiscarded) {
    return WrongState(record, "claim");
  }
  if (!is_complete) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "NO_COPY",
        absl::StrCat("this node keeps no complete copy of ", record.application.value()));
  }
  GroupRecord next = record;
  next.state = GroupState::kOwned;
  next.generation = generation;
  next.lock.reset();
  next.retired_before = false;
  if (record.state == GroupState::kPrepared) KeepFinalAsBase(next);
  DropFinal(next);
  return Changed(std::move(next));
}

GroupRecord Discard(const GroupRecord& record) {
  GroupRecord next = record;
  next.state = GroupState::kDiscarded;
  next.refused_generation = std::max(record.refused_generation, record.generation);
  next.volumes.clear();
  next.gate.reset();
  next.served = false;
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> Diverge(const GroupRecord& record, Generation generation) {
  if (record.state == GroupState::kDiverged) return record;
  if (!IsNewer(record, generation)) return Stale(record, generation);
  if (!IsOwner(record.state)) return WrongState(record, "give up");
  GroupRecord next = record;
  next.state = GroupState::kDiverged;
  next.lock.reset();
  next.refused_generation = generation;
  DropFinal(next);
  return Changed(std::move(next));
}

absl::StatusOr<GroupRecord> OpenGate(const GroupRecord& record, const GateRecord& gate) {
  if (record.state != GroupState::kOwned) return WrongState(record, "open the gate to");
  // The destination was told that no program has seen the volumes, and fills them: that has to stay
  // true.
  const bool leaves = record.lock.has_value() && record.lock->generation != record.generation;
  if (leaves && AwaitsFilling(record)) return Held(record);
  DROVER_RETURN_IF_ERROR(CheckNoRollBack(record));
  if (record.gate.has_value() && record.gate->open && record.gate->start_id != gate.start_id) {
    return StatusWithReason(
        absl::StatusCode::kFailedPrecondition, "OTHER_START_OPEN",
        absl::StrCat("start ", record.gate->start_id.value(), " of ", record.application.value(),
                     " was not proved dead; release its slots first"));
  }
  GroupRecord next = record;
  next.gate = gate;
  next.gate->open = true;
  next.served = true;
  for (VolumeRecord& volume : next.volumes) volume.fresh = volume.fresh && volume.detached;
  return next == record ? record : Changed(std::move(next));
}

GroupRecord CloseGate(const GroupRecord& record, const StartId& start_id) {
  if (!record.gate.has_value() || record.gate->start_id != start_id || !record.gate->open) {
    return record;
  }
  GroupRecord next = record;
  next.gate->open = false;
  return Changed(std::move(next));
}

}  // namespace drover::volume
