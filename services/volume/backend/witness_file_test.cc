#include "services/volume/backend/witness_file.h"

#include <gtest/gtest.h>

#include "services/common/file/durable_file.h"

namespace drover::volume {
namespace {

TEST(WitnessFileTest, IsReadAsItWasWritten) {
  const WitnessFile file(testing::TempDir() + "/witness");
  ASSERT_TRUE(file.Read().ok());
  EXPECT_FALSE(file.Read()->has_value());
  const Witness witness{.pool_identity = "pool-1",
                        .groups = {{ApplicationName("postgres"), {Generation(3), 17}},
                                   {ApplicationName("redis"), {Generation(12), 4}}}};
  ASSERT_TRUE(file.Write(witness).ok());
  EXPECT_EQ(file.Read().value(), witness);
}

TEST(WitnessFileTest, ADamagedOneIsNotTakenForNone) {
  const std::string path = testing::TempDir() + "/damaged";
  ASSERT_TRUE(WriteFileDurably(path, R"({"pool":"pool-1","groups":[]})").ok());
  EXPECT_TRUE(absl::IsDataLoss(WitnessFile(path).Read().status()));
}

}  // namespace
}  // namespace drover::volume
