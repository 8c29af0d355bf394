#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

using coordinator::v1::BackUpRequest;
using coordinator::v1::BackUpResponse;

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class BackupTest : public CommandTest {
 protected:
  BackupTest() {
    std::filesystem::create_directory(folder_);
    coordinator_.on_back_up = [this](const BackUpRequest&) {
      BackUpResponse response;
      response.set_data(database_);
      response.set_total_bytes(total_);
      return response;
    };
  }
  ~BackupTest() override { std::filesystem::remove_all(folder_); }

  bool IsEmpty() const { return std::filesystem::is_empty(folder_); }

  const std::string folder_ = testing::TempDir() + "/backup" + std::to_string(getpid());
  const std::string path_ = folder_ + "/drover.db";
  std::string database_ = std::string("SQLite format 3\0", 16) + "and what is in it";
  int64_t total_ = static_cast<int64_t>(database_.size());
};

TEST_F(BackupTest, WritesAFileForItsOwnerOnly) {
  EXPECT_EQ(Run({"backup", path_}), 0) << err();
  EXPECT_EQ(ContentOf(path_), database_);
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_NE(out().find("drover.db (33 B)"), std::string::npos) << out();
  EXPECT_NE(out().find("stop drover-coordinator"), std::string::npos) << out();
}

TEST_F(BackupTest, SaysInJsonWhatItWrote) {
  EXPECT_EQ(Run({"backup", path_, "-o", "json"}), 0) << err();
  EXPECT_EQ(out(), "{\n  \"file\": \"" + path_ + "\",\n  \"bytes\": 33\n}\n");
}

TEST_F(BackupTest, ReplacesAFileOnlyIfItIsTold) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(Run({"backup", path_}), 2);
  EXPECT_NE(err().find("exists; choose another name, or replace it with --force"),
            std::string::npos);
  EXPECT_EQ(ContentOf(path_), "precious");
  EXPECT_EQ(Run({"backup", path_, "--force"}), 0) << err();
  EXPECT_EQ(ContentOf(path_), database_);
}

TEST_F(BackupTest, LeavesNothingOfABackupThatIsNone) {
  total_ += 1;
  EXPECT_EQ(Run({"backup", path_}), 1);
  EXPECT_TRUE(IsEmpty());
  total_ -= 1;
  database_[0] = 'X';
  EXPECT_EQ(Run({"backup", path_}), 1);
  EXPECT_TRUE(IsEmpty());
}

TEST_F(BackupTest, AFileThatMayNotBeWrittenIsNoMatterOfCertificates) {
  // Not even root may make one there.
  EXPECT_EQ(Run({"backup", "/sys/drover.db"}), 1);
  EXPECT_NE(err().find("/sys/drover.db"), std::string::npos) << err();
  EXPECT_NE(err().find("Permission denied"), std::string::npos) << err();
  EXPECT_EQ(err().find("certificate"), std::string::npos) << err();
}

TEST_F(BackupTest, LeavesNothingIfTheCoordinatorIsNotThere) {
  is_connected_ = false;
  coordinator_.on_back_up = [](const BackUpRequest&) { return absl::UnavailableError("refused"); };
  EXPECT_EQ(Run({"backup", path_}), 3);
  EXPECT_TRUE(IsEmpty());
}

}  // namespace
}  // namespace drover::cli
