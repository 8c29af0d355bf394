#include "testing/simulation/container_agent.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/status_macros.h"
#include "services/container/domain/recovery.h"
#include "services/container/domain/restart_policy.h"
#include "services/volume/domain/group_record.h"

namespace drover::simulation {
namespace {

namespace v1 = container::v1;

container::Intent IntentOf(v1::StartRecord::Intent intent) {
  switch (intent) {
    case v1::StartRecord::INTENT_RUN:
      return container::Intent::kRun;
    case v1::StartRecord::INTENT_STOPPED:
      return container::Intent::kStopped;
    case v1::StartRecord::INTENT_ENDED:
      return container::Intent::kEnded;
    default:
      return container::Intent::kStaged;
  }
}

v1::ContainerState StateOf(const SimContainer& one) {
  switch (one.state) {
    case ProcessState::kGated:
      return v1::CONTAINER_STATE_GATED;
    case ProcessState::kRunning:
      return one.ready ? v1::CONTAINER_STATE_READY : v1::CONTAINER_STATE_STARTING;
    case ProcessState::kExited:
      break;
  }
  return v1::CONTAINER_STATE_EXITED;
}

}  // namespace

const ContainerAgent::Record* ContainerAgent::Find(const std::string& name) const {
  const auto found = context_.disk().starts.find(name);
  return found == context_.disk().starts.end() ? nullptr : &found->second;
}

Task<void> ContainerAgent::Save(Record record) {
  const std::string what =
      absl::StrCat("start of ", record.spec().name(), " for ", record.generation(), ": ",
                   v1::StartRecord::Intent_Name(record.intent()));
  auto apply = [this, record] { context_.disk().starts[record.spec().name()] = record; };
  co_await context_.Write(what, std::move(apply));
  changed_.Notify();
}

SimContainer* ContainerAgent::ContainerOf(const Record& record) {
  const auto found = context_.engine().containers.find(ApplicationName(record.spec().name()));
  if (found == context_.engine().containers.end() || record.start_id().empty() ||
      found->second.start.value() != record.start_id()) {
    return nullptr;
  }
  return &found->second;
}

bool ContainerAgent::WasOpened(const Record& record) const {
  const std::optional<volume::GroupRecord> group =
      volumes_.Find(ApplicationName(record.spec().name()));
  return group.has_value() && group->gate.has_value() && !record.start_id().empty() &&
         group->gate->start_id.value() == record.start_id();
}

bool ContainerAgent::IsEndUndecided(const Record& record) {
  const SimContainer* one = ContainerOf(record);
  return one != nullptr && one->state == ProcessState::kExited &&
         ended_[record.spec().name()] != record.start_id();
}

v1::Container ContainerAgent::View(const Record& record) {
  v1::Container view;
  view.set_application(record.spec().name());
  view.set_start_id(record.start_id());
  view.set_generation(record.generation());
  view.set_config_hash(record.config_hash());
  view.set_image(record.spec().image());
  view.set_image_digest("sha256:" + record.spec().image());
  // Also of a start whose making a crash cut off: recovery finds its container by the start.
  const SimContainer* one = ContainerOf(record);
  view.set_container_id(one == nullptr ? record.container_id() : one->id.value());
  view.set_state(one == nullptr ? v1::CONTAINER_STATE_EXITED : StateOf(*one));
  return view;
}

ContainerAgent::Answer<v1::GetEngineResponse> ContainerAgent::GetEngine() {
  co_await context_.Step();
  v1::GetEngineResponse response;
  response.mutable_engine()->set_reachable(true);
  co_return response;
}

ContainerAgent::Answer<v1::ListContainersResponse> ContainerAgent::ListContainers() {
  co_await context_.Step();
  v1::ListContainersResponse response;
  for (const auto& [name, record] : context_.disk().starts) {
    if (record.generation() != 0) *response.add_containers() = View(record);
  }
  co_return response;
}

Task<absl::Status> ContainerAgent::RemoveContainers(ApplicationName application, StartId start) {
  std::set<StartId> starts;
  if (!start.empty()) starts.insert(start);
  co_await context_.Step();
  const auto found = context_.engine().containers.find(application);
  if (found != context_.engine().containers.end()) {
    starts.insert(found->second.start);
    context_.engine().Remove(application);
  }
  for (const StartId& one : starts) {
    DROVER_CO_RETURN_IF_ERROR(co_await volumes_.ReleaseSlots(one, application));
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerAgent::Make(std::string name) {
  Record record = *Find(name);
  const ApplicationName application(name);
  const StartId start(record.start_id());
  DROVER_CO_RETURN_IF_ERROR(co_await volumes_.AttachSlots(start, application));
  co_await context_.Sleep(absl::Milliseconds(5), absl::Milliseconds(60));
  if (context_.engine().containers.contains(application)) {
    co_return absl::FailedPreconditionError("a container of that name is there");
  }
  const ContainerId id = context_.engine().Create(application, start).id;
  record.set_container_id(id.value());
  DROVER_CO_RETURN_IF_ERROR(co_await volumes_.AwaitGate(start, id));
  co_await Save(std::move(record));
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerAgent::NewStart(Record before, Wanted wanted, Record::Intent intent) {
  const ApplicationName application(wanted.spec.name());
  DROVER_CO_RETURN_IF_ERROR(co_await RemoveContainers(application, StartId(before.start_id())));
  Record record;
  *record.mutable_spec() = wanted.spec;
  record.set_generation(wanted.generation);
  record.set_config_hash(wanted.config_hash);
  record.set_migration(wanted.migration);
  record.set_intent(intent);
  record.set_start_id(RandomHex(16));
  co_await Save(record);
  const absl::Status made = co_await Make(wanted.spec.name());
  if (!made.ok()) (void)co_await RemoveContainers(application, StartId(record.start_id()));
  co_return made;
}

ContainerAgent::Answer<v1::StageContainerResponse> ContainerAgent::Stage(
    v1::StageContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().container_epoch));
  const std::string name = request.spec().name();
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  const Record* known = Find(name);
  const Record record = known == nullptr ? Record() : *known;
  const SimContainer* one = ContainerOf(record);
  const bool runs = one != nullptr && one->state != ProcessState::kExited;
  const bool same = runs && record.generation() == request.generation() &&
                    record.config_hash() == request.config_hash();
  if (!(same && context_.engine().IsGateWaiting(StartId(record.start_id())) &&
        !WasOpened(record))) {
    const bool is_ending = WasOpened(record) && (runs || IsEndUndecided(record));
    const bool is_to_run =
        record.intent() == Record::INTENT_RUN && record.generation() == request.generation();
    if (is_ending || is_to_run) {
      co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STILL_RUNNING",
                                 "it still runs on this node");
    }
    const std::optional<volume::GroupRecord> group = volumes_.Find(ApplicationName(name));
    const bool reserved = group.has_value() && group->lock.has_value() &&
                          group->lock->migration.value() == request.migration();
    if (!reserved) {
      co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "NOT_RESERVED",
                                 "nothing is reserved here for it");
    }
    Wanted wanted;
    wanted.spec = request.spec();
    wanted.generation = request.generation();
    wanted.config_hash = request.config_hash();
    wanted.migration = request.migration();
    DROVER_CO_RETURN_IF_ERROR(co_await NewStart(record, wanted, Record::INTENT_STAGED));
  }
  v1::StageContainerResponse response;
  *response.mutable_container() = View(*Find(name));
  co_return response;
}

