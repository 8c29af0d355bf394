#include "services/coordinator/domain/standstill.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

std::string TextIn(MigrationState state, bool not_ready = false) {
  MigrationRecord record;
  record.id = MigrationId("m1");
  record.application = ApplicationName("redis");
  record.source = NodeName("node1");
  record.destination = NodeName("node2");
  record.state = state;
  record.not_ready = not_ready;
  if (state == MigrationState::kAborting) record.error = "cancelled by user/ann";
  return StandstillText(record, "node1: it does not answer");
}

TEST(StandstillTest, SaysWhatIsWhereAndThatItGoesOn) {
  const std::string end =
      " (node1: it does not answer) and goes on by itself; see `drover migrations watch m1`";
  EXPECT_EQ(TextIn(MigrationState::kRetired),
            "redis runs on node2; what is left to do is waiting" + end);
  EXPECT_EQ(TextIn(MigrationState::kCommitted),
            "the data of redis is on node2 now; its start there is waiting" + end);
  EXPECT_EQ(TextIn(MigrationState::kRouted, true),
            "the data of redis is on node2 now; its start there is waiting" + end);
  EXPECT_EQ(
      TextIn(MigrationState::kAborting),
      "cancelled by user/ann; the data of redis is on node1, and the way back is waiting" + end);
}

}  // namespace
}  // namespace drover::coordinator
