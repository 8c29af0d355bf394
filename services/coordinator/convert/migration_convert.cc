#include "services/coordinator/convert/migration_convert.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/common/time/proto_time.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::v1;

constexpr char kPrefix[] = "migrations/";

pb::MigrationState ToProto(MigrationState state) {
  switch (state) {
    case MigrationState::kRequested:
      return pb::MIGRATION_STATE_REQUESTED;
    case MigrationState::kAdmitted:
      return pb::MIGRATION_STATE_ADMITTED;
    case MigrationState::kCopying:
      return pb::MIGRATION_STATE_COPYING;
    case MigrationState::kCopied:
      return pb::MIGRATION_STATE_COPIED;
    case MigrationState::kQuiescing:
      return pb::MIGRATION_STATE_QUIESCING;
    case MigrationState::kSealed:
      return pb::MIGRATION_STATE_SEALED;
    case MigrationState::kPrepared:
      return pb::MIGRATION_STATE_PREPARED;
    case MigrationState::kCommitted:
      return pb::MIGRATION_STATE_COMMITTED;
    case MigrationState::kActive:
      return pb::MIGRATION_STATE_ACTIVE;
    case MigrationState::kRouted:
      return pb::MIGRATION_STATE_ROUTED;
    case MigrationState::kRetired:
      return pb::MIGRATION_STATE_RETIRED;
    case MigrationState::kDone:
      return pb::MIGRATION_STATE_DONE;
    case MigrationState::kAborting:
      return pb::MIGRATION_STATE_ABORTING;
    case MigrationState::kAborted:
      return pb::MIGRATION_STATE_ABORTED;
  }
  return pb::MIGRATION_STATE_UNSPECIFIED;
}

}  // namespace

std::string MigrationResourceName(const MigrationId& id) {
  return id.empty() ? "" : absl::StrCat(kPrefix, id.value());
}

MigrationId MigrationIdOf(const std::string& name) {
  return MigrationId(std::string(absl::StripPrefix(name, kPrefix)));
}

pb::MigrationOptions ToProto(const MigrationOptions& options) {
  pb::MigrationOptions proto;
  proto.set_bandwidth_bytes_per_second(options.bandwidth_bytes_per_second);
  if (options.max_downtime.has_value()) {
    *proto.mutable_max_downtime() = ProtoOf(*options.max_downtime);
  }
  return proto;
}

MigrationOptions FromProto(const pb::MigrationOptions& proto) {
  MigrationOptions options;
  options.bandwidth_bytes_per_second = proto.bandwidth_bytes_per_second();
  if (proto.has_max_downtime()) options.max_downtime = DurationOf(proto.max_downtime());
  return options;
}

pb::Migration ToProto(const MigrationRecord& record) {
  pb::Migration proto;
  proto.set_name(MigrationResourceName(record.id));
  proto.set_application(record.application.value());
  proto.set_source(record.source.value());
  proto.set_destination(record.destination.value());
  proto.set_state(ToProto(record.state));
  proto.set_generation(record.generation.value());
  proto.set_rounds(static_cast<int>(record.rounds.size()));
  for (const Round& round : record.rounds) proto.set_bulk_bytes(proto.bulk_bytes() + round.bytes);
  proto.set_final_bytes(record.final_bytes);
  if (record.interruption.has_value()) {
    *proto.mutable_interruption() = ProtoOf(*record.interruption);
  }
  for (const MigrationPhase& phase : record.phases) {
    pb::Phase* added = proto.add_phases();
    added->set_name(phase.name);
    *added->mutable_duration() = ProtoOf(phase.duration);
  }
  proto.set_returned_by(MigrationResourceName(record.returned_by));
  proto.set_error(record.error);
  *proto.mutable_create_time() = ProtoOf(record.create_time);
  if (record.end_time.has_value()) *proto.mutable_end_time() = ProtoOf(*record.end_time);
  proto.set_revision(record.revision);
  *proto.mutable_options() = ToProto(record.options);
  proto.set_requested_by(record.requested_by);
  if (record.prediction.has_value()) {
    *proto.mutable_predicted_interruption() = ProtoOf(record.prediction->expected);
    *proto.mutable_predicted_interruption_p95() = ProtoOf(record.prediction->p95);
  }
  proto.set_missed(record.missed);
  return proto;
}

MigrationRecord FromProto(const pb::Migration& proto) {
  MigrationRecord record;
  record.id = MigrationIdOf(proto.name());
  record.application = ApplicationName(proto.application());
  record.source = NodeName(proto.source());
  record.destination = NodeName(proto.destination());
  for (MigrationState state : kAllMigrationStates) {
    if (ToProto(state) == proto.state()) record.state = state;
  }
  record.generation = Generation(proto.generation());
  record.final_bytes = proto.final_bytes();
  if (proto.has_interruption()) record.interruption = DurationOf(proto.interruption());
  for (const pb::Phase& phase : proto.phases()) {
    record.phases.push_back({phase.name(), DurationOf(phase.duration())});
  }
  record.returned_by = MigrationIdOf(proto.returned_by());
  record.error = proto.error();
  record.create_time = TimeOf(proto.create_time());
  if (proto.has_end_time()) record.end_time = TimeOf(proto.end_time());
  record.revision = proto.revision();
  record.options = FromProto(proto.options());
  record.requested_by = proto.requested_by();
  if (proto.has_predicted_interruption()) {
    record.prediction = Prediction{DurationOf(proto.predicted_interruption()),
                                   DurationOf(proto.predicted_interruption_p95())};
  }
  record.missed = proto.missed();
  return record;
}

}  // namespace drover::coordinator
