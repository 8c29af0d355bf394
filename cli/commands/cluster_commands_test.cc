#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using coordinator::v1::AddNodeRequest;
using coordinator::v1::AddNodeResponse;
using coordinator::v1::CancelMigrationRequest;
using coordinator::v1::CancelMigrationResponse;
using coordinator::v1::ClaimVolumesRequest;
using coordinator::v1::ClaimVolumesResponse;
using coordinator::v1::CreateMigrationRequest;
using coordinator::v1::CreateMigrationResponse;
using coordinator::v1::GetClusterStatusRequest;
using coordinator::v1::GetClusterStatusResponse;
using coordinator::v1::GetMigrationRequest;
using coordinator::v1::GetMigrationResponse;
using coordinator::v1::ListMigrationsRequest;
using coordinator::v1::ListMigrationsResponse;
using coordinator::v1::ListNodesRequest;
using coordinator::v1::ListNodesResponse;
using coordinator::v1::ListRoutesRequest;
using coordinator::v1::ListRoutesResponse;
using coordinator::v1::RemoveNodeRequest;
using coordinator::v1::RemoveNodeResponse;
using coordinator::v1::StreamApplicationLogsRequest;
using coordinator::v1::StreamApplicationLogsResponse;
using coordinator::v1::WatchMigrationRequest;
using coordinator::v1::WatchMigrationResponse;

constexpr char kStatus[] = R"(status {
  nodes { name: "nodes/node1" address: "192.0.2.11" state: NODE_STATE_READY }
  nodes { name: "nodes/node2" address: "192.0.2.12" state: NODE_STATE_UNREACHABLE
          problem: "drover-volume does not answer" }
  applications { name: "applications/redis" node: "node1" state: APPLICATION_STATE_RUNNING
    spec { image: "redis:6" ports { internal_port: 6379 external_port: 16379 }
           volumes { mountpoint: "/data" } volumes { id: "log" mountpoint: "/log" } } }
  applications { name: "applications/idle" state: APPLICATION_STATE_STOPPED }
  volumes { name: "redis" owner: "node1" generation: 3 state: GROUP_STATE_OWNED
            application: "redis" size_bytes: 1048576 backend: "btrfs"
            copies { node: "node2" snapshot: "s1" state: GROUP_STATE_RETIRED } }
})";

constexpr char kMigration[] = R"(name: "migrations/7" application: "redis" source: "node1"
  destination: "node2" state: MIGRATION_STATE_DONE rounds: 1 bulk_bytes: 1024 final_bytes: 10
  interruption { nanos: 500400000 } phases { name: "copy" duration { seconds: 2 } } )";

TEST_F(CommandTest, StatusShowsTheWholeCluster) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(kStatus);
  };
  EXPECT_EQ(Run({"status"}), 0) << err();
  EXPECT_EQ(connected_to_, "lab:7400 certs");
  EXPECT_EQ(out(), R"(NODE   ADDRESS     STATE        CORDONED
node1  192.0.2.11  READY        no
node2  192.0.2.12  UNREACHABLE  no

APPLICATION  NODE   STATE    IMAGE    PORTS        VOLUMES
redis        node1  RUNNING  redis:6  16379->6379  /data,/log
idle         -      STOPPED  -        -            -

VOLUME  OWNER  STATE  USED BY  SIZE     LIMIT  BACKEND  COPIES
redis   node1  OWNED  redis    1.0 MiB  -      btrfs    node2

node2: drover-volume does not answer
)");
}

TEST_F(CommandTest, StatusGivesProgramsTheContractsFields) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(kStatus);
  };
  EXPECT_EQ(Run({"-o", "yaml", "status"}), 0) << err();
  EXPECT_EQ(out(), R"(nodes:
  - name: node1
    address: 192.0.2.11
    state: READY
    cordoned: false
    problem: null
  - name: node2
    address: 192.0.2.12
    state: UNREACHABLE
    cordoned: false
    problem: "drover-volume does not answer"
applications:
  - name: redis
    node: node1
    state: RUNNING
    image: "redis:6"
    ports:
      - internal: 6379
        external: 16379
    volumes:
      - name: redis
        mountpoint: /data
      - name: "redis:log"
        mountpoint: /log
    problem: null
  - name: idle
    node: null
    state: STOPPED
    image: ""
    ports: []
    volumes: []
    problem: null
volumes:
  - name: redis
    owner: node1
    generation: 3
    state: OWNED
    application: redis
    size_bytes: 1048576
    maximum_size_bytes: null
    backend: btrfs
    copies:
      - node: node2
        snapshot: s1
        state: RETIRED
migrations: []
recovery: null
)");
  EXPECT_EQ(Run({"volumes", "list", "-o", "json"}), 0);
  EXPECT_EQ(out().rfind("{\n  \"volumes\": [\n    {\n      \"name\": \"redis\",\n", 0), 0) << out();
  EXPECT_EQ(Run({"volumes", "list"}), 0);
  EXPECT_NE(out().find("redis   node1  OWNED"), std::string::npos);
}

