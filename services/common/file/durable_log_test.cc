#include "services/common/file/durable_log.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "services/common/file/durable_file.h"

namespace drover {
namespace {

std::string NewPath() {
  const std::string path = testing::TempDir() + "/log";
  std::filesystem::remove(path);
  return path;
}

TEST(DurableLogTest, AppendsToWhatIsThere) {
  const std::string path = NewPath();
  ASSERT_TRUE(DurableLog::Open(path)->Append("one ").ok());
  DurableLog log = DurableLog::Open(path).value();
  ASSERT_TRUE(log.Append("two ").ok());
  ASSERT_TRUE(log.Append("three").ok());
  EXPECT_EQ(ReadFile(path).value(), "one two three");
}

TEST(DurableLogTest, StartsAgainWhenCleared) {
  const std::string path = NewPath();
  DurableLog log = DurableLog::Open(path).value();
  ASSERT_TRUE(log.Append("one").ok());
  ASSERT_TRUE(log.Clear().ok());
  ASSERT_TRUE(log.Append("two").ok());
  EXPECT_EQ(ReadFile(path).value(), "two");
}

TEST(DurableLogTest, NamesAFileThatCannotBeMade) {
  EXPECT_EQ(DurableLog::Open("/nowhere/log").status().message().substr(0, 24),
            "cannot open /nowhere/log");
}

}  // namespace
}  // namespace drover
