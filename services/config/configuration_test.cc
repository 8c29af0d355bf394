#include "services/config/configuration.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

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

TEST(ConfigurationTest, ShortensLongNamesOfUnknownApplications) {
  const std::string name(101, 'b');
  EXPECT_EQ(
      ProblemsOf({"dep.yml", "version: 1\nnodes: {node1: [a, " + name + "]}\n"}, kApplications),
      "dep.yml:2:20: nodes.node1[1]: no application \"" + name.substr(0, 100) +
          "…\" in the application file; it has a\n");
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
  EXPECT_EQ(
      ProblemsOf(kApplications, {"app2.yml", kApplications.content}),
      "app2.yml:1:1: neither this nor app.yml is a deployment file; one of the two must be, with "
      "the key `nodes`\n");
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

// As where the files of two clusters are mixed up. Each guess looks at all names.
TEST(ConfigurationTest, RefusesManyUnknownApplicationsWithoutAGuessForEach) {
  std::string deployment = "version: 1\nnodes:\n  node1:\n";
  std::string applications = "version: 1\napplications:\n";
  constexpr int kCount = 20000;
  for (int i = 0; i < kCount; ++i) {
    absl::StrAppend(&deployment, absl::StrFormat("  - b%05d\n", i));
    absl::StrAppend(&applications, absl::StrFormat("  a%05d: {image: redis}\n", i));
  }
  const std::clock_t begin = std::clock();
  Problems problems;
  EXPECT_FALSE(
      ReadConfiguration({"dep.yml", deployment}, {"app.yml", applications}, problems).has_value());
  // Of the processor, however busy it is with other things.
  EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 10);
  const std::vector<Problem> sorted = problems.Sorted();
  ASSERT_EQ(sorted.size(), kCount);
  EXPECT_EQ(sorted[19].message,
            "no application \"b00019\" in the application file; did you mean \"a00019\"?");
  EXPECT_EQ(sorted[20].message, "no application \"b00020\" in the application file");
}

TEST(ConfigurationTest, GuessesTheKeyThatTellsWhichFileItIs) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnode: {node1: [a, b]}\n"}, kApplications),
            "dep.yml:2:1: node: unknown key; did you mean `nodes`?\n"
            "dep.yml:2:19: nodes.node1[1]: no application \"b\" in the application file; it has "
            "a\n");
  EXPECT_EQ(ProblemsOf(kDeployment, {"app.yml", "version: 1\napplication: {a: {image: 5}}\n"}),
            "app.yml:2:1: application: unknown key; did you mean `applications`?\n"
            "app.yml:2:26: applications.a.image: YAML reads 5 as a number, but a string is wanted "
            "here; quote it: \"5\"\n");
  EXPECT_EQ(ProblemsOf({"app.yml", "service: {a: {image: redis}}\n"}, kDeployment),
            "app.yml:1:1: service: unknown key; did you mean `services`?\n");
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nNodes: {node1: [a]}\n"},
                       {"app.yml", "version: 1\naplications: {a: {image: redis}}\n"}),
            "dep.yml:2:1: Nodes: unknown key; did you mean `nodes`?\n"
            "app.yml:2:1: aplications: unknown key; did you mean `applications`?\n");
}

TEST(ConfigurationTest, DoesNotTakeOwnKeysOfComposeForApplications) {
  const SourceFile deployment = {"dep.yml", "version: 1\nnodes: {node1: [a]}\n"};
  for (const char* top : {"version: '3'\n", "name: shop\n", "volumes: {}\n"}) {
    EXPECT_EQ(ProblemsOf({"app.yml", absl::StrCat(top, "x-base: &b {image: redis}\n",
                                                  "service: {a: {<<: *b}}\n")},
                         deployment),
              "app.yml:3:1: service: unknown key; did you mean `services`?\n");
  }
}

TEST(ConfigurationTest, AnApplicationOfFigMayBeNamedLikeAnOwnKeyOfCompose) {
  EXPECT_EQ(
      ProblemsOf(kApplications, {"fig.yml", "x-web: {image: redis}\n"}),
      "fig.yml:1:1: neither this nor app.yml is a deployment file; one of the two must be, with "
      "the key `nodes`\n");
}

TEST(ConfigurationTest, DoesNotTakeAnApplicationOfFigForAMistypedKey) {
  const SourceFile deployment = {"dep.yml", "version: 1\nnodes: {node1: [service]}\n"};
  EXPECT_EQ(
      ProblemsOf({"fig.yml", "service: {ports: ['80:80'], environment: {A: b}}\n"}, deployment),
      "fig.yml:1:10: service: the key `image` is missing\n");
}

