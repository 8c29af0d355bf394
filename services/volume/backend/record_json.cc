#include "services/volume/backend/record_json.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"

namespace drover::volume {
namespace {

namespace json = boost::json;

// Bumped when an older program could misread a record.
constexpr int64_t kFormat = 1;

json::value ToJson(const std::optional<SnapshotRef>& snapshot) {
  if (!snapshot.has_value()) return nullptr;
  return json::object{{"name", snapshot->name}, {"identity", snapshot->identity}};
}

std::string Text(const json::object& object, const char* key) {
  return json::value_to<std::string>(object.at(key));
}

std::optional<SnapshotRef> SnapshotFrom(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return SnapshotRef{Text(value.as_object(), "name"), Text(value.as_object(), "identity")};
}

json::object VolumeToJson(const VolumeRecord& volume) {
  return {{"id", volume.id},
          {"dataset", volume.dataset_id},
          {"mountpoint", volume.mountpoint},
          {"maximum", volume.maximum_size_bytes},
          {"base", ToJson(volume.base)},
          {"final", ToJson(volume.final)},
          {"detached", volume.detached},
          {"fresh", volume.fresh},
          {"added", volume.added},
          {"roll_back", volume.roll_back}};
}

// Records written by an earlier Drover lack what was added later.
bool Flag(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->as_bool();
}

VolumeRecord VolumeFrom(const json::object& object) {
  return {.id = Text(object, "id"),
          .dataset_id = Text(object, "dataset"),
          .mountpoint = Text(object, "mountpoint"),
          .maximum_size_bytes = object.at("maximum").to_number<int64_t>(),
          .base = SnapshotFrom(object.at("base")),
          .final = SnapshotFrom(object.at("final")),
          .detached = Flag(object, "detached"),
          .fresh = Flag(object, "fresh"),
          .added = Flag(object, "added"),
          .roll_back = object.contains("roll_back") ? Text(object, "roll_back") : ""};
}

json::value LockToJson(const std::optional<MigrationKey>& lock) {
  if (!lock.has_value()) return nullptr;
  return json::object{{"migration", lock->migration.value()},
                      {"generation", lock->generation.value()}};
}

std::optional<MigrationKey> LockFrom(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  const json::object& object = value.as_object();
  return MigrationKey{MigrationId(Text(object, "migration")),
                      Generation(object.at("generation").to_number<int64_t>())};
}

json::value GateToJson(const std::optional<GateRecord>& gate) {
  if (!gate.has_value()) return nullptr;
  return json::object{{"start", gate->start_id.value()},
                      {"container", gate->container_id.value()},
                      {"cgroup", gate->cgroup},
                      {"open", gate->open}};
}

std::optional<GateRecord> GateFrom(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  const json::object& object = value.as_object();
  return GateRecord{.start_id = StartId(Text(object, "start")),
                    .container_id = ContainerId(Text(object, "container")),
                    .cgroup = Text(object, "cgroup"),
                    .open = object.at("open").as_bool()};
}

// Throws what Boost.JSON throws for a member that is missing or of another type.
GroupRecord RecordFrom(const json::object& object) {
  if (object.at("format").to_number<int64_t>() != kFormat) {
    throw std::runtime_error("it was written by a newer Drover");
  }
  GroupRecord record;
  record.application = ApplicationName(Text(object, "application"));
  const std::optional<GroupState> state = GroupStateFromName(Text(object, "state"));
  if (!state.has_value()) throw std::runtime_error("its state is unknown");
  record.state = *state;
  record.generation = Generation(object.at("generation").to_number<int64_t>());
  record.lock = LockFrom(object.at("lock"));
  record.concluded = MigrationId(Text(object, "concluded"));
  record.refused_generation = Generation(object.at("refused").to_number<int64_t>());
  record.retired_before = object.at("retired_before").as_bool();
  record.served = object.at("served").as_bool();
  for (const json::value& volume : object.at("volumes").as_array()) {
    record.volumes.push_back(VolumeFrom(volume.as_object()));
  }
  record.gate = GateFrom(object.at("gate"));
  record.revision = object.at("revision").to_number<int64_t>();
  return record;
}

}  // namespace

std::string RecordToJson(const GroupRecord& record) {
  json::array volumes;
  for (const VolumeRecord& volume : record.volumes) volumes.push_back(VolumeToJson(volume));
  const json::object object{{"format", kFormat},
                            {"application", record.application.value()},
                            {"state", GroupStateName(record.state)},
                            {"generation", record.generation.value()},
                            {"lock", LockToJson(record.lock)},
                            {"concluded", record.concluded.value()},
                            {"refused", record.refused_generation.value()},
                            {"retired_before", record.retired_before},
                            {"served", record.served},
                            {"volumes", std::move(volumes)},
                            {"gate", GateToJson(record.gate)},
                            {"revision", record.revision}};
  return json::serialize(object);
}

absl::StatusOr<GroupRecord> RecordFromJson(absl::string_view text) {
  try {
    return RecordFrom(json::parse({text.data(), text.size()}).as_object());
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat("a volume group's record is damaged: ", error.what()));
  }
}

}  // namespace drover::volume
