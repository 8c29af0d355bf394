// Whether what the daemon found owned in its pool at its start may be served.
#ifndef DROVER_SERVICES_VOLUME_DRIVER_SERVING_GUARD_H_
#define DROVER_SERVICES_VOLUME_DRIVER_SERVING_GUARD_H_

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/common/async/background_tasks.h"
#include "services/common/async/blocking.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/sleeper.h"
#include "services/common/time/clock.h"
#include "services/volume/backend/storage_backend.h"
#include "services/volume/backend/witness_file.h"
#include "services/volume/domain/witness.h"
#include "services/volume/driver/group_store.h"

namespace drover::volume {

enum class Doubt {
  kNone,
  // The coordinator has not said yet whether the volumes are still this node's: they may have been
  // claimed elsewhere while it was away.
  kAwaitsCoordinator,
  // The pool was put back to an older time. Only an operator's claim ends this doubt.
  kOlderPool,
};

// Every group that is owned at the daemon's start is in doubt. The coordinator's word ends it (it
// comes within seconds), or, if the coordinator is away, `patience`: but only for a record that is
// the one this node wrote last, as its witness says, which is kept up to date here. A group that
// gets a new generation has a new owner's right, and is in no doubt. Used on the io thread.
class ServingGuard {
 public:
  struct Deps {
    boost::asio::any_io_executor executor;
    StorageBackend& backend;
    BlockingPool& pool;
    GroupStore& groups;
    WitnessFile& file;
    Sleeper& sleeper;
    const Clock& clock;
  };
  static constexpr absl::Duration kPatience = absl::Seconds(10);

  explicit ServingGuard(Deps deps, absl::Duration patience = kPatience)
      : deps_(deps), patience_(patience), background_(deps_.executor) {}

  // After the groups were read, before anything is served.
  Task<absl::Status> Begin();
  // Writes the witness a last time.
  Task<void> Stop();

  // A coordinator is there: it will say what is this node's.
  void CoordinatorCalled() { heard_ = deps_.clock.Now(); }
  // The coordinator says that this node owns the group under that generation. Says nothing about a
  // pool that is too old.
  void Confirm(const ApplicationName& application, Generation generation);

  Doubt DoubtAbout(const GroupRecord& record) const;
  // FAILED_PRECONDITION (OLDER_POOL): such data must not go to another node either.
  absl::Status CheckNotOlder(const GroupRecord& record) const;
  // OK once the group may be served. UNAVAILABLE (AWAITS_COORDINATOR) after 20 s,
  // FAILED_PRECONDITION (OLDER_POOL) at once.
  Task<absl::Status> Await(ApplicationName application);

 private:
  struct Doubted {
    Generation generation;
    Trust trust = Trust::kUnknown;
  };

  Task<void> StopWaiting();
  Task<void> KeepWitness();
  Task<void> WriteWitness();
  Witness WitnessOfNow() const;

  const Deps deps_;
  const absl::Duration patience_;
  std::string pool_identity_;
  std::map<ApplicationName, Doubted> doubted_;
  // What the file says.
  std::optional<Witness> witness_;
  // When the coordinator was heard of last.
  absl::Time heard_ = absl::InfinitePast();
  BackgroundTasks background_;
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_DRIVER_SERVING_GUARD_H_
