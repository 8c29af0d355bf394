#include "services/container/driver/readiness_prober.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/status/reason.h"
#include "services/common/status/status_macros.h"
#include "services/container/driver/port_probe.h"

namespace drover::container {
namespace {

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

}  // namespace

Task<absl::Status> ReadinessProber::AwaitReady(Target target) {
  const absl::Duration pause = PauseAfter(target.probe.kind);
  while (true) {
    if (target.over()) co_return absl::AbortedError("the start is over");
    const absl::Status status = co_await Try(target);
    if (status.ok()) co_return status;
    if (clock_.Now() >= target.deadline) {
      co_return StatusWithReason(absl::StatusCode::kDeadlineExceeded, "NOT_READY",
                                 status.message());
    }
    co_await sleeper_.SleepFor(pause);
  }
}

Task<absl::Status> ReadinessProber::Try(Target target) {
  const absl::Duration left = std::max(target.deadline - clock_.Now(), absl::Milliseconds(100));
  switch (target.probe.kind) {
    case ReadinessProbe::Kind::kPort:
      co_return co_await ProbePort(target.address, target.probe.port, "", left);
    case ReadinessProbe::Kind::kHttp:
      co_return co_await ProbePort(target.address, target.probe.port, target.probe.http_path, left);
    case ReadinessProbe::Kind::kRunning: {
      DROVER_CO_ASSIGN_OR_RETURN(const ContainerInfo container,
                                 co_await engine_.InspectContainer(target.id));
      co_return container.running ? absl::OkStatus() : absl::UnavailableError("it does not run");
    }
    case ReadinessProbe::Kind::kHealthCheck:
      break;
  }
  ExecOptions options;
  options.command = target.probe.health_check.command;
  options.working_directory = target.working_directory;
  DROVER_CO_ASSIGN_OR_RETURN(
      const int exit_code,
      co_await engine_.Exec(target.id, options, std::min(left, target.probe.health_check.timeout)));
  if (exit_code == 0) co_return absl::OkStatus();
  co_return absl::UnavailableError(
      absl::StrCat("the image's health check ended with exit code ", exit_code));
}

}  // namespace drover::container
