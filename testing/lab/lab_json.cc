#include "testing/lab/lab_json.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"

namespace drover::lab {
namespace {

namespace json = boost::json;

json::value ProcessToJson(const ProcessIdentity& process) {
  return {{"pid", process.pid}, {"start_ticks", process.start_ticks}};
}

// The functions that read throw std::exception for what is missing or of another type;
// LabRecordFromJson catches.
ProcessIdentity ProcessFromJson(const json::value& value) {
  return {.pid = static_cast<pid_t>(value.at("pid").as_int64()),
          .start_ticks = value.at("start_ticks").as_int64()};
}

std::string StringAt(const json::value& value, const char* key) {
  return std::string(value.at(key).as_string());
}

const char* RoleName(Role role) { return role == Role::kClient ? "client" : "node"; }

json::value MachineToJson(const MachineRecord& machine) {
  json::array daemons;
  for (const DaemonRecord& daemon : machine.daemons) {
    daemons.push_back({{"name", daemon.name}, {"process", ProcessToJson(daemon.process)}});
  }
  return {{"name", machine.name},
          {"address", machine.address},
          {"role", RoleName(machine.role)},
          {"init", ProcessToJson(machine.init)},
          {"daemons", std::move(daemons)}};
}

MachineRecord MachineFromJson(const json::value& value) {
  MachineRecord machine{
      .name = StringAt(value, "name"),
      .address = StringAt(value, "address"),
      .role = value.at("role").as_string() == "client" ? Role::kClient : Role::kNode,
      .init = ProcessFromJson(value.at("init"))};
  for (const json::value& daemon : value.at("daemons").as_array()) {
    machine.daemons.push_back({StringAt(daemon, "name"), ProcessFromJson(daemon.at("process"))});
  }
  return machine;
}

template <class T>
T ValueOrThrow(const absl::StatusOr<T>& value) {
  if (!value.ok()) throw std::invalid_argument(std::string(value.status().message()));
  return *value;
}

// A lab may be older than the choice.
Engine EngineFromJson(const json::value& lab) {
  if (!lab.as_object().contains("engine")) return Engine::kDocker;
  return ValueOrThrow(ParseEngine(StringAt(lab, "engine")));
}

LabRecord LabFromJson(const json::value& value) {
  LabRecord lab{.name = StringAt(value, "name"),
                .id = StringAt(value, "id"),
                .boot_id = StringAt(value, "boot_id"),
                .backend = ValueOrThrow(ParseBackend(StringAt(value, "backend"))),
                .engine = EngineFromJson(value),
                .pool_size = StringAt(value, "pool_size"),
                .bin_dir = StringAt(value, "bin_dir"),
                .with_drover = value.at("with_drover").as_bool(),
                .fabric = ProcessFromJson(value.at("fabric"))};
  for (const json::value& machine : value.at("machines").as_array()) {
    lab.machines.push_back(MachineFromJson(machine));
  }
  return lab;
}

json::value MachineStatusToJson(const MachineStatus& machine) {
  json::array daemons;
  for (const DaemonStatus& daemon : machine.daemons) {
    daemons.push_back({{"name", daemon.name}, {"pid", daemon.pid}, {"running", daemon.running}});
  }
  auto or_null = [](const std::string& text) -> json::value {
    if (text.empty()) return nullptr;
    return json::string(text);
  };
  return {{"name", machine.name},           {"address", machine.address},
          {"role", RoleName(machine.role)}, {"running", machine.running},
          {"init_pid", machine.init_pid},   {"docker_host", or_null(machine.docker_host)},
          {"pool", or_null(machine.pool)},  {"daemons", std::move(daemons)}};
}

}  // namespace

std::string BackendName(Backend backend) { return backend == Backend::kZfs ? "zfs" : "btrfs"; }

absl::StatusOr<Backend> ParseBackend(const std::string& name) {
  if (name == "btrfs") return Backend::kBtrfs;
  if (name == "zfs") return Backend::kZfs;
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is no backend: choose btrfs or zfs"));
}

std::string EngineName(Engine engine) { return engine == Engine::kPodman ? "podman" : "docker"; }

absl::StatusOr<Engine> ParseEngine(const std::string& name) {
  if (name == "docker") return Engine::kDocker;
  if (name == "podman") return Engine::kPodman;
  return absl::InvalidArgumentError(
      absl::StrCat("'", name, "' is no container engine: choose docker or podman"));
}

std::string LabRecordToJson(const LabRecord& lab) {
  json::array machines;
  for (const MachineRecord& machine : lab.machines) machines.push_back(MachineToJson(machine));
  const json::value value = {{"name", lab.name},
                             {"id", lab.id},
                             {"boot_id", lab.boot_id},
                             {"backend", BackendName(lab.backend)},
                             {"engine", EngineName(lab.engine)},
                             {"pool_size", lab.pool_size},
                             {"bin_dir", lab.bin_dir},
                             {"with_drover", lab.with_drover},
                             {"fabric", ProcessToJson(lab.fabric)},
                             {"machines", std::move(machines)}};
  return json::serialize(value) + "\n";
}

absl::StatusOr<LabRecord> LabRecordFromJson(const std::string& text) {
  try {
    return LabFromJson(json::parse(text));
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat("not the record of a lab: ", error.what()));
  }
}

std::string LabStatusToJson(const LabStatus& status) {
  json::array machines;
  for (const MachineStatus& machine : status.machines) {
    machines.push_back(MachineStatusToJson(machine));
  }
  const json::value value = {{"name", status.name},
                             {"backend", BackendName(status.backend)},
                             {"engine", EngineName(status.engine)},
                             {"machines", std::move(machines)}};
  return json::serialize(value) + "\n";
}

}  // namespace drover::lab