absl::Status ContainerAgent::CheckOwnGroup(const Wanted& wanted) const {
  const std::optional<volume::GroupRecord> group =
      volumes_.Find(ApplicationName(wanted.spec.name()));
  if (!group.has_value() || group->state != volume::GroupState::kOwned) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "WRONG_STATE",
                            "it must not run on this node");
  }
  if (group->generation.value() != wanted.generation) {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "STALE_GENERATION",
                            "the order is for another generation");
  }
  return absl::OkStatus();
}

Task<absl::Status> ContainerAgent::StartLocked(Wanted wanted, bool restart) {
  co_await context_.Step();
  DROVER_CO_RETURN_IF_ERROR(CheckOwnGroup(wanted));
  const std::string name = wanted.spec.name();
  const Record* known = Find(name);
  Record record = known == nullptr ? Record() : *known;
  const SimContainer* one = ContainerOf(record);
  // As far as is known: of an end that nobody has looked at yet, its own follow-up decides.
  const bool runs =
      one != nullptr && (one->state != ProcessState::kExited || IsEndUndecided(record));
  const bool keep = runs && record.generation() == wanted.generation &&
                    record.config_hash() == wanted.config_hash && !restart &&
                    record.intent() != Record::INTENT_STOPPED;
  if (keep) {
    *record.mutable_spec() = wanted.spec;
    record.set_intent(Record::INTENT_RUN);
    co_await Save(record);
  } else {
    if (runs) DROVER_CO_RETURN_IF_ERROR(co_await EndProcesses(ApplicationName(name)));
    DROVER_CO_RETURN_IF_ERROR(co_await NewStart(record, wanted, Record::INTENT_RUN));
  }
  const StartId start(Find(name)->start_id());
  co_await context_.Step();
  DROVER_CO_RETURN_IF_ERROR(CheckOwnGroup(wanted));
  co_return co_await volumes_.OpenGate(start, ApplicationName(name));
}