TEST_F(CommandTest, ACopyThatIsNoPlainOneSaysWhatItIs) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(R"(status {
      volumes { name: "redis" owner: "node2" generation: 4 state: GROUP_STATE_OWNED
                copies { node: "node1" state: GROUP_STATE_DIVERGED }
                copies { node: "node3" state: GROUP_STATE_RETIRED } } })");
  };
  using Words = std::vector<std::string>;
  for (const Words& command : {Words{"status"}, Words{"volumes", "list"}}) {
    EXPECT_EQ(Run(command), 0) << err();
    EXPECT_NE(out().find("node1 (DIVERGED),node3\n"), std::string::npos) << out();
  }
}

TEST_F(CommandTest, ASizeThatNobodyKnowsIsNotZero) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(R"(status {
      volumes { name: "redis" owner: "node1" generation: 3 state: GROUP_STATE_OWNED
                application: "redis" backend: "btrfs"
                copies { node: "node2" state: GROUP_STATE_RETIRED } } })");
  };
  EXPECT_EQ(Run({"volumes", "list"}), 0) << err();
  EXPECT_NE(out().find("redis   node1  OWNED  redis    -     -      btrfs    node2\n"),
            std::string::npos)
      << out();
  EXPECT_EQ(Run({"volumes", "list", "-o", "json"}), 0) << err();
  EXPECT_NE(out().find("\"size_bytes\": null,"), std::string::npos) << out();
}

TEST_F(CommandTest, ColoursOnlyATerminal) {
  coordinator_.on_get_cluster_status = [](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>(kStatus);
  };
  environment_.out_is_terminal = true;
  Run({"status"});
  EXPECT_NE(out().find("\033[32mREADY\033[0m"), std::string::npos) << out();
  Run({"status", "--no-color"});
  EXPECT_EQ(out().find('\033'), std::string::npos) << out();
}

TEST_F(CommandTest, NodesAreListedAddedAndRemoved) {
  coordinator_.on_list_nodes = [](const ListNodesRequest&) {
    return FromText<ListNodesResponse>(
        R"(nodes { name: "nodes/node1" address: "192.0.2.11" state: NODE_STATE_READY })");
  };
  coordinator_.on_add_node = [](const AddNodeRequest& request) {
    EXPECT_EQ(request.node(), "node3");
    EXPECT_EQ(request.address(), "192.0.2.13");
    return FromText<AddNodeResponse>(
        R"(node { name: "nodes/node3" address: "192.0.2.13" state: NODE_STATE_READY })");
  };
  coordinator_.on_remove_node =
      [](const RemoveNodeRequest& request) -> absl::StatusOr<RemoveNodeResponse> {
    return absl::FailedPreconditionError(request.node() + " still runs redis");
  };
  EXPECT_EQ(Run({"nodes", "list"}), 0);
  EXPECT_EQ(out(), "NODE   ADDRESS     STATE  CORDONED\nnode1  192.0.2.11  READY  no\n");
  EXPECT_EQ(Run({"nodes", "list", "-o", "yaml"}), 0);
  EXPECT_EQ(out(),
            "nodes:\n  - name: node1\n    address: 192.0.2.11\n    state: READY\n"
            "    cordoned: false\n    problem: null\n");
  EXPECT_EQ(Run({"nodes", "add", "node3", "192.0.2.13"}), 0);
  EXPECT_EQ(out(), "Node node3 at 192.0.2.13 is registered.\n");
  EXPECT_EQ(Run({"nodes", "remove", "node3"}), 1);
  EXPECT_EQ(err(), "drover: node3 still runs redis\n");
}

