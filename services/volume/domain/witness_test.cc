#include "services/volume/domain/witness.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

const ApplicationName kApp("redis");

GroupRecord Record(int64_t generation, int64_t revision) {
  GroupRecord record;
  record.application = kApp;
  record.generation = Generation(generation);
  record.revision = revision;
  return record;
}

Witness WitnessOf(const GroupRecord& record) {
  return {.pool_identity = "pool-1",
          .groups = {{record.application, {record.generation, record.revision}}}};
}

TEST(WitnessTest, TheRecordThatWasWrittenLastIsTrusted) {
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", Record(3, 17)), Trust::kSame);
}

TEST(WitnessTest, ARecordThatIsAheadWasWrittenJustBeforeACrash) {
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", Record(4, 19)), Trust::kSame);
}

TEST(WitnessTest, AGroupThatWasMadeAnewIsNotOlder) {
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", Record(8, 1)), Trust::kSame);
}

TEST(WitnessTest, AnOlderGenerationIsFromAnOlderPool) {
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", Record(1, 4)), Trust::kOlder);
}

TEST(WitnessTest, AnOlderRecordOfTheSameGenerationIsFromAnOlderPoolToo) {
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", Record(3, 16)), Trust::kOlder);
}

TEST(WitnessTest, NothingIsKnownWithoutAWitnessOfThatPoolAndGroup) {
  EXPECT_EQ(Judge(std::nullopt, "pool-1", Record(3, 17)), Trust::kUnknown);
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-2", Record(3, 17)), Trust::kUnknown);
  GroupRecord other = Record(3, 17);
  other.application = ApplicationName("postgres");
  EXPECT_EQ(Judge(WitnessOf(Record(3, 17)), "pool-1", other), Trust::kUnknown);
}

}  // namespace
}  // namespace drover::volume
