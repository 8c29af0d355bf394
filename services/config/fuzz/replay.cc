// Replays a corpus: a test for each file of the folder that CORPUS names. `every_key.yml` is
// accepted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "services/config/fuzz/target.h"

namespace {

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(CORPUS)) {
    files.push_back(entry.path().filename());
  }
  return files;
}

class ReplayTest : public testing::TestWithParam<std::string> {};

TEST_P(ReplayTest, KeepsTheRules) {
  std::ifstream file(std::filesystem::path(CORPUS) / GetParam(), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  ASSERT_TRUE(file) << GetParam();
  const drover::config::Problems problems = drover::config::CheckFile({GetParam(), content});
  if (GetParam() == "every_key.yml") {
    EXPECT_EQ(problems.ToString(), "");
  }
}

TEST(CorpusTest, HasAFileThatIsAccepted) {
  EXPECT_THAT(Files(), testing::Contains("every_key.yml"));
}

INSTANTIATE_TEST_SUITE_P(Corpus, ReplayTest, testing::ValuesIn(Files()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
