#include "services/container/driver/readiness_watch.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/container/domain/readiness.h"

namespace drover::container {
namespace {

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

// An application that says nothing about readiness has the default's patience, not none.
absl::Duration ReadyTimeout(const common::v1::ApplicationSpec& spec) {
  return spec.readiness().has_timeout() ? ToDuration(spec.readiness().timeout())
                                        : absl::Seconds(60);
}

ReadinessProbe ProbeOf(const Application& application) {
  const auto& spec = application.record.spec();
  std::vector<int> ports;
  for (const auto& port : spec.ports()) ports.push_back(port.internal_port());
  return ChooseProbe({.port = spec.readiness().port(), .http_path = spec.readiness().http_path()},
                     ports, application.image.health_check);
}

}  // namespace

void ReadinessWatch::Begin(ApplicationPtr application) {
  if (std::exchange(application->probing, true)) return;
  const std::string start_id = application->record.start_id();
  background_.Spawn(absl::StrCat("probe of ", application->name()),
                    [this, application, start_id] { return Run(application, start_id); });
}

Task<absl::Status> ReadinessWatch::Run(ApplicationPtr application, std::string start_id) {
  const auto over = [application, start_id] {
    return application->record.start_id() != start_id || application->facts.ended;
  };
  ReadinessProber::Target target;
  target.id = application->container_id();
  target.address = application->address;
  target.working_directory = application->image.working_directory;
  target.probe = ProbeOf(*application);
  target.deadline = application->opened_at + ReadyTimeout(application->record.spec());
  target.over = over;
  absl::Status result = co_await prober_.AwaitReady(std::move(target));
  if (over()) co_return absl::OkStatus();
  application->facts.probe_passed = result.ok();
  if (!result.ok()) application->problem = std::string(result.message());
  application->probe_result = result;
  applications_.Changed();
  co_return result;
}

}  // namespace drover::container