TEST_F(CommandTest, RoutesAreListed) {
  coordinator_.on_list_routes = [](const ListRoutesRequest&) {
    return FromText<ListRoutesResponse>(R"(revision: 5 routes {
        external_port: 16379 internal_port: 6379 application: "redis" node: "node1" })");
  };
  EXPECT_EQ(Run({"routes"}), 0);
  EXPECT_EQ(out(), "PORT   APPLICATION  NODE   INTERNAL PORT\n16379  redis        node1  6379\n");
  EXPECT_EQ(Run({"routes", "-o", "yaml"}), 0);
  EXPECT_EQ(out(),
            "revision: 5\nroutes:\n  - external: 16379\n    internal: 6379\n"
            "    application: redis\n    node: node1\n");
}

TEST_F(CommandTest, LogsGoToTheStreamTheyCameFrom) {
  coordinator_.on_stream_application_logs = [](const StreamApplicationLogsRequest& request) {
    EXPECT_EQ(request.application(), "redis");
    EXPECT_TRUE(request.follow());
    EXPECT_EQ(request.tail(), 10);
    return FromText<StreamApplicationLogsResponse>(R"(is_stderr: true data: "oops\n")");
  };
  EXPECT_EQ(Run({"logs", "redis", "-f", "--tail", "10"}), 0);
  EXPECT_EQ(out(), "");
  EXPECT_EQ(err(), "oops\n");
  EXPECT_EQ(Run({"logs", "redis", "-o", "json"}), 2);
}

TEST_F(CommandTest, MoveFollowsItsMigration) {
  CreateMigrationRequest created;
  coordinator_.on_create_migration = [&](const CreateMigrationRequest& request) {
    created = request;
    return FromText<CreateMigrationResponse>(R"(migration { name: "migrations/7" })");
  };
  std::string end = kMigration;
  std::string way_back = R"(name: "migrations/8" application: "redis" source: "node2"
                            destination: "node1" state: MIGRATION_STATE_DONE )";
  coordinator_.on_watch_migration = [&](const WatchMigrationRequest& request) {
    const bool is_return = request.name() == "migrations/8";
    return FromText<WatchMigrationResponse>("migration { " + (is_return ? way_back : end) + "}");
  };
  EXPECT_EQ(Run({"move", "redis", "node2", "--bandwidth", "100MB", "--max-downtime", "800ms"}), 0);
  EXPECT_EQ(out(),
            "move redis from node1 to node2: done\n"
            "redis moved from node1 to node2: 1.0 KiB copied in 1 round while it ran, 10 B while "
            "it was stopped; interrupted for 500 ms\n");
  EXPECT_EQ(created.destination(), "node2");
  EXPECT_EQ(created.options().bandwidth_bytes_per_second(), 100 << 20);
  EXPECT_EQ(created.options().max_downtime().nanos(), 800'000'000);

  end += R"(returned_by: "migrations/8" error: "not ready in 60 s; redis goes back to node1" )";
  EXPECT_EQ(Run({"move", "redis", "node2", "-o", "yaml"}), 1);
  EXPECT_EQ(out(), R"(name: "7"
application: redis
source: node1
destination: node2
state: DONE
requested_by: null
create_time: null
end_time: null
rounds: 1
bulk_bytes: 1024
final_bytes: 10
interruption_ms: 500
phases:
  - name: copy
    ms: 2000
predicted_ms: null
predicted_p95_ms: null
max_downtime_ms: null
missed: false
progress_bytes: 0
progress_total_bytes: 0
waiting_for: null
returned_by: "8"
error: "not ready in 60 s; redis goes back to node1"
changed: false
warnings: []
)");
  EXPECT_EQ(err(),
            "move redis from node1 to node2: not ready on node2, goes back to node1\n"
            "move redis from node2 to node1: done\n"
            "drover: the move of redis from node1 to node2 was undone by migration 8: not ready in "
            "60 s; redis goes back to node1, where it runs again\n");

  way_back += "error: \"the gate of redis did not open\" ";
  EXPECT_EQ(Run({"move", "redis", "node2"}), 1);
  EXPECT_NE(err().find("redis goes back to node1, but: the gate of redis did not open\n"),
            std::string::npos)
      << err();
}

