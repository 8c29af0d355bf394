#include "services/config/configuration.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

const SourceFile kApplications = {"app.yml", "version: 1\napplications: {a: {image: redis}}\n"};
const SourceFile kDeployment = {"dep.yml", "version: 1\nnodes: {node1: [a]}\n"};

std::string ProblemsOf(const SourceFile& one, const SourceFile& other) {
  Problems problems;
  EXPECT_FALSE(ReadConfiguration(one, other, problems).has_value());
  return problems.ToString();
}

TEST(ConfigurationTest, TakesTheFilesInEitherOrder) {
  for (bool swapped : {false, true}) {
    Problems problems;
    std::optional<Configuration> configuration =
        swapped ? ReadConfiguration(kApplications, kDeployment, problems)
                : ReadConfiguration(kDeployment, kApplications, problems);
    ASSERT_TRUE(configuration.has_value()) << problems.ToString();
    EXPECT_EQ(configuration->applications.size(), 1);
    EXPECT_EQ(configuration->deployment.nodes.size(), 1);
  }
}

TEST(ConfigurationTest, RefusesUnknownApplications) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {node1: [a, b]}\n"}, kApplications),
            "dep.yml:2:20: nodes.node1[1]: no application \"b\" in the application file; it has "
            "a\n");
}

TEST(ConfigurationTest, ShowsTheProblemsOfBothFiles) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {node1: a}\n"},
                       {"app.yml", "version: 1\napplications: {a: {image: 5}}\n"}),
            "dep.yml:2:16: nodes.node1: must be a list of application names, such as [redis]; [] "
            "for none\n"
            "app.yml:2:27: applications.a.image: YAML reads 5 as a number, but a string is wanted "
            "here; quote it: \"5\"\n");
}

TEST(ConfigurationTest, DoesNotCallABrokenApplicationUnknown) {
  EXPECT_EQ(ProblemsOf(kDeployment, {"app.yml", "version: 1\napplications: {a: {}}\n"}),
            "app.yml:2:19: applications.a: the key `image` is missing\n");
}

TEST(ConfigurationTest, SaysWhichFileIsMissing) {
  EXPECT_EQ(ProblemsOf(kDeployment, {"dep2.yml", kDeployment.content}),
            "dep2.yml:1:1: this is a deployment file, and so is dep.yml; give one of them and an "
            "application file\n");
  EXPECT_EQ(ProblemsOf(kApplications, {"app2.yml", kApplications.content}),
            "app2.yml:1:1: neither this nor app.yml has the key `nodes`; one of the two must be a "
            "deployment file\n");
}

TEST(ConfigurationTest, OneFileIsNotTwo) {
  EXPECT_EQ(ProblemsOf(kDeployment, kDeployment),
            "dep.yml:1:1: this file is given twice; give a deployment file and an application "
            "file\n");
}

TEST(ConfigurationTest, TellsTheFormatsApart) {
  for (const char* content : {"a: {image: redis}", "services: {a: {image: redis}}",
                              "version: 1\napplications: {a: {image: redis}}"}) {
    Problems problems;
    const auto configuration = ReadConfiguration(kDeployment, {"app.yml", content}, problems);
    ASSERT_TRUE(configuration.has_value()) << problems.ToString();
    EXPECT_EQ(configuration->applications.at(0).name.value(), "a");
  }
}

TEST(ConfigurationTest, GuessesWhichApplicationIsMeant) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {node1: [reds]}\n"},
                       {"app.yml", "redis: {image: redis}\nmysql: {image: mysql}\n"}),
            "dep.yml:2:17: nodes.node1[0]: no application \"reds\" in the application file; did "
            "you mean \"redis\"?\n");
}

TEST(ConfigurationTest, StopsAtAFileThatIsNoYaml) {
  EXPECT_EQ(ProblemsOf(kDeployment, {"app.yml", ""}), "app.yml:1:1: the file is empty\n");
}

}  // namespace
}  // namespace drover::config