TEST(ConfigurationTest, BlamesTheFileThatIsUnclear) {
  const SourceFile unclear = {"dep.yml", "version: 1\nwhere: {node1: [a]}\n"};
  const char* problem =
      "dep.yml:1:1: the key `nodes` is missing\n"
      "dep.yml:2:1: where: unknown key; allowed are version, nodes\n";
  EXPECT_EQ(ProblemsOf(unclear, kApplications), problem);
  EXPECT_EQ(ProblemsOf(kApplications, unclear), problem);
  EXPECT_EQ(ProblemsOf({"dep.yml", "[1]"}, kApplications),
            "dep.yml:1:1: must be a mapping with the keys version, nodes, not a list\n");
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {}\n"}, {"app.yml", "[1]"}),
            "app.yml:1:1: must be a mapping with the keys version, applications, not a list\n");
  EXPECT_EQ(ProblemsOf({"a.yml", "[1]"}, {"b.yml", "[2]"}),
            "b.yml:1:1: neither this nor a.yml is a deployment file; one of the two must be, with "
            "the key `nodes`\n");
}

TEST(ConfigurationTest, ShowsTheProblemsOfTwoFilesOfOneKind) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: []\n"}, {"dep2.yml", "nodes: {}\n"}),
            "dep.yml:2:8: nodes: must be a mapping, not a list\n"
            "dep2.yml:1:1: the key `version` is missing\n"
            "dep2.yml:1:1: this is a deployment file, and so is dep.yml; give one of them and an "
            "application file\n");
  EXPECT_EQ(
      ProblemsOf(kApplications, {"fig.yml", "a: {image: redis, cpu_shares: 1}\n"}),
      "fig.yml:1:1: neither this nor app.yml is a deployment file; one of the two must be, with "
      "the key `nodes`\n"
      "fig.yml:1:31: a.cpu_shares: 1 is not allowed; it must be a whole number from 2 to "
      "262144 in decimal digits\n");
}

TEST(ConfigurationTest, AnApplicationOfFigMayBeNamedNodes) {
  const SourceFile deployment = {"dep.yml", "version: 1\nnodes: {image: [nodes, node]}\n"};
  const SourceFile fig = {"fig.yml", "nodes: {image: redis}\nnode: {image: redis}\n"};
  for (bool swapped : {false, true}) {
    Problems problems;
    const auto configuration = swapped ? ReadConfiguration(fig, deployment, problems)
                                       : ReadConfiguration(deployment, fig, problems);
    ASSERT_TRUE(configuration.has_value()) << problems.ToString();
    EXPECT_EQ(configuration->applications.at(0).name.value(), "nodes");
  }
}

TEST(ConfigurationTest, ANodeMayBeNamedImage) {
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {image: }\n"}, kApplications),
            "dep.yml:2:16: nodes.image: must be a list of application names, such as [redis]; [] "
            "for none\n");
  EXPECT_EQ(ProblemsOf({"dep.yml", "version: 1\nnodes: {image: a}\n"}, kApplications),
            "dep.yml:2:16: nodes.image: must be a list of application names, such as [redis]; [] "
            "for none\n");
}

TEST(ConfigurationTest, AnApplicationOfFigMayBeNamedVersion) {
  Problems problems;
  const auto configuration =
      ReadConfiguration({"dep.yml", "version: 1\nnodes: {node1: [version, nodes]}\n"},
                        {"fig.yml", "version: {image: redis}\nnodes: {image: redis}\n"}, problems);
  EXPECT_TRUE(configuration.has_value()) << problems.ToString();
}

TEST(ConfigurationTest, ShowsTheProblemsBesideAFileThatIsNoYaml) {
  EXPECT_EQ(ProblemsOf(kDeployment, {"app.yml", ""}), "app.yml:1:1: the file is empty\n");
  EXPECT_EQ(ProblemsOf({"dep.yml", "nodes: {node1: [b]}\n"}, {"app.yml", ""}),
            "app.yml:1:1: the file is empty\n"
            "dep.yml:1:1: the key `version` is missing\n");
  EXPECT_EQ(ProblemsOf({"dep.yml", ""}, {"app.yml", "application: {}\n"}),
            "dep.yml:1:1: the file is empty\n"
            "app.yml:1:1: application: unknown key; did you mean `applications`?\n"
            "app.yml:1:1: the key `version` is missing\n");
}

}  // namespace
}  // namespace drover::config
