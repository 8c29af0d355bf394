#include "services/config/values/mountpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::config {
namespace {

TEST(MountpointTest, IsNormalised) {
  EXPECT_EQ(NormalizeMountpoint("/data").value(), "/data");
  EXPECT_EQ(NormalizeMountpoint("//var/./lib//db/").value(), "/var/lib/db");
  EXPECT_EQ(NormalizeMountpoint("/device/a..b").value(), "/device/a..b");
}

TEST(MountpointTest, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "\"\" is not an absolute path; it must begin with `/`"},
      {"data", "\"data\" is not an absolute path; it must begin with `/`"},
      {std::string(101, 'd'),
       "\"" + std::string(100, 'd') + "…\" is not an absolute path; it must begin with `/`"},
      {"/", "`/` cannot be a volume; choose a folder below it"},
      {"//.", "`/` cannot be a volume; choose a folder below it"},
      {"/a/../b", "\"/a/../b\" must not contain `..`"},
      {"/proc", "\"/proc\" cannot be a volume: /proc is reserved"},
      {"/sys/fs", "\"/sys/fs\" cannot be a volume: /sys is reserved"},
      {"/dev/shm", "\"/dev/shm\" cannot be a volume: /dev is reserved"},
      {"/.drover-gate", "\"/.drover-gate\" cannot be a volume: /.drover-gate is reserved"},
      {"/a\nb", "a path must not contain control characters"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_EQ(NormalizeMountpoint(text).status().message(), message);
  }
}

TEST(MountpointTest, OverlapsWhatItContains) {
  EXPECT_TRUE(MountpointsOverlap("/data", "/data"));
  EXPECT_TRUE(MountpointsOverlap("/data", "/data/log"));
  EXPECT_TRUE(MountpointsOverlap("/data/log", "/data"));
  EXPECT_FALSE(MountpointsOverlap("/data", "/data2"));
}

}  // namespace
}  // namespace drover::config
