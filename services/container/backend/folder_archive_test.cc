#include "services/container/backend/folder_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

namespace drover::container {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class FolderArchiveTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(top_);
    fs::create_directories(root_ / "data/sub");
    std::ofstream(root_ / "data/sub/inside") << "in";
    fs::create_directories(top_ / "data");
    std::ofstream(top_ / "data/outside") << "out";
  }

  absl::StatusOr<std::string> Archive(const std::string& path) {
    absl::StatusOr<ByteSource> source = ArchiveFolder(io_.get_executor(), root_, path);
    if (!source.ok()) return source.status();
    std::string all;
    while (true) {
      std::optional<absl::StatusOr<std::string>> piece;
      boost::asio::co_spawn(
          io_, (*source)(),
          [&](std::exception_ptr, absl::StatusOr<std::string> next) { piece = std::move(next); });
      io_.restart();
      io_.run();
      if (!piece->ok()) return piece->status();
      if ((*piece)->empty()) return all;
      all += **piece;
    }
  }

  const fs::path top_ = fs::path(testing::TempDir()) / "archive";
  const fs::path root_ = top_ / "root";
  boost::asio::io_context io_;
};

TEST_F(FolderArchiveTest, BeginsWithTheFolderItself) {
  const auto archive = Archive("/data");
  ASSERT_TRUE(archive.ok()) << archive.status();
  EXPECT_THAT(*archive, StartsWith("./"));
  EXPECT_THAT(*archive, HasSubstr("./sub/inside"));
}

TEST_F(FolderArchiveTest, LinksLeadNowhereOutsideOfTheRoot) {
  fs::create_symlink("/data", root_ / "absolute");
  fs::create_symlink("../../data", root_ / "upwards");
  for (const char* link : {"/absolute", "/upwards", "/../data"}) {
    const auto archive = Archive(link);
    ASSERT_TRUE(archive.ok()) << link << ": " << archive.status();
    EXPECT_THAT(*archive, HasSubstr("./sub/inside")) << link;
    EXPECT_THAT(*archive, Not(HasSubstr("outside"))) << link;
  }
}

TEST_F(FolderArchiveTest, SaysThatThereIsNoSuchFolder) {
  EXPECT_TRUE(absl::IsNotFound(Archive("/none").status()));
  EXPECT_TRUE(absl::IsNotFound(Archive("/data/sub/inside").status()));
}

TEST_F(FolderArchiveTest, ARootThatIsNotThereSaysNothingOfTheFolder) {
  fs::remove_all(root_);
  EXPECT_TRUE(absl::IsInternal(Archive("/data").status()));
  fs::create_directories(root_);
  EXPECT_TRUE(absl::IsInternal(Archive("/data").status()));
}

}  // namespace
}  // namespace drover::container
