#include "services/container/service/container_proto.h"

#include "absl/strings/str_cat.h"
#include "services/container/domain/image_volumes.h"

namespace drover::container {
namespace {

v1::ContainerState ToProto(StartPhase phase) {
  switch (phase) {
    case StartPhase::kStaging:
      return v1::CONTAINER_STATE_STAGING;
    case StartPhase::kGated:
      return v1::CONTAINER_STATE_GATED;
    case StartPhase::kStarting:
      return v1::CONTAINER_STATE_STARTING;
    case StartPhase::kReady:
      return v1::CONTAINER_STATE_READY;
    case StartPhase::kExited:
      break;
  }
  return v1::CONTAINER_STATE_EXITED;
}

}  // namespace

v1::Container ToProto(const Application& application, const std::string& node) {
  const v1::StartRecord& record = application.record;
  v1::Container container;
  container.set_name(absl::StrCat("nodes/", node, "/containers/", application.name()));
  container.set_application(application.name());
  container.set_container_id(record.container_id());
  container.set_start_id(record.start_id());
  container.set_state(application.has_container() ? ToProto(PhaseOf(application.facts))
                                                  : v1::CONTAINER_STATE_EXITED);
  container.set_generation(record.generation());
  container.set_config_hash(record.config_hash());
  container.set_image(record.spec().image());
  container.set_image_digest(application.record.image_digest());
  container.set_address(application.address);
  *container.mutable_start_time() = record.start_time();
  container.set_exit_code(application.exit_code);
  *container.mutable_spec() = record.spec();
  container.set_problem(application.problem);
  container.set_starts_again(application.facts.ended && !application.end_undecided &&
                             record.intent() == v1::StartRecord::INTENT_RUN);
  const auto unkept = UnkeptPaths(application.image.volumes, MountpointsOf(record.spec()));
  container.mutable_unkept_paths()->Assign(unkept.begin(), unkept.end());
  return container;
}

}  // namespace drover::container
