// Records as the bytes that SqliteStore keeps: messages of coordinator/store/v1. Serialized
// messages and not columns, since nothing is ever searched by a field (the coordinator loads all of
// it at its start), and since a newer release must read what an older one wrote.
#ifndef DROVER_SERVICES_COORDINATOR_STORE_RECORD_CODEC_H_
#define DROVER_SERVICES_COORDINATOR_STORE_RECORD_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/coordinator/domain/migration_record.h"
#include "services/coordinator/domain/records.h"

namespace drover::coordinator {

std::string Encode(const NodeRecord& record);
std::string Encode(const ApplicationRecord& record);
std::string Encode(const MigrationRecord& record);
std::string Encode(const DeploymentRecord& record);

// DATA_LOSS if `bytes` is no such record.
template <class Record>
absl::StatusOr<Record> Decode(const std::string& bytes);

template <>
absl::StatusOr<NodeRecord> Decode(const std::string& bytes);
template <>
absl::StatusOr<ApplicationRecord> Decode(const std::string& bytes);
template <>
absl::StatusOr<MigrationRecord> Decode(const std::string& bytes);
template <>
absl::StatusOr<DeploymentRecord> Decode(const std::string& bytes);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_STORE_RECORD_CODEC_H_
