#include "services/common/server/daemon_config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "services/common/file/durable_file.h"

namespace drover {
namespace {

class DaemonConfigTest : public testing::Test {
 protected:
  DaemonConfigTest() : path_(testing::TempDir() + "/daemon" + std::to_string(getpid()) + ".yml") {}
  ~DaemonConfigTest() override { unlink(path_.c_str()); }
  absl::StatusOr<DaemonConfig> Read(const std::string& text) {
    EXPECT_TRUE(WriteFileDurably(path_, text).ok());
    return ReadDaemonConfig(path_, {"pool.backend", "run_dir"});
  }
  const std::string path_;
  const std::string common_ = "cluster: lab\nlisten: 0.0.0.0:7401\ntls_dir: /t\nstate_dir: /s\n";
};

TEST_F(DaemonConfigTest, ReadsCommonAndOwnKeys) {
  auto config = Read(common_ + "node: node1\npool:\n  backend: btrfs\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->node, "node1");
  EXPECT_EQ(*config->Require("pool.backend"), "btrfs");
  EXPECT_EQ(config->Get("run_dir", "/run"), "/run");
  EXPECT_TRUE(absl::IsInvalidArgument(config->Require("run_dir").status()));
}

TEST_F(DaemonConfigTest, NamesWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {common_ + "colour: red\n", "unknown key `colour`"},
      {common_ + "node: [a]\n", ":5:7: node: must be a single value"},
      {common_ + "node: a\nnode: b\n", "node: appears twice"},
      {"cluster: lab\n", "lacks `listen`"},
      {"- a\n", "must be a mapping"},
      {"a: [\n", ":2:1: "},
  };
  for (const auto& [text, message] : cases) {
    auto config = Read(text);
    EXPECT_TRUE(absl::IsInvalidArgument(config.status())) << text;
    EXPECT_NE(config.status().message().find(message), std::string::npos) << config.status();
  }
}

TEST_F(DaemonConfigTest, SaysThatNoFileIsGiven) {
  const absl::Status status = ReadDaemonConfig("", {}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(),
            "no configuration is given; start it with --config and the path of its YAML file");
}

}  // namespace
}  // namespace drover
