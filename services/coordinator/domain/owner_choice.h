// Which node owns an application's volumes, where more than one says that it does.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_OWNER_CHOICE_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_OWNER_CHOICE_H_

#include <cstdint>
#include <vector>

#include "services/coordinator/domain/cluster_view.h"
#include "services/coordinator/domain/migration_record.h"

namespace drover::coordinator {

// Where a group is; no node if it is nowhere.
struct Held {
  const NodeView* node = nullptr;
  const GroupView* group = nullptr;
};

// Where anything of the application is, as far as nodes answer; and those that say that they own
// it.
std::vector<Held> GroupsOf(const ClusterView& view, const ApplicationName& application);
std::vector<Held> OwnersOf(const ClusterView& view, const ApplicationName& application);

// `source` is what a move from it leaves there until it is retired: `owner` owns by that move.
bool IsLeftByMoveTo(const Held& owner, const Held& source);

// `held` is what the journal means by the owner: the node that it names. Under a later generation
// too, which a claim on the owner itself has given it; under an earlier one it is an older pool.
bool IsJournalsOwner(const ApplicationRecord& record, const Held& held);

// What another node's generation has to be higher than for it to own the volumes.
Generation NewestOwnership(const ApplicationRecord& record);
// Another node owns the volumes since, under a later generation: `held` has to give them up.
bool IsReplaced(const ApplicationRecord& record, const Held& held);

class OwnerChoice {
 public:
  // `last_generation`: the last that the journal has given. All outlive the object.
  OwnerChoice(const ClusterView& view, const std::vector<const MigrationRecord*>& migrations,
              int64_t last_generation)
      : view_(view), migrations_(migrations), last_generation_(last_generation) {}

  // What the journal says where it knows: a claim tells its node first, so one that broke off
  // leaves a later generation on a node that never became the owner. While the journal's owner does
  // not answer there is no other, and the answer is empty. The highest generation decides where the
  // journal is silent: among owners of a time that it has not seen, where its own owner owns no
  // more, and of an application that it does not know.
  Held OwnerOf(const ApplicationName& application) const;

 private:
  // It became the owner after the journal was written last: under a generation that the journal has
  // not given; by a move whose end it does not know; or by a claim that got to the start of the
  // application, which comes after the journal's entry.
  bool IsOfLaterTime(const ApplicationRecord& record, const Held& held) const;

  const ClusterView& view_;
  const std::vector<const MigrationRecord*>& migrations_;
  const int64_t last_generation_;
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_OWNER_CHOICE_H_
