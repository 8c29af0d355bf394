// The lab's record and its status as JSON.
#ifndef DROVER_TESTING_LAB_LAB_JSON_H_
#define DROVER_TESTING_LAB_LAB_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "testing/lab/lab_record.h"
#include "testing/lab/lab_status.h"

namespace drover::lab {

std::string BackendName(Backend backend);
absl::StatusOr<Backend> ParseBackend(const std::string& name);

std::string EngineName(Engine engine);
absl::StatusOr<Engine> ParseEngine(const std::string& name);

std::string LabRecordToJson(const LabRecord& lab);
absl::StatusOr<LabRecord> LabRecordFromJson(const std::string& text);

// As `drover-lab status -o json` prints it; contracts.md of the design names the fields.
std::string LabStatusToJson(const LabStatus& status);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_LAB_JSON_H_