ContainerAgent::Answer<v1::StartContainerResponse> ContainerAgent::Start(
    v1::StartContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().container_epoch));
  const std::string name = request.spec().name();
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  Wanted wanted;
  wanted.spec = request.spec();
  wanted.generation = request.generation();
  wanted.config_hash = request.config_hash();
  DROVER_CO_RETURN_IF_ERROR(co_await StartLocked(wanted, request.restart()));
  v1::StartContainerResponse response;
  *response.mutable_container() = View(*Find(name));
  co_return response;
}

ContainerAgent::Answer<v1::AwaitReadyResponse> ContainerAgent::AwaitReady(
    v1::AwaitReadyRequest request) {
  co_await context_.Step();
  const std::string name = request.application();
  while (true) {
    const Record* record = Find(name);
    if (record == nullptr || record->start_id() != request.start_id()) {
      co_return absl::NotFoundError("there is no such start");
    }
    if (!WasOpened(*record)) co_return absl::FailedPreconditionError("its gate was not opened");
    const SimContainer* one = ContainerOf(*record);
    if (one == nullptr || one->state == ProcessState::kExited) {
      co_return StatusWithReason(absl::StatusCode::kFailedPrecondition, "EXITED", "it ended");
    }
    if (one->state == ProcessState::kRunning && one->ready) {
      v1::AwaitReadyResponse response;
      *response.mutable_container() = View(*record);
      co_return response;
    }
    co_await changed_.Wait(changed_.count());
  }
}

Task<absl::Status> ContainerAgent::EndProcesses(ApplicationName application) {
  const auto found = context_.engine().containers.find(application);
  if (found == context_.engine().containers.end()) co_return absl::OkStatus();
  const ContainerId id = found->second.id;
  // Its signal; it may take its time, and writes meanwhile.
  co_await context_.Sleep(absl::Milliseconds(1), absl::Milliseconds(120));
  const auto again = context_.engine().containers.find(application);
  if (again != context_.engine().containers.end() && again->second.id == id) {
    context_.engine().Exit(application, 0);
  }
  co_return absl::OkStatus();
}

Task<absl::Status> ContainerAgent::Stop(ApplicationName application) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(application.value());
  const Record* known = Find(application.value());
  if (known == nullptr) co_return absl::OkStatus();
  Record record = *known;
  record.set_intent(Record::INTENT_STOPPED);
  co_await Save(record);
  if (ContainerOf(record) == nullptr) co_return absl::OkStatus();
  co_return co_await EndProcesses(application);
}

ContainerAgent::Answer<v1::RemoveContainerResponse> ContainerAgent::Remove(
    v1::RemoveContainerRequest request) {
  DROVER_CO_RETURN_IF_ERROR(context_.Admit(request.fence(), context_.disk().container_epoch));
  const std::string name = request.application();
  const ApplicationName application(name);
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  const Record* known = Find(name);
  if (known == nullptr) {
    DROVER_CO_RETURN_IF_ERROR(co_await RemoveContainers(application, StartId()));
    co_return v1::RemoveContainerResponse();
  }
  if (request.generation() != 0 && known->generation() != request.generation()) {
    co_return v1::RemoveContainerResponse();
  }
  Record record = *known;
  record.set_intent(Record::INTENT_STOPPED);
  co_await Save(record);
  DROVER_CO_RETURN_IF_ERROR(co_await EndProcesses(application));
  DROVER_CO_RETURN_IF_ERROR(co_await RemoveContainers(application, StartId(record.start_id())));
  auto erase = [this, name] { context_.disk().starts.erase(name); };
  co_await context_.Write(absl::StrCat("no start of ", name), std::move(erase));
  changed_.Notify();
  co_return v1::RemoveContainerResponse();
}

