// The rules of a volume group: one pure function per verb, from the record that is to the record
// that shall be made durable.
//
// All of them: a repeat of what was carried out answers the record unchanged; a migration that is
// not above `refused_generation` and `generation` is FAILED_PRECONDITION (STALE_GENERATION); one
// that meets another's lock is ABORTED (GROUP_LOCKED); the same migration with other parameters is
// ALREADY_EXISTS; a verb that does not fit the state is FAILED_PRECONDITION (WRONG_STATE).
// Nothing is written here, and nothing is true before the caller has written it.
#ifndef DROVER_SERVICES_VOLUME_DOMAIN_TRANSITIONS_H_
#define DROVER_SERVICES_VOLUME_DOMAIN_TRANSITIONS_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/volume/domain/group_record.h"

namespace drover::volume {

using ExistingRecord = std::optional<GroupRecord>;

// A new group, OWNED. `existing` may be absent or DISCARDED. A volume that names a dataset id keeps
// it; the others' ids must be filled in by the caller.
absl::StatusOr<GroupRecord> Create(const ExistingRecord& existing,
                                   const ApplicationName& application, Generation generation,
                                   const std::vector<VolumeRecord>& volumes);

// The group can be deleted: nothing runs, nothing moves, and the caller means this generation.
absl::Status CheckDelete(const GroupRecord& record, Generation generation);

// The group is OWNED, no migration holds it, and no volume of it is being put back: resize,
// snapshot.
absl::Status CheckUnlocked(const GroupRecord& record);

// The group is at rest: owned or kept, and no migration holds it. What needs no live volume.
absl::Status CheckAtRest(const GroupRecord& record);

// No program has seen the volume yet: it is still to be filled with what the image holds.
bool IsFresh(const GroupRecord& record, const VolumeRecord& volume);
// One that the application uses is.
bool AwaitsFilling(const GroupRecord& record);
// The volume may be filled: it is fresh and this node owns it, as the destination of a move that
// goes on at the earliest once it is activated. NOT_FOUND; FAILED_PRECONDITION (ALREADY_SERVED).
absl::Status CheckFill(const GroupRecord& record, const std::string& id);

// --- volumes of an application that stays where it is, and is stopped ---
// Those volumes are what the application uses from its next start on; those it has not are added,
// with their dataset ids filled in by the caller, and the others are kept, detached.
absl::StatusOr<GroupRecord> SetAttached(const GroupRecord& record, Generation generation,
                                        const std::vector<VolumeRecord>& volumes);
// Without that volume; at the owner FAILED_PRECONDITION (ATTACHED) unless it is detached.
absl::StatusOr<GroupRecord> RemoveVolume(const GroupRecord& record, const std::string& id);
// Until CompleteRollBack nothing opens a gate or moves the group. NOT_FOUND.
absl::StatusOr<GroupRecord> BeginRollBack(const GroupRecord& record, const std::string& id,
                                          const std::string& snapshot);
// The live volume is that snapshot; `here` are the snapshots that are left.
GroupRecord CompleteRollBack(const GroupRecord& record, const std::string& id,
                             const std::vector<SnapshotRef>& here);
// A new group that begins with what the volumes of `source` hold. The dataset ids are empty: the
// caller fills them in. `existing` as for Create; a repeat is ALREADY_EXISTS.
absl::StatusOr<GroupRecord> CloneOf(const ExistingRecord& existing, const ApplicationName& clone,
                                    Generation generation, const GroupRecord& source);

// --- source ---
absl::StatusOr<GroupRecord> Lock(const GroupRecord& record, const MigrationKey& key);
// A round may be pushed: OWNED for copy rounds, SEALED for the final one.
absl::Status CheckPush(const GroupRecord& record, const MigrationKey& key, bool final_round);
absl::StatusOr<GroupRecord> BeginSeal(const GroupRecord& record, const MigrationKey& key);
// `snapshots`: one for each volume, in the record's order.
absl::StatusOr<GroupRecord> CompleteSeal(const GroupRecord& record, const MigrationKey& key,
                                         const std::vector<SnapshotRef>& snapshots);
absl::StatusOr<GroupRecord> Retire(const GroupRecord& record, const MigrationKey& key);

// --- destination ---
// `source`: the volumes of the source's record. `here`: this node, for advice.
absl::StatusOr<GroupRecord> Reserve(const ExistingRecord& existing,
                                    const ApplicationName& application, const MigrationKey& key,
                                    const std::vector<VolumeRecord>& source, const NodeName& here);
// A full stream is about to replace the volume: what was kept of it is no copy any more.
GroupRecord ForgetBase(const GroupRecord& record, const std::string& id);
// A snapshot of the migration may arrive: RECEIVING.
absl::Status CheckReceive(const GroupRecord& record, const MigrationKey& key);
absl::StatusOr<GroupRecord> Prepare(const GroupRecord& record, const MigrationKey& key,
                                    const std::vector<SnapshotRef>& snapshots);
// The first step of Activate: OWNED under the migration's generation, its lock kept until Finish.
absl::StatusOr<GroupRecord> TakeOwnership(const GroupRecord& record, const MigrationKey& key);
absl::StatusOr<GroupRecord> Finish(const GroupRecord& record, const MigrationKey& key);

// --- either side ---
// Never fails for lack of a record: it leaves a DISCARDED one that refuses the migration for ever.
absl::StatusOr<GroupRecord> Abort(const ExistingRecord& existing,
                                  const ApplicationName& application, const MigrationKey& key);

// --- takeover by an operator; no migration is part of it ---
// The node becomes owner under a generation that is newer than all it knows: of what it owns
// already, sealed or not; of what has arrived completely (PREPARED); or of the copy that it keeps
// (RETIRED, or RECEIVING over one). FAILED_PRECONDITION (NO_COPY) without a complete one. A move's
// lock ends with it: that move can go nowhere any more.
absl::StatusOr<GroupRecord> Claim(const GroupRecord& existing, Generation generation);
// An owner whose volumes were claimed elsewhere under `generation`: it never serves them again, and
// keeps them for a person to look at.
absl::StatusOr<GroupRecord> Diverge(const GroupRecord& record, Generation generation);

// What an owner that was replaced leaves when its volumes are deleted: old generations stay
// refused.
GroupRecord Discard(const GroupRecord& record);

// --- gates ---
// GATE_OPEN for that start. Refused unless OWNED, while another start's gate is open, and while a
// migration takes away volumes that are still to be filled.
absl::StatusOr<GroupRecord> OpenGate(const GroupRecord& record, const GateRecord& gate);
// That start was proved dead.
GroupRecord CloseGate(const GroupRecord& record, const StartId& start_id);

// NOT_FOUND if there is no volume of that id.
absl::Status CheckHasVolume(const GroupRecord& record, const std::string& id);
// The volume of that id; nullptr if there is none.
const VolumeRecord* FindVolume(const GroupRecord& record, const std::string& id);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DOMAIN_TRANSITIONS_H_