TEST_F(CommandTest, AMoveShowsItsWarningsFirst) {
  coordinator_.on_create_migration = [](const CreateMigrationRequest&) {
    return FromText<CreateMigrationResponse>(
        R"(migration { name: "migrations/7" } warnings: "what redis writes to /cache is lost")");
  };
  coordinator_.on_watch_migration = [](const WatchMigrationRequest&) {
    return FromText<WatchMigrationResponse>(std::string("migration { ") + kMigration + "}");
  };
  EXPECT_EQ(Run({"move", "redis", "node2"}), 0) << err();
  EXPECT_EQ(out().rfind("warning: what redis writes to /cache is lost\nmove redis from node1", 0),
            0)
      << out();
  EXPECT_EQ(Run({"move", "redis", "node2", "-o", "json"}), 0) << err();
  EXPECT_NE(out().find("\"warnings\": [\n    \"what redis writes to /cache is lost\"\n  ]"),
            std::string::npos)
      << out();
}

TEST_F(CommandTest, AMovesInterruptionIsComparedWithWhatWasSaidBefore) {
  std::string more = R"(predicted_interruption { nanos: 420000000 }
                        predicted_interruption_p95 { nanos: 610000000 }
                        options { max_downtime { nanos: 450000000 } } )";
  coordinator_.on_create_migration = [&](const CreateMigrationRequest&) {
    return FromText<CreateMigrationResponse>(R"(migration { name: "migrations/7" })");
  };
  coordinator_.on_watch_migration = [&](const WatchMigrationRequest&) {
    return FromText<WatchMigrationResponse>(std::string("migration { ") + kMigration + more + "}");
  };
  coordinator_.on_get_migration = [&](const GetMigrationRequest&) {
    return FromText<GetMigrationResponse>(std::string("migration { ") + kMigration + more + "}");
  };
  EXPECT_EQ(Run({"move", "redis", "node2"}), 0);
  EXPECT_NE(out().find("; interrupted for 500 ms (predicted: 420 ms)\n"), std::string::npos)
      << out();
  // It has moved: that it took longer than promised is said, and is no failure.
  more += "missed: true ";
  EXPECT_EQ(Run({"move", "redis", "node2"}), 0);
  EXPECT_NE(out().find("(predicted: 420 ms), longer than the 450 ms allowed\n"), std::string::npos)
      << out();
  EXPECT_EQ(Run({"migrations", "show", "7"}), 0);
  EXPECT_NE(out().find("Predicted:     about 420 ms, in 19 of 20 moves at most 610 ms\n"
                       "Limit:         450 ms, missed\n"
                       "Interruption:  500 ms\n"),
            std::string::npos)
      << out();
  EXPECT_EQ(Run({"migrations", "show", "7", "-o", "json"}), 0);
  for (const char* member :
       {"\"predicted_ms\": 420,", "\"predicted_p95_ms\": 610,", "\"max_downtime_ms\": 450,",
        "\"missed\": true,", "\"interruption_ms\": 500,"}) {
    EXPECT_NE(out().find(member), std::string::npos) << member << out();
  }
}

TEST_F(CommandTest, ACopyUnderWayShowsHowFarItIs) {
  const std::string copying = R"(migrations { name: "migrations/7" application: "redis"
      source: "node1" destination: "node2" state: MIGRATION_STATE_COPYING
      progress_bytes: 3145728 progress_total_bytes: 12582912 })";
  coordinator_.on_get_cluster_status = [&](const GetClusterStatusRequest&) {
    return FromText<GetClusterStatusResponse>("status { " + copying + "}");
  };
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_NE(out().find("COPYING  3.0 MiB of 12 MiB  0 B"), std::string::npos) << out();
  coordinator_.on_get_migration = [&](const GetMigrationRequest&) {
    return FromText<GetMigrationResponse>(R"(migration { name: "migrations/7"
        application: "redis" source: "node1" destination: "node2" rounds: 1 bulk_bytes: 12582912
        state: MIGRATION_STATE_COPYING progress_bytes: 1024 waiting_for: "redis to write less" })");
  };
  EXPECT_EQ(Run({"migrations", "show", "7"}), 0);
  EXPECT_NE(out().find("Copied before: 12 MiB\n"
                       "Copying now:   1.0 KiB\n"
                       "Waiting for:   redis to write less\n"),
            std::string::npos)
      << out();
}

