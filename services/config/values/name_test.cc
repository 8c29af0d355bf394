#include "services/config/values/name.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::config {
namespace {

TEST(NameTest, ApplicationsAreNamedLikeContainers) {
  for (const std::string& name :
       {std::string("redis-example"), std::string("9.a_b"), std::string(63, 'a')}) {
    EXPECT_TRUE(CheckApplicationName(name).ok()) << name;
  }
  for (const std::string& name : {std::string(), std::string("-a"), std::string("a/b"),
                                  std::string("a:b"), std::string("é"), std::string(64, 'a')}) {
    EXPECT_EQ(CheckApplicationName(name).message(),
              "\"" + name +
                  "\" is not a name for an application; allowed are up to 63 letters, "
                  "digits, `_`, `.` and `-`, first a letter or digit");
  }
}

TEST(NameTest, ShortensLongOnes) {
  const std::string start = "\"" + std::string(100, '.') + "…\" is not ";
  EXPECT_EQ(CheckApplicationName(std::string(101, '.')).message().substr(0, start.size()), start);
  EXPECT_EQ(CheckedLinkAlias(std::string(101, '.')).status().message().substr(0, start.size()),
            start);
  EXPECT_EQ(CheckNodeReference(std::string(254, '.')).message().substr(0, start.size()), start);
}

TEST(NameTest, VolumesHaveNoColon) {
  EXPECT_EQ(CheckedVolumeName("data").value(), "data");
  EXPECT_FALSE(CheckedVolumeName("a:b").ok());
}

TEST(NameTest, AliasesBecomeVariables) {
  EXPECT_EQ(CheckedLinkAlias("my-db_1").value(), "my-db_1");
  EXPECT_EQ(CheckedLinkAlias("a.b").status().message(),
            "\"a.b\" is not an alias; allowed are letters, digits, `-` and `_`");
}

TEST(NameTest, NodesAreNamesOrAddresses) {
  for (const char* node : {"node1", "node1.example.org", "192.0.2.1"}) {
    EXPECT_TRUE(CheckNodeReference(node).ok()) << node;
  }
  for (const char* node : {"", "a b", "root@host", "host:22"}) {
    EXPECT_EQ(CheckNodeReference(node).message(),
              "\"" + std::string(node) +
                  "\" is not a node; allowed is a registered name, a host name or an address");
  }
}

}  // namespace
}  // namespace drover::config
