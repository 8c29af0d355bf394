#include "services/common/file/durable_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace drover {
namespace {

class DurableFileTest : public testing::Test {
 protected:
  DurableFileTest() {
    std::string pattern = testing::TempDir() + "/durableXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~DurableFileTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(DurableFileTest, ReplacesAndReads) {
  const std::string path = folder_ + "/record";
  EXPECT_TRUE(absl::IsNotFound(ReadFile(path).status()));
  ASSERT_TRUE(WriteFileDurably(path, "one").ok());
  ASSERT_TRUE(WriteFileDurably(path, "two").ok());
  EXPECT_EQ(*ReadFile(path), "two");
  EXPECT_FALSE(std::filesystem::exists(path + ".new"));
  EXPECT_TRUE(RemoveFileDurably(path).ok());
  EXPECT_TRUE(RemoveFileDurably(path).ok());
}

TEST_F(DurableFileTest, NamesThePathOnError) {
  absl::Status status = WriteFileDurably(folder_ + "/none/record", "x");
  EXPECT_NE(status.message().find("/none/record"), std::string::npos) << status;
}

}  // namespace
}  // namespace drover