TEST_F(CommandTest, AMoveToWhereItIsChangesNothing) {
  coordinator_.on_create_migration =
      [](const CreateMigrationRequest&) -> absl::StatusOr<CreateMigrationResponse> {
    return StatusWithReason(absl::StatusCode::kFailedPrecondition, "ALREADY_THERE",
                            "redis is on node1 already");
  };
  EXPECT_EQ(Run({"move", "redis", "node1"}), 0) << err();
  EXPECT_EQ(out(), "Nothing to do: redis is on node1 already.\n");
  EXPECT_EQ(Run({"move", "redis", "node1", "-o", "yaml"}), 0) << err();
  EXPECT_EQ(out(), "application: redis\nerror: null\nchanged: false\n");
}

TEST_F(CommandTest, AMoveWhoseApplicationDoesNotGetReadyFails) {
  coordinator_.on_create_migration = [&](const CreateMigrationRequest& request) {
    return FromText<CreateMigrationResponse>(R"(migration { name: "migrations/7" })");
  };
  coordinator_.on_watch_migration = [&](const WatchMigrationRequest& request) {
    return FromText<WatchMigrationResponse>(
        std::string("migration { ") + kMigration +
        R"(error: "redis did not get ready on node2: no answer in 60 s; it is on node2 now, with its data" })");
  };
  EXPECT_EQ(Run({"move", "redis", "node2"}), 1);
  EXPECT_EQ(err(),
            "drover: the move of redis from node1 to node2 failed: redis did not get ready on "
            "node2: no answer in 60 s; it is on node2 now, with its data\n");
}

TEST_F(CommandTest, AClaimIsCheckedBeforeSomethingIsToBeGivenUp) {
  absl::Status refusal = StatusWithReason(absl::StatusCode::kFailedPrecondition, "ALREADY_OWNER",
                                          "node1 owns the volumes of redis already");
  int claims = 0;
  coordinator_.on_claim_volumes =
      [&](const ClaimVolumesRequest& request) -> absl::StatusOr<ClaimVolumesResponse> {
    if (!refusal.ok()) return refusal;
    claims += request.validate_only() ? 0 : 1;
    return ClaimVolumesResponse();
  };
  environment_.in_is_terminal = true;
  answer_ = "redis";
  EXPECT_EQ(Run({"volumes", "claim", "redis", "--node", "node1"}), 0) << err();
  EXPECT_EQ(out(), "Nothing to do: node1 owns the volumes of redis already.\n");
  EXPECT_EQ(err(), "");
  refusal = absl::FailedPreconditionError("node1 answers and owns the volumes of redis");
  EXPECT_EQ(Run({"volumes", "claim", "redis", "--node", "node2", "--accept-data-loss"}), 1);
  EXPECT_EQ(err(), "drover: node1 answers and owns the volumes of redis\n");
  refusal = absl::OkStatus();
  EXPECT_EQ(Run({"volumes", "claim", "redis", "--node", "node2"}), 2);
  EXPECT_NE(err().find("say --accept-data-loss"), std::string::npos) << err();
  EXPECT_EQ(claims, 0);
  EXPECT_EQ(Run({"volumes", "claim", "redis", "--node", "node2", "--accept-data-loss"}), 0);
  EXPECT_NE(err().find("Type redis to go on"), std::string::npos) << err();
  EXPECT_EQ(claims, 1);
}

TEST_F(CommandTest, ACancelledMigrationIsFollowedToItsEnd) {
  coordinator_.on_cancel_migration = [](const CancelMigrationRequest&) {
    return FromText<CancelMigrationResponse>(R"(migration { name: "migrations/7"
        application: "redis" source: "node1" destination: "node2"
        state: MIGRATION_STATE_ABORTING error: "cancelled by user/ann" })");
  };
  std::string end = R"(state: MIGRATION_STATE_ABORTED
                       error: "cancelled by user/ann; redis runs on node1 as before")";
  coordinator_.on_watch_migration = [&](const WatchMigrationRequest& request) {
    EXPECT_EQ(request.name(), "migrations/7");
    return FromText<WatchMigrationResponse>(R"(migration { name: "migrations/7"
        application: "redis" source: "node1" destination: "node2" )" +
                                            end + "}");
  };
  EXPECT_EQ(Run({"migrations", "cancel", "7"}), 0) << err();
  EXPECT_EQ(out(),
            "move redis from node1 to node2: aborted\n"
            "Migration 7 is aborted: cancelled by user/ann; redis runs on node1 as before.\n");
  EXPECT_EQ(Run({"migrations", "cancel", "7", "-o", "json"}), 0);
  EXPECT_NE(out().find("\"state\": \"ABORTED\""), std::string::npos) << out();

  end = "state: MIGRATION_STATE_DONE";
  EXPECT_EQ(Run({"migrations", "cancel", "7"}), 1);
  EXPECT_NE(err().find("migration 7 was not undone: redis moved"), std::string::npos) << err();
}

