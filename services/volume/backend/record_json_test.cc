#include "services/volume/backend/record_json.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

GroupRecord FullRecord() {
  GroupRecord record;
  record.application = ApplicationName("redis \"x\"");
  record.state = GroupState::kSealed;
  record.generation = Generation(1LL << 60);
  record.lock = MigrationKey{MigrationId("m1"), Generation(7)};
  record.concluded = MigrationId("m0");
  record.refused_generation = Generation(5);
  record.retired_before = true;
  record.served = true;
  record.volumes = {{.id = "",
                     .dataset_id = "d",
                     .mountpoint = "/data",
                     .maximum_size_bytes = 1LL << 55,
                     .base = SnapshotRef{"a", "b"},
                     .final = SnapshotRef{"c", "d"},
                     .detached = true,
                     .fresh = true,
                     .added = true,
                     .roll_back = "first"},
                    {.id = "logs", .dataset_id = "e", .mountpoint = "/logs"}};
  record.gate = GateRecord{StartId("01"), ContainerId("c1"), "/docker/c1", true};
  record.revision = 9;
  return record;
}

TEST(RecordJsonTest, RoundTrips) {
  absl::StatusOr<GroupRecord> read = RecordFromJson(RecordToJson(FullRecord()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, FullRecord());
  EXPECT_EQ(*RecordFromJson(RecordToJson(GroupRecord())), GroupRecord());
}

TEST(RecordJsonTest, DamageIsDataLoss) {
  const std::string text = RecordToJson(FullRecord());
  EXPECT_TRUE(absl::IsDataLoss(RecordFromJson("").status()));
  EXPECT_TRUE(absl::IsDataLoss(RecordFromJson("{}").status()));
  EXPECT_TRUE(absl::IsDataLoss(RecordFromJson(text.substr(0, text.size() / 2)).status()));
  std::string newer = text;
  newer.replace(newer.find("\"format\":1"), 10, "\"format\":2");
  EXPECT_TRUE(absl::IsDataLoss(RecordFromJson(newer).status()));
}

}  // namespace
}  // namespace drover::volume
