// How wide tables are, with names as long as real ones.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_split.h"
#include "cli/render/fit.h"
#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::ResultOf;

using Words = std::vector<std::string>;

constexpr char kDigest[] = "1f3c5a7b9d0e2f4a6b8c0d1e3f5a7b9c1f3c5a7b9d0e2f4a6b8c0d1e3f5a7b9c";

class TableWidthTest : public CommandTest {
 protected:
  TableWidthTest() {
    std::string pattern = testing::TempDir() + "/tablesXXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ + "/dep.yml") << "version: 1\nnodes: {node-17: [shop-database]}\n";
    std::ofstream(folder_ + "/app.yml")
        << "version: 1\napplications: {shop-database: {image: postgres}}\n";
    const std::string image =
        std::string("registry.example.com:5000/shop/database:16.4@sha256:") + kDigest;
    const std::string migration = R"(migrations { name: "migrations/3f9c2a7d5e8b1046"
        application: "shop-database" source: "node-17" destination: "node-18"
        state: MIGRATION_STATE_COPYING rounds: 3 bulk_bytes: 12345678901 final_bytes: 123456789
        progress_bytes: 123456789 progress_total_bytes: 987654321
        interruption { seconds: 125 nanos: 500000000 } })";
    coordinator_.on_get_cluster_status = [=](const coordinator::v1::GetClusterStatusRequest&) {
      return FromText<coordinator::v1::GetClusterStatusResponse>(R"(status { )" + migration + R"(
          nodes { name: "nodes/node-17" address: "node-17.rack-3.example.com"
                  state: NODE_STATE_UNREACHABLE cordoned: true }
          applications { name: "applications/shop-database" node: "node-17"
              state: APPLICATION_STATE_MIGRATING
              spec { image: ")" + image + R"("
                     ports { internal_port: 5432 external_port: 15432 }
                     ports { internal_port: 9187 external_port: 19187 }
                     volumes { mountpoint: "/var/lib/postgresql/data" }
                     volumes { id: "log" mountpoint: "/var/log/postgresql" } } }
          volumes { name: "shop-database:binlog" owner: "node-17" state: GROUP_STATE_PREPARED
              application: "shop-database" size_bytes: 12345678901
              maximum_size_bytes: 123456789012 backend: "btrfs"
              copies { node: "node-18" state: GROUP_STATE_DIVERGED }
              copies { node: "node-19" state: GROUP_STATE_RETIRED } } })");
    };
    coordinator_.on_list_migrations = [=](const coordinator::v1::ListMigrationsRequest&) {
      return FromText<coordinator::v1::ListMigrationsResponse>(migration);
    };
    coordinator_.on_plan_deployment = [=](const coordinator::v1::PlanDeploymentRequest&) {
      return FromText<coordinator::v1::PlanDeploymentResponse>(R"(plan { actions {
          kind: ACTION_KIND_MOVE application: "shop-database" from: "node-17" to: "node-18"
          bytes: 12345678901 predicted_interruption { nanos: 812000000 }
          reason: "placed on node-18; image changed from )" + image +
                                                               " to " + image + R"(" }
          actions { kind: ACTION_KIND_MOVE application: "shop-frontend" from: "node-17"
          error: "no node can take shop-frontend; shop-frontend runs on node-17 as before" } })");
    };
    coordinator_.on_list_deployments = [](const coordinator::v1::ListDeploymentsRequest&) {
      return FromText<coordinator::v1::ListDeploymentsResponse>(R"(deployments {
          name: "deployments/3f9c2a7d5e8b1046" state: DEPLOYMENT_STATE_FAILED
          create_time { seconds: 1700000000 } end_time { seconds: 1700000100 }
          actions { application: "shop-database" state: ACTION_STATE_DONE } })");
    };
    coordinator_.on_list_snapshots = [](const coordinator::v1::ListSnapshotsRequest&) {
      return FromText<coordinator::v1::ListSnapshotsResponse>(R"(snapshots {
          volume: "shop-database:binlog" name: "before-upgrade-to-16.4" node: "node-17" })");
    };
  }
  ~TableWidthTest() override { std::filesystem::remove_all(folder_); }

  Words Lines() const { return absl::StrSplit(out(), '\n'); }

  std::string folder_;
};

TEST_F(TableWidthTest, NoLineHasMoreThanAHundredColumns) {
  const struct {
    Words command;
    int exit_code;
    const char* content;
  } cases[] = {{{"status"}, 0, "shop-database"},
               {{"volumes", "list"}, 0, "shop-database"},
               {{"volumes", "snapshots"}, 0, "shop-database"},
               {{"migrations", "list"}, 0, "shop-database"},
               {{"deployments", "list"}, 0, "3f9c2a7d5e8b1046"},
               // One of its actions cannot be done.
               {{"plan", folder_ + "/dep.yml", folder_ + "/app.yml"}, 1, "shop-database"}};
  for (const auto& [command, exit_code, content] : cases) {
    EXPECT_EQ(Run(command), exit_code) << err();
    EXPECT_THAT(out(), HasSubstr(content));
    EXPECT_THAT(Lines(), Each(ResultOf(&Width, Le(100)))) << out();
    EXPECT_THAT(out(), Not(HasSubstr(kDigest)));
  }
}

TEST_F(TableWidthTest, ProgramsGetTheWholeDigest) {
  EXPECT_EQ(Run({"status", "-o", "json"}), 0);
  EXPECT_THAT(out(), HasSubstr(kDigest));
}

TEST_F(TableWidthTest, AWideTerminalIsUsed) {
  environment_.out_is_terminal = true;
  terminal_columns_ = 200;
  EXPECT_EQ(Run({"status", "--no-color"}), 0);
  EXPECT_THAT(out(), HasSubstr("registry.example.com:5000/shop/database:16.4@sha256:1f3c5a7b9d0e…  "
                               "15432->5432,19187->9187  /var/lib/postgresql/data,"));
}

TEST_F(TableWidthTest, NoTerminalIsTakenForNarrowerThanSixtyColumns) {
  environment_.out_is_terminal = true;
  const Words plan = {"plan", folder_ + "/dep.yml", folder_ + "/app.yml", "--no-color"};
  terminal_columns_ = 60;
  EXPECT_EQ(Run(plan), 1) << err();
  EXPECT_THAT(out(), HasSubstr("shop-database"));
  const std::string narrow = out();
  terminal_columns_ = 20;
  EXPECT_EQ(Run(plan), 1) << err();
  EXPECT_EQ(out(), narrow);
}

}  // namespace
}  // namespace drover::cli
