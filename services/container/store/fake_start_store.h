// A StartStore for unit tests: keeps the records in memory.
#ifndef DROVER_SERVICES_CONTAINER_STORE_FAKE_START_STORE_H_
#define DROVER_SERVICES_CONTAINER_STORE_FAKE_START_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "services/container/store/start_store.h"

namespace drover::container {

class FakeStartStore : public StartStore {
 public:
  absl::StatusOr<std::vector<v1::StartRecord>> Load() override {
    std::vector<v1::StartRecord> all;
    for (const auto& [name, record] : records) all.push_back(record);
    return all;
  }
  absl::Status Put(const v1::StartRecord& record) override {
    records[record.spec().name()] = record;
    return absl::OkStatus();
  }
  absl::Status Delete(const std::string& application) override {
    records.erase(application);
    return absl::OkStatus();
  }

  std::map<std::string, v1::StartRecord> records;
};

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_STORE_FAKE_START_STORE_H_
