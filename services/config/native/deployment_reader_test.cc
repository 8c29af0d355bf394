#include "services/config/native/deployment_reader.h"

#include <gtest/gtest.h>

#include "services/config/yaml/parser.h"

namespace drover::config {
namespace {

Deployment Read(const std::string& content, Problems& problems) {
  std::optional<Node> root = ParseYaml({"dep.yml", content}, problems);
  return root.has_value() ? ReadDeployment(*root, problems) : Deployment();
}

TEST(DeploymentReaderTest, ReadsTheExampleOfTheArticle) {
  Problems problems;
  Deployment deployment = Read(R"(
"version": 1
"nodes":
  "192.0.2.1": ["redis-example"]
  "192.0.2.2": []
)",
                               problems);
  EXPECT_EQ(problems.ToString(), "");
  ASSERT_EQ(deployment.nodes.size(), 2);
  EXPECT_EQ(deployment.nodes[0].node, "192.0.2.1");
  EXPECT_EQ(deployment.nodes[0].location.ToString(), "dep.yml:4:3");
  ASSERT_EQ(deployment.nodes[0].placements.size(), 1);
  EXPECT_EQ(deployment.nodes[0].placements[0].application.value(), "redis-example");
  EXPECT_EQ(deployment.nodes[1].node, "192.0.2.2");
  EXPECT_TRUE(deployment.nodes[1].placements.empty());
}

TEST(DeploymentReaderTest, MayListNoNode) {
  Problems problems;
  EXPECT_TRUE(Read("version: 1\nnodes: {}\n", problems).nodes.empty());
  EXPECT_EQ(problems.ToString(), "");
}

struct Refused {
  const char* name;
  std::string content;
  std::string problem;
};

class DeploymentRefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(DeploymentRefusalTest, SaysWhatIsWrongAndWhatIsAllowed) {
  Problems problems;
  Read(GetParam().content, problems);
  EXPECT_EQ(problems.ToString(), "dep.yml:" + GetParam().problem + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, DeploymentRefusalTest,
    testing::Values(
        Refused{"BareString", "version: 1\nnodes: {n: redis}",
                "2:12: nodes.n: must be a list of application names, such as [redis]; [] for none"},
        Refused{"Null", "version: 1\nnodes:\n  n:\n",
                "3:3: nodes.n: must be a list of application names, such as [redis]; [] for none"},
        Refused{"NodesList", "version: 1\nnodes: [n]", "2:8: nodes: must be a mapping, not a list"},
        Refused{"NodesNull", "version: 1\nnodes:\n", "2:1: nodes: must be a mapping, not null"},
        Refused{"NoNodes", "version: 1\n", "1:1: the key `nodes` is missing"},
        Refused{"ItemNull", "version: 1\nnodes: {n: [~]}",
                "2:13: nodes.n[0]: must be a string, not null"},
        Refused{"Number", "version: 1\nnodes: {n: [5]}",
                "2:13: nodes.n[0]: YAML reads 5 as a number, but a string is wanted here; quote "
                "it: \"5\""},
        Refused{"TwiceOnOneNode", "version: 1\nnodes: {n: [a, a]}",
                "2:16: nodes.n[1]: \"a\" is placed on n in line 2 already; an application runs on "
                "one node, once"},
        Refused{"TwiceOnTwoNodes", "version: 1\nnodes:\n  n: [a]\n  m: [a]\n",
                "4:7: nodes.m[0]: \"a\" is placed on n in line 3 already; an application runs on "
                "one node, once"},
        Refused{"SameNodeTwice", "version: 1\nnodes:\n  n: [a]\n  n: []\n",
                "4:3: nodes.n: this key was given in line 3 already; keep one"},
        Refused{"BadNode", "version: 1\nnodes: {'root@n': []}",
                "2:9: nodes.root@n: \"root@n\" is not a node; allowed is a registered name, a host "
                "name or an address"},
        Refused{"LongNode", "version: 1\nnodes:\n  ? " + std::string(253, 'n') + "\n  : [a, a]\n",
                "4:9: nodes." + std::string(100, 'n') + "…[1]: \"a\" is placed on " +
                    std::string(100, 'n') +
                    "… in line 4 already; an application runs on one node, once"},
        Refused{"UnknownKey", "version: 1\nnodes: {}\nnode: {}",
                "3:1: node: unknown key; allowed are version, nodes"},
        Refused{"NoVersion", "nodes: {}", "1:1: the key `version` is missing"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace drover::config
