#include "services/coordinator/orchestrator/migration_manager.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/domain/move_problem.h"
#include "services/coordinator/domain/ownership.h"

namespace drover::coordinator {
namespace {

// Between an end and the restart that follows it an application is not stopped: it would run again
// by itself, were it not for the seal.
bool Runs(const ContainerView* container, const ApplicationRecord* application) {
  if (container == nullptr) return false;
  if (container->state != ContainerState::kExited) return true;
  return application != nullptr && application->running &&
         application->spec.restart_policy.mode != RestartMode::kNever;
}

}  // namespace

MigrationManager::MigrationManager(MigrationDeps deps, BusyApplications& busy,
                                   BackgroundTasks& background)
    : deps_(deps), busy_(busy), background_(background) {}

void MigrationManager::ResumeAll() {
  for (const MigrationRecord* record : deps_.journal.migrations()) {
    if (IsTerminal(record->state)) continue;
    absl::StatusOr<BusyApplications::Token> token = busy_.Acquire(record->application);
    // The journal never holds two unfinished moves of one application.
    if (token.ok()) Drive(*record, *std::move(token));
  }
}

Task<absl::StatusOr<MigrationId>> MigrationManager::Begin(MoveRequest request, ClusterView view,
                                                          BusyApplications::Token token) {
  const ApplicationRecord* application = deps_.journal.FindApplication(request.application);
  const NodeView* source = view.FindNode(request.source);
  // Who does not say what runs there would be taken for one where nothing does.
  if (source != nullptr && !source->containers_known) {
    co_return absl::UnavailableError(
        absl::StrCat(request.source.value(), ": ", source->problem, "; nothing was changed"));
  }
  const GroupView* group = source == nullptr ? nullptr : FindGroup(*source, request.application);
  if (group == nullptr || group->state != GroupState::kOwned) {
    co_return absl::FailedPreconditionError(
        absl::StrCat(request.source.value(), " does not own the volumes of ",
                     request.application.value(), "; look at `drover volumes list`"));
  }
  DROVER_CO_RETURN_IF_ERROR(CheckOwner(view, request.application, {source, group}));
  // As it is now: `view` may be older than a cordon.
  const auto destination = deps_.journal.nodes().find(request.destination);
  if (destination != deps_.journal.nodes().end()) {
    DROVER_CO_RETURN_IF_ERROR(CheckCordon(request.destination, destination->second.cordoned));
  }
  const ContainerView* container = FindContainer(*source, request.application);
  MigrationRecord record;
  record.id = request.id;
  record.application = request.application;
  record.source = request.source;
  record.destination = request.destination;
  record.generation = deps_.journal.TakeGeneration();
  record.source_generation = group->generation;
  record.source_running = Runs(container, application);
  record.spec = request.spec;
  record.source_spec = application == nullptr ? request.spec : application->spec;
  record.options = request.options;
  record.requested_by = request.requested_by;
  record.create_time = deps_.clock.Now();
  record.revision = 1;
  Change change;
  change.migrations = {record};
  // One that was found on a node and is not in our records gets its place there.
  if (application == nullptr) {
    ApplicationRecord adopted;
    adopted.name = request.application;
    adopted.spec = request.spec;
    adopted.node = request.source;
    adopted.generation = group->generation;
    adopted.running = record.source_running;
    change.applications = {adopted};
  }
  co_await deps_.journal.Commit(std::move(change));
  Drive(record, std::move(token));
  co_return record.id;
}

void MigrationManager::Drive(const MigrationRecord& record, BusyApplications::Token token) {
  auto driver = std::make_shared<MigrationDriver>(deps_, record.id);
  drivers_[record.id] = driver;
  background_.Spawn(absl::StrCat("migration ", record.id.value()),
                    DriveToEnd(driver, record.id, std::move(token)));
}

Task<void> MigrationManager::DriveToEnd(std::shared_ptr<MigrationDriver> driver, MigrationId id,
                                        BusyApplications::Token token) {
  co_await driver->Run();
  drivers_.erase(id);
  // The return was made durable together with this one's end; the application stays busy in
  // between.
  const MigrationRecord* back =
      deps_.journal.FindMigration(deps_.journal.FindMigration(id)->returned_by);
  if (back != nullptr) {
    Drive(*back, std::move(token));
  } else {
    token.reset();
  }
  deps_.journal.changed().Notify();
}

absl::StatusOr<std::shared_ptr<MigrationDriver>> MigrationManager::RunningDriver(
    const MigrationId& id) const {
  const MigrationRecord* record = deps_.journal.FindMigration(id);
  if (record == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no migration ", id.value()));
  }
  auto driver = drivers_.find(id);
  if (driver != drivers_.end()) return driver->second;
  return absl::FailedPreconditionError(
      absl::StrCat("migration ", id.value(), " is ", MigrationStateName(record->state)));
}

Task<absl::Status> MigrationManager::Cancel(MigrationId id, std::string by) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<MigrationDriver> driver, RunningDriver(id));
  co_return co_await driver->Cancel(std::move(by));
}

Task<absl::Status> MigrationManager::GiveUp(MigrationId id, std::string by) {
  DROVER_CO_ASSIGN_OR_RETURN(std::shared_ptr<MigrationDriver> driver, RunningDriver(id));
  co_return co_await driver->GiveUp(std::move(by));
}

const MigrationDriver* MigrationManager::FindDriverOrReturn(MigrationId id) const {
  while (!id.empty()) {
    if (const MigrationDriver* driver = FindDriver(id)) return driver;
    id = deps_.journal.FindMigration(id)->returned_by;
  }
  return nullptr;
}

Task<void> MigrationManager::Wait(MigrationId id) {
  uint64_t seen = deps_.journal.changed().count();
  while (FindDriverOrReturn(id) != nullptr) {
    co_await deps_.journal.changed().Wait(seen);
    seen = deps_.journal.changed().count();
  }
}

Task<absl::Status> MigrationManager::WaitUnlessItStandsStill(MigrationId id) {
  uint64_t seen = deps_.journal.changed().count();
  while (const MigrationDriver* driver = FindDriverOrReturn(id)) {
    const std::string standstill = driver->standstill();
    if (!standstill.empty()) co_return absl::UnavailableError(standstill);
    co_await deps_.journal.changed().Wait(seen);
    seen = deps_.journal.changed().count();
  }
  co_return absl::OkStatus();
}

const MigrationDriver* MigrationManager::FindDriver(const MigrationId& id) const {
  auto found = drivers_.find(id);
  return found == drivers_.end() ? nullptr : found->second.get();
}

}  // namespace drover::coordinator