TEST_F(CommandTest, MigrationsAreListedShownWatchedAndCancelled) {
  coordinator_.on_list_migrations = [](const ListMigrationsRequest&) {
    return FromText<ListMigrationsResponse>(std::string("migrations { ") + kMigration + "}");
  };
  auto get = [](const std::string& name) {
    EXPECT_EQ(name, "7");
    return std::string("migration { ") + kMigration + "}";
  };
  coordinator_.on_get_migration = [&](const GetMigrationRequest& request) {
    return FromText<GetMigrationResponse>(get(request.name()));
  };
  coordinator_.on_watch_migration = [](const WatchMigrationRequest&) {
    return FromText<WatchMigrationResponse>(
        R"(migration { name: "migrations/7" application: "redis" source: "node1"
                       destination: "node2" state: MIGRATION_STATE_ABORTED
                       error: "the pool of node2 is full; redis runs on node1" })");
  };
  coordinator_.on_cancel_migration =
      [](const CancelMigrationRequest&) -> absl::StatusOr<CancelMigrationResponse> {
    return absl::FailedPreconditionError("migration 7 is committed; from there it only goes on");
  };
  EXPECT_EQ(Run({"migrations", "list"}), 0);
  EXPECT_EQ(out(),
            "MIGRATION  APPLICATION  FROM   TO     STATE  COPIED   FINAL  INTERRUPTION\n"
            "7          redis        node1  node2  DONE   1.0 KiB  10 B   500 ms\n");
  EXPECT_EQ(Run({"migrations", "show", "7"}), 0);
  EXPECT_NE(out().find("Interruption:  500 ms\n  copy     2.0 s\n"), std::string::npos) << out();
  EXPECT_EQ(Run({"migrations", "watch", "7"}), 1);
  EXPECT_EQ(err(),
            "drover: the move of redis from node1 to node2 was aborted: the pool of node2 is full; "
            "redis runs on node1\n");
  EXPECT_EQ(Run({"migrations", "cancel", "7"}), 1);
  EXPECT_EQ(err(), "drover: migration 7 is committed; from there it only goes on\n");
}

TEST_F(CommandTest, SaysWhichOptionIsMissing) {
  environment_.get_variable = [](const char*) { return std::string(); };
  EXPECT_EQ(Run({"status"}), 2);
  EXPECT_EQ(err(),
            "drover: no coordinator given; use --coordinator HOST:PORT or set "
            "DROVER_COORDINATOR\n");
  EXPECT_EQ(Run({"status", "--coordinator", "host"}), 2);
  EXPECT_EQ(err().rfind("drover: no certificates given; use --cert-dir DIR", 0), 0) << err();
  EXPECT_EQ(Run({"status", "--coordinator", "host", "--cert-dir", "d"}), 0);
  EXPECT_EQ(connected_to_, "host:7400 d");
}

TEST_F(CommandTest, TakesAnAddressWithAndWithoutAPort) {
  const std::pair<std::string, std::string> cases[] = {{"host", "host:7400"},
                                                       {"host:65535", "host:65535"},
                                                       {"192.0.2.1:1", "192.0.2.1:1"},
                                                       {"[::1]", "[::1]:7400"},
                                                       {"[::1]:80", "[::1]:80"}};
  for (const auto& [given, address] : cases) {
    EXPECT_EQ(Run({"status", "--coordinator", given}), 0) << err();
    EXPECT_EQ(connected_to_, address + " certs");
  }
}

TEST_F(CommandTest, RefusesAPortThatIsNone) {
  for (const std::string port : {"99999", "65536", "0", "-1", "http", ""}) {
    EXPECT_EQ(Run({"status", "--coordinator", "localhost:" + port}), 2);
    EXPECT_EQ(err(),
              "drover: \"localhost:" + port +
                  "\" is no address of a coordinator: behind the colon belongs a port from 1 "
                  "to 65535, such as localhost:7400\n");
    EXPECT_EQ(connected_to_, "");
  }
}

}  // namespace
}  // namespace drover::cli
