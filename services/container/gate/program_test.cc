#include "services/container/gate/program.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace drover::gate {
namespace {

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    std::string pattern = testing::TempDir() + "/programXXXXXX";
    root_ = mkdtemp(pattern.data());
    for (const char* folder : {"/bin", "/slot", "/work"}) {
      std::filesystem::create_directory(root_ + folder);
    }
    Put("/bin/tool", 0755);
    Put("/bin/text", 0644);
    Put("/work/run", 0755);
    setenv("PATH", (root_ + "/none:" + root_ + "/bin").c_str(), 1);
  }
  ~ProgramTest() override { std::filesystem::remove_all(root_); }

  void Put(const std::string& path, int mode) {
    std::ofstream(root_ + path) << "#!/bin/sh\n";
    chmod((root_ + path).c_str(), mode);
  }

  Lookup Find(std::string name, bool mounted = false) {
    std::string directory = root_ + "/work";
    std::string slot = root_ + "/slot";
    std::vector<std::string> words = {"gate", "socket", "id", directory, slot, "--", name};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    CommandLine line;
    EXPECT_TRUE(ParseCommandLine(words.size(), argv.data(), &line));
    char path[PATH_MAX] = "";
    Lookup result = FindProgram(line, mounted, path);
    found_ = path;
    return result;
  }

  std::string root_;
  std::string found_;
};

TEST_F(ProgramTest, SearchesThePath) {
  EXPECT_EQ(Find("tool"), Lookup::kFound);
  EXPECT_EQ(found_, root_ + "/bin/tool");
  EXPECT_EQ(Find("other"), Lookup::kNotFound);
  EXPECT_EQ(Find("text"), Lookup::kNotExecutable);
  EXPECT_EQ(Find(""), Lookup::kNotFound);
}

TEST_F(ProgramTest, TakesNamesWithASlashAsTheyAre) {
  EXPECT_EQ(Find(root_ + "/bin/tool"), Lookup::kFound);
  EXPECT_EQ(Find(root_ + "/bin"), Lookup::kNotExecutable);
  EXPECT_EQ(Find("./run"), Lookup::kFound);
  EXPECT_EQ(found_, root_ + "/work/./run");
}

TEST_F(ProgramTest, DefersWhatLiesInASlotUntilItIsMounted) {
  EXPECT_EQ(Find(root_ + "/slot/tool"), Lookup::kDeferred);
  EXPECT_EQ(Find(root_ + "/slot/tool", /*mounted=*/true), Lookup::kNotFound);
  EXPECT_EQ(Find(root_ + "/slots/tool"), Lookup::kNotFound);
  std::filesystem::create_symlink(root_ + "/slot/tool", root_ + "/bin/link");
  EXPECT_EQ(Find("link"), Lookup::kDeferred);
}

TEST_F(ProgramTest, DefersASearchThatPassesASlot) {
  setenv("PATH", (root_ + "/slot:" + root_ + "/bin").c_str(), 1);
  EXPECT_EQ(Find("other"), Lookup::kDeferred);
  EXPECT_EQ(Find("tool"), Lookup::kFound);
}

TEST(CommandLineTest, NeedsAProgram) {
  char words[][8] = {"gate", "socket", "id", "/", "--", "sh"};
  char* argv[] = {words[0], words[1], words[2], words[3], words[4], words[5], nullptr};
  CommandLine line;
  EXPECT_TRUE(ParseCommandLine(6, argv, &line));
  EXPECT_EQ(line.mountpoint_count, 0);
  EXPECT_FALSE(ParseCommandLine(5, argv, &line));
  EXPECT_FALSE(ParseCommandLine(1, argv, &line));
}

}  // namespace
}  // namespace drover::gate
