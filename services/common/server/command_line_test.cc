#include "services/common/server/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace drover {
namespace {

using testing::HasSubstr;
using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() { app_.add_option("--config", config_, "configuration file (YAML)"); }

  std::optional<int> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "/usr/sbin/drover-daemon");
    CaptureStdout();
    CaptureStderr();
    const std::optional<int> exit_code =
        ParseCommandLine(app_, static_cast<int>(arguments.size()), arguments.data());
    out_ = GetCapturedStdout();
    err_ = GetCapturedStderr();
    return exit_code;
  }

  CLI::App app_{"Does things.", "drover-daemon"};
  std::string config_, out_, err_;
};

TEST_F(CommandLineTest, GoesOnWithOptionsItUnderstands) {
  EXPECT_EQ(Parse({"--config", "daemon.yml"}), std::nullopt);
  EXPECT_EQ(config_, "daemon.yml");
}

TEST_F(CommandLineTest, HelpIsASuccess) {
  EXPECT_EQ(Parse({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("--config"));
  EXPECT_EQ(err_, "");
}

TEST_F(CommandLineTest, WrongUsageIsExitCodeTwo) {
  EXPECT_EQ(Parse({"--nonsense"}), 2);
  EXPECT_THAT(err_, HasSubstr("--nonsense"));
  EXPECT_THAT(err_, HasSubstr("see drover-daemon --help"));
  EXPECT_EQ(Parse({"--config"}), 2);
}

}  // namespace
}  // namespace drover
