#include "services/container/driver/readiness_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/time/proto_time.h"
#include "services/container/domain/readiness.h"

namespace drover::container {
namespace {

// Of one attempt: a server that accepts but needs a while for its answer is not cut off at once.
constexpr absl::Duration kShortestAttempt = absl::Seconds(1);
// Between two attempts once its time is over: nobody waits for it any more.
constexpr absl::Duration kPatientPause = absl::Seconds(1);

// Between the end of an attempt and the next: every millisecond here is one of interruption, but a
// health check starts processes.
absl::Duration PauseAfter(ReadinessProbe::Kind kind) {
  switch (kind) {
    case ReadinessProbe::Kind::kPort:
      return absl::Milliseconds(2);
    case ReadinessProbe::Kind::kHttp:
      return absl::Milliseconds(5);
    default:
      return absl::Milliseconds(50);
  }
}

// An application that says nothing about readiness has the default's patience, not none.
absl::Duration ReadyTimeout(const common::v1::ApplicationSpec& spec) {
  return spec.readiness().has_timeout() ? DurationOf(spec.readiness().timeout())
                                        : absl::Seconds(60);
}

ReadinessProbe ProbeOf(const Application& application) {
  const auto& spec = application.record.spec();
  std::vector<int> ports;
  for (const auto& port : spec.ports()) ports.push_back(port.internal_port());
  ReadinessWish wish;
  wish.port = spec.readiness().port();
  wish.http_path = spec.readiness().http_path();
  if (spec.readiness().has_health_check()) {
    const auto& proto = spec.readiness().health_check();
    HealthCheck& check = wish.health_check.emplace();
    check.command.assign(proto.command().begin(), proto.command().end());
    if (proto.has_timeout()) check.timeout = DurationOf(proto.timeout());
  }
  return ChooseProbe(wish, ports, application.image.health_check);
}

}  // namespace

void ReadinessWatch::Begin(ApplicationPtr application) {
  if (application->facts.probe_passed) return;
  const absl::Duration timeout = ReadyTimeout(application->record.spec());
  if (!application->probing) application->ready_deadline = application->opened_at + timeout;
  if (application->not_ready.has_value()) {
    application->not_ready.reset();
    application->ready_deadline = deps_.clock.Now() + timeout;
  }
  if (std::exchange(application->probing, true)) return;
  const std::string start_id = application->record.start_id();
  deps_.background.Spawn(absl::StrCat("probe of ", application->name()),
                         [this, application, start_id] { return Observe(application, start_id); });
}

Task<absl::Status> ReadinessWatch::Observe(ApplicationPtr application, std::string start_id) {
  const auto over = [application, start_id] {
    return application->record.start_id() != start_id ||
           (application->facts.ended && !application->recovering);
  };
  while (true) {
    const absl::Status status = co_await Probe(application);
    if (over()) co_return absl::OkStatus();
    if (status.ok()) break;
    if (!application->not_ready.has_value() && deps_.clock.Now() >= application->ready_deadline) {
      application->not_ready =
          StatusWithReason(absl::StatusCode::kDeadlineExceeded, "NOT_READY", status.message());
      application->problem = std::string(status.message());
      deps_.applications.Changed();
    }
    absl::Duration pause = PauseAfter(ProbeOf(*application).kind);
    if (application->not_ready.has_value()) pause = kPatientPause;
    co_await deps_.sleeper.SleepFor(pause);
    if (over()) co_return absl::OkStatus();
  }
  application->facts.probe_passed = true;
  application->probing = false;
  application->not_ready.reset();
  application->problem.clear();
  deps_.applications.Changed();
  co_return absl::OkStatus();
}

Task<absl::Status> ReadinessWatch::Probe(ApplicationPtr application) {
  // Whoever asks after a restart of the daemon may come before its recovery.
  if (!application->facts.gate_reported) {
    co_return absl::UnavailableError("the container engine has not told about the container yet");
  }
  if (application->facts.ended) co_return absl::UnavailableError("it is being started again");
  ReadinessProber::Target target;
  target.id = application->container_id();
  target.address = application->address;
  target.working_directory = application->image.working_directory;
  target.probe = ProbeOf(*application);
  const absl::Duration left = application->ready_deadline - deps_.clock.Now();
  co_return co_await deps_.prober.Probe(std::move(target), std::max(left, kShortestAttempt));
}

}  // namespace drover::container
