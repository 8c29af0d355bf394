#include "services/container/driver/readiness_prober.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/common/status/status_macros.h"
#include "services/container/driver/port_probe.h"

namespace drover::container {

Task<absl::Status> ReadinessProber::Probe(Target target, absl::Duration timeout) {
  switch (target.probe.kind) {
    case ReadinessProbe::Kind::kPort:
      co_return co_await ProbePort(target.address, target.probe.port, "", timeout);
    case ReadinessProbe::Kind::kHttp:
      co_return co_await ProbePort(target.address, target.probe.port, target.probe.http_path,
                                   timeout);
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
      co_await engine_.Exec(target.id, options,
                            std::min(timeout, target.probe.health_check.timeout)));
  if (exit_code == 0) co_return absl::OkStatus();
  co_return absl::UnavailableError(
      absl::StrCat("its health check ended with exit code ", exit_code));
}

}  // namespace drover::container
