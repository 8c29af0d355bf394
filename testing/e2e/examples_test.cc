// The documents of examples/ whose software the lab has, as they are: they run and move, with what
// was written to them.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "testing/e2e/cluster_test_base.h"

namespace drover::e2e {
namespace {

// Words that a database's client runs on the client machine: asks `node` for `statement`.
using Client =
    std::function<std::vector<std::string>(const std::string& node, const std::string& statement)>;

class ExamplesTest : public ClusterTest {
 protected:
  void MakeImage(const std::string& image) {
    const absl::StatusOr<std::string> reference = cluster_->lab().MakeImage(image);
    ASSERT_TRUE(reference.ok()) << reference.status();
  }

  void Deploy(const std::string& deployment, const std::string& application) {
    const std::filesystem::path examples = std::filesystem::absolute("examples");
    cluster_->DroverJson({"deploy", "--yes", examples / deployment, examples / application});
  }

  // Its migration.
  boost::json::object Move(const std::string& application, const std::string& node) {
    const boost::json::object migration = cluster_->DroverJson({"move", application, node});
    EXPECT_EQ(migration.at("state").as_string(), "DONE");
    return migration;
  }

  // The answer to a statement, once the database at `node` takes connections.
  std::string Ask(const std::vector<std::string>& client) {
    std::string answer;
    cluster_->Eventually("the database's answer", absl::Seconds(30), [&] {
      const auto outcome = cluster_->lab().Run("client", client);
      answer = outcome.ok() ? outcome->output + outcome->error_output : "";
      return outcome.ok() && outcome->exit_code == 0;
    });
    return std::string(absl::StripTrailingAsciiWhitespace(answer));
  }

  // The database runs on node1. It answers on each node, wherever it is.
  void ExpectRowsThereAndBack(const std::string& application, const Client& client) {
    const auto expect_on_each_node = [&](const std::string& content) {
      for (const char* node : {"node1", "node2"}) {
        EXPECT_EQ(Ask(client(node,
                             "select concat(count(*), ' rows up to ', max(page)) "
                             "from visits")),
                  content)
            << "through " << node;
      }
    };
    Ask(client("node2", "create table visits (id int primary key, page varchar(40) not null)"));
    Ask(client("node2",
               "insert into visits with recursive n (i) as "
               "(select 1 union all select i + 1 from n where i < 900) "
               "select i, concat('page ', i) from n"));
    expect_on_each_node("900 rows up to page 99");

    const boost::json::object there = Move(application, "node2");
    expect_on_each_node("900 rows up to page 99");
    Ask(client("node1", "insert into visits values (901, 'written on node2')"));

    const boost::json::object back = Move(application, "node1");
    expect_on_each_node("901 rows up to written on node2");
    EXPECT_LT(back.at("bulk_bytes").to_number<int64_t>(),
              there.at("bulk_bytes").to_number<int64_t>() / 2)
        << "it sent all again";
  }
};

TEST_F(ExamplesTest, RedisKeepsItsKeysThereAndBack) {
  Deploy("deploy-node1.yml", "redis-application.yml");
  EXPECT_EQ(cluster_->Redis("node2", 6379, {"set", "greeting", "hello"}), "OK");
  for (const char* deployment : {"deploy-node2.yml", "deploy-node1.yml"}) {
    Deploy(deployment, "redis-application.yml");
    EXPECT_EQ(cluster_->Redis("node1", 6379, {"get", "greeting"}), "hello") << deployment;
    EXPECT_EQ(cluster_->Redis("node2", 6379, {"get", "greeting"}), "hello") << deployment;
  }
}

TEST_F(ExamplesTest, PostgreSqlKeepsItsRowsThereAndBack) {
  MakeImage("postgres");
  Deploy("postgresql/deployment.yml", "postgresql/application.yml");
  ExpectRowsThereAndBack("postgresql", [](const std::string& node, const std::string& statement) {
    return std::vector<std::string>{"psql", "-h", node, "-U", "postgres", "-qAtc", statement};
  });
}

TEST_F(ExamplesTest, MariaDbKeepsItsRowsThereAndBack) {
  MakeImage("mariadb");
  Deploy("mysql/deployment.yml", "mysql/application.yml");
  const auto client = [](const std::string& node, const std::string& statement) {
    return std::vector<std::string>{
        "mariadb",     "--no-defaults",        "--host", node,
        "--user=root", "--password=change me", "-NBe",   "use shop; " + statement,
    };
  };
  // With another password nobody gets in.
  EXPECT_NE(cluster_->lab()
                .Run("client", {"mariadb", "--no-defaults", "--host", "node1", "--user=root",
                                "--password=other", "-e", "select 1"})
                ->exit_code,
            0);
  Ask({"mariadb", "--no-defaults", "--host", "node1", "--user=root", "--password=change me", "-e",
       "create database shop"});
  ExpectRowsThereAndBack("mysql", client);
}

}  // namespace
}  // namespace drover::e2e