void ContainerAgent::Spawn(Task<void> task) {
  auto done = [](std::exception_ptr error) {
    if (error != nullptr) std::rethrow_exception(error);
  };
  boost::asio::co_spawn(context_.process()->executor(), std::move(task), std::move(done));
}

void ContainerAgent::Recover() {
  for (const auto& [name, record] : context_.disk().starts) Spawn(RecoverOne(name));
}

Task<void> ContainerAgent::RecoverOne(std::string name) {
  while (true) {
    const absl::Status done = co_await TryRecover(name);
    if (done.ok()) co_return;
    co_await context_.Sleep(absl::Milliseconds(200), absl::Seconds(1));
  }
}

Task<absl::Status> ContainerAgent::TryRecover(std::string name) {
  const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
  co_await context_.Step();
  const Record* known = Find(name);
  if (known == nullptr) co_return absl::OkStatus();
  const Record record = *known;
  const std::optional<volume::GroupRecord> group = volumes_.Find(ApplicationName(name));
  container::RecoveryFacts facts;
  facts.intent = IntentOf(record.intent());
  facts.may_run_here = group.has_value() && group->state == volume::GroupState::kOwned;
  facts.gate_was_opened = WasOpened(record);
  const SimContainer* one = ContainerOf(record);
  if (one != nullptr) {
    facts.runs = one->state != ProcessState::kExited;
    if (!facts.runs) ended_[name] = record.start_id();
    facts.restarted_by_hand = one->incarnation > 0;
  }
  bool restart = true;
  switch (container::DecideRecovery(facts)) {
    case container::RecoveryAction::kKeep:
      if (!facts.gate_was_opened || facts.restarted_by_hand || !facts.may_run_here) {
        co_return absl::OkStatus();
      }
      restart = false;
      break;
    case container::RecoveryAction::kLeave:
      co_return absl::OkStatus();
    case container::RecoveryAction::kStop:
      co_return co_await EndProcesses(ApplicationName(name));
    case container::RecoveryAction::kStart:
      break;
  }
  Wanted wanted;
  wanted.spec = record.spec();
  wanted.generation = record.generation();
  wanted.config_hash = record.config_hash();
  wanted.migration = record.migration();
  co_return co_await StartLocked(wanted, restart);
}

void ContainerAgent::OnEngineEvent(const ApplicationName& application) {
  changed_.Notify();
  const auto found = context_.engine().containers.find(application);
  if (found == context_.engine().containers.end()) return;
  if (found->second.state == ProcessState::kExited) Spawn(FollowEnd(application.value()));
}

Task<void> ContainerAgent::FollowEnd(std::string name) {
  co_await context_.Step();
  StartId start;
  {
    const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
    const Record* known = Find(name);
    if (known == nullptr) co_return;
    Record record = *known;
    const SimContainer* one = ContainerOf(record);
    if (one == nullptr || one->state != ProcessState::kExited) co_return;
    ended_[name] = record.start_id();
    if (!WasOpened(record) || record.intent() == Record::INTENT_STOPPED) co_return;
    container::RestartPolicy policy;
    policy.mode = container::RestartPolicy::Mode::kAlways;
    container::Ending ending;
    ending.exit_code = one->exit_code;
    ending.restarts = record.restarts();
    const std::optional<container::Restart> restart = container::DecideRestart(policy, ending);
    record.set_intent(Record::INTENT_RUN);
    record.set_restarts(restart->restarts);
    start = StartId(record.start_id());
    co_await Save(record);
  }
  const StartId replaced = start;
  co_await context_.Sleep(absl::Milliseconds(100), absl::Milliseconds(400));
  while (true) {
    {
      const AsyncMutex::Lock lock = co_await locks_.Acquire(name);
      const Record* known = Find(name);
      if (known == nullptr || known->intent() != Record::INTENT_RUN) co_return;
      if (known->start_id() != start.value() && WasOpened(*known)) co_return;
      Wanted wanted;
      wanted.spec = known->spec();
      wanted.generation = known->generation();
      wanted.config_hash = known->config_hash();
      wanted.migration = known->migration();
      const bool replace = known->start_id() == replaced.value();
      const absl::Status started = co_await StartLocked(wanted, replace);
      if (started.ok()) co_return;
      if (Find(name) != nullptr) start = StartId(Find(name)->start_id());
    }
    co_await context_.Sleep(absl::Milliseconds(200), absl::Seconds(1));
  }
}

}  // namespace drover::simulation
