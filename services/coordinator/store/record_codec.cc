#include "services/coordinator/store/record_codec.h"

#include "absl/strings/str_cat.h"
#include "drover/coordinator/store/v1/record.pb.h"
#include "services/common/time/proto_time.h"
#include "services/coordinator/convert/deployment_convert.h"
#include "services/coordinator/convert/migration_convert.h"
#include "services/coordinator/convert/spec_convert.h"

namespace drover::coordinator {
namespace {

namespace pb = drover::coordinator::store::v1;

template <class Proto>
absl::StatusOr<Proto> Parse(const std::string& bytes) {
  Proto proto;
  if (!proto.ParseFromString(bytes)) {
    return absl::DataLossError(
        absl::StrCat("the store holds a damaged ", Proto::descriptor()->full_name()));
  }
  return proto;
}

// A newer release wrote it: to take it for anything else could undo what was decided.
absl::Status UnknownState(const std::string& what) {
  return absl::DataLossError(absl::StrCat("the store holds ", what,
                                          " in a state that this release does not know; "
                                          "run the release that wrote it"));
}

}  // namespace

std::string Encode(const NodeRecord& record) {
  pb::NodeRecord proto;
  proto.set_name(record.name.value());
  proto.set_address(record.address);
  proto.set_cordoned(record.cordoned);
  proto.set_given_up_epoch(record.given_up_epoch);
  if (record.cordon_time != absl::InfinitePast()) {
    *proto.mutable_cordon_time() = ProtoOf(record.cordon_time);
  }
  return proto.SerializeAsString();
}

template <>
absl::StatusOr<NodeRecord> Decode(const std::string& bytes) {
  absl::StatusOr<pb::NodeRecord> proto = Parse<pb::NodeRecord>(bytes);
  if (!proto.ok()) return proto.status();
  NodeRecord record = {NodeName(proto->name()), proto->address(), proto->cordoned(),
                       proto->given_up_epoch()};
  if (proto->has_cordon_time()) record.cordon_time = TimeOf(proto->cordon_time());
  return record;
}

std::string Encode(const ApplicationRecord& record) {
  pb::ApplicationRecord proto;
  *proto.mutable_spec() = ToProto(record.spec);
  proto.mutable_spec()->set_name(record.name.value());
  proto.set_node(record.node.value());
  proto.set_generation(record.generation.value());
  proto.set_refused_generation(record.refused_generation.value());
  proto.set_running(record.running);
  if (record.route.has_value()) {
    proto.mutable_route()->set_node(record.route->node.value());
    proto.mutable_route()->set_container_id(record.route->container_id.value());
  }
  proto.set_problem(record.problem);
  proto.set_revision(record.revision);
  return proto.SerializeAsString();
}

template <>
absl::StatusOr<ApplicationRecord> Decode(const std::string& bytes) {
  absl::StatusOr<pb::ApplicationRecord> proto = Parse<pb::ApplicationRecord>(bytes);
  if (!proto.ok()) return proto.status();
  ApplicationRecord record;
  record.spec = FromProto(proto->spec());
  record.name = record.spec.name;
  record.node = NodeName(proto->node());
  record.generation = Generation(proto->generation());
  record.refused_generation = Generation(proto->refused_generation());
  record.running = proto->running();
  if (proto->has_route()) {
    record.route =
        RouteTarget{NodeName(proto->route().node()), ContainerId(proto->route().container_id())};
  }
  record.problem = proto->problem();
  record.revision = proto->revision();
  return record;
}

std::string Encode(const MigrationRecord& record) {
  pb::MigrationRecord proto;
  *proto.mutable_migration() = ToProto(record);
  proto.set_source_generation(record.source_generation.value());
  proto.set_source_running(record.source_running);
  *proto.mutable_spec() = ToProto(record.spec);
  *proto.mutable_source_spec() = ToProto(record.source_spec);
  proto.set_return_of(record.return_of.value());
  proto.set_start_id(record.start_id.value());
  proto.set_container_id(record.container_id.value());
  for (const Round& round : record.rounds) {
    pb::Round* added = proto.add_rounds();
    added->set_bytes(round.bytes);
    *added->mutable_duration() = ProtoOf(round.duration);
    added->set_incremental(round.incremental);
    if (round.begin != absl::InfinitePast()) *added->mutable_begin() = ProtoOf(round.begin);
  }
  for (const SnapshotRef& snapshot : record.snapshots) {
    drover::volume::v1::Snapshot* added = proto.add_snapshots();
    added->set_name(snapshot.name);
    added->set_identity(snapshot.identity);
    added->set_migration(snapshot.migration);
  }
  proto.set_seal_requested(record.seal_requested);
  proto.set_stage_again(record.stage_again);
  proto.set_not_ready(record.not_ready);
  proto.set_source_pending(record.source_pending);
  proto.set_destination_pending(record.destination_pending);
  proto.set_start_pending(record.start_pending);
  if (record.cutover_start != absl::InfinitePast()) {
    *proto.mutable_cutover_start() = ProtoOf(record.cutover_start);
  }
  if (record.pause > absl::ZeroDuration()) *proto.mutable_pause() = ProtoOf(record.pause);
  proto.set_await_turn(record.await_turn);
  proto.set_calm_waits(record.calm_waits);
  proto.set_discard_first(record.discard_first);
  if (record.prediction.has_value()) proto.set_prediction_measured(record.prediction->measured);
  return proto.SerializeAsString();
}

template <>
absl::StatusOr<MigrationRecord> Decode(const std::string& bytes) {
  absl::StatusOr<pb::MigrationRecord> proto = Parse<pb::MigrationRecord>(bytes);
  if (!proto.ok()) return proto.status();
  MigrationRecord record = FromProto(proto->migration());
  if (ToProto(record).state() != proto->migration().state()) return UnknownState("a migration");
  record.source_generation = Generation(proto->source_generation());
  record.source_running = proto->source_running();
  record.spec = FromProto(proto->spec());
  record.source_spec = FromProto(proto->source_spec());
  record.return_of = MigrationId(proto->return_of());
  record.start_id = StartId(proto->start_id());
  record.container_id = ContainerId(proto->container_id());
  for (const pb::Round& round : proto->rounds()) {
    record.rounds.push_back({round.bytes(), DurationOf(round.duration()), round.incremental()});
    if (round.has_begin()) record.rounds.back().begin = TimeOf(round.begin());
  }
  for (const auto& snapshot : proto->snapshots()) {
    record.snapshots.push_back({snapshot.name(), snapshot.identity(), snapshot.migration()});
  }
  record.seal_requested = proto->seal_requested();
  record.stage_again = proto->stage_again();
  record.not_ready = proto->not_ready();
  record.source_pending = proto->source_pending();
  record.destination_pending = proto->destination_pending();
  record.start_pending = proto->start_pending();
  if (proto->has_cutover_start()) record.cutover_start = TimeOf(proto->cutover_start());
  record.pause = DurationOf(proto->pause());
  record.await_turn = proto->await_turn();
  record.calm_waits = proto->calm_waits();
  record.discard_first = proto->discard_first();
  if (record.prediction.has_value()) record.prediction->measured = proto->prediction_measured();
  return record;
}

std::string Encode(const DeploymentRecord& record) {
  pb::DeploymentRecord proto;
  *proto.mutable_deployment() = ToProto(record);
  if (record.drain.has_value()) *proto.mutable_drain() = ToProto(*record.drain);
  if (record.roll_back.has_value()) *proto.mutable_roll_back() = ToProto(*record.roll_back);
  if (record.clone.has_value()) *proto.mutable_clone() = ToProto(*record.clone);
  *proto.mutable_desired() = ToProto(record.desired);
  *proto.mutable_options() = ToProto(record.options);
  proto.set_requested_by(record.requested_by);
  proto.mutable_problems()->Assign(record.problems.begin(), record.problems.end());
  return proto.SerializeAsString();
}

template <>
absl::StatusOr<DeploymentRecord> Decode(const std::string& bytes) {
  absl::StatusOr<pb::DeploymentRecord> proto = Parse<pb::DeploymentRecord>(bytes);
  if (!proto.ok()) return proto.status();
  DeploymentRecord record = FromProto(proto->deployment());
  if (ToProto(record).state() != proto->deployment().state()) return UnknownState("a deployment");
  record.desired = FromProto(proto->desired());
  if (proto->has_drain()) record.drain = FromProto(proto->drain());
  if (proto->has_roll_back()) record.roll_back = FromProto(proto->roll_back());
  if (proto->has_clone()) record.clone = FromProto(proto->clone());
  record.options = FromProto(proto->options());
  record.requested_by = proto->requested_by();
  record.problems.assign(proto->problems().begin(), proto->problems().end());
  return record;
}

}  // namespace drover::coordinator
