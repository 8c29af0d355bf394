#include "services/container/backend/host_memory.h"

#include <gtest/gtest.h>

namespace drover::container {
namespace {

TEST(HostMemoryTest, ReadsTheKernelsFigures) {
  const absl::StatusOr<HostMemory> memory = ParseMeminfo(
      "MemTotal:       24689708 kB\nMemFree:         1000 kB\n"
      "MemAvailable:   20000000 kB\nHugePages_Total:       0\n");
  ASSERT_TRUE(memory.ok()) << memory.status();
  EXPECT_EQ(memory->all_bytes, int64_t{24689708} << 10);
  EXPECT_EQ(memory->available_bytes, int64_t{20000000} << 10);
}

TEST(HostMemoryTest, AMissingFigureIsAnError) {
  EXPECT_FALSE(ParseMeminfo("").ok());
  EXPECT_FALSE(ParseMeminfo("MemTotal: 5 kB\n").ok());
}

TEST(HostMemoryTest, ThisMachineHasSome) {
  const absl::StatusOr<HostMemory> memory = ReadHostMemory();
  ASSERT_TRUE(memory.ok()) << memory.status();
  EXPECT_GT(memory->all_bytes, memory->available_bytes);
}

}  // namespace
}  // namespace drover::container
