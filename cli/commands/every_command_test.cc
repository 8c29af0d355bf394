// What holds for each command: how its answer looks to people and to programs, and its exit codes.
// What a command does beyond that is in the tests of its own.
#include <gmock/gmock.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/testing/command_test.h"
#include "services/common/status/reason.h"

namespace drover::cli {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

struct Row {
  // As it is typed; @ stands for a folder with the files of the test.
  std::string command;
  // Part of what it says to people.
  std::string text;
  // The members of the object that programs get, in order; empty if it has no form for programs.
  Words members;
  bool asks_the_coordinator = true;
};

const Words kDeployed = {"changed", "actions", "migrations", "warnings", "error"};
const Words kRevoked = {"changed", "crl", "certificates"};
const Words kMigration = absl::StrSplit(
    "name application source destination state requested_by create_time end_time rounds "
    "bulk_bytes final_bytes interruption_ms phases predicted_ms predicted_p95_ms max_downtime_ms "
    "missed progress_bytes "
    "progress_total_bytes waiting_for returned_by error",
    ' ');

Words With(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

const std::vector<Row>& Rows() {
  static const auto* rows = new std::vector<Row>{
      {"deploy @/dep.yml @/app.yml", "done    start redis on node1", kDeployed},
      {"plan @/dep.yml @/app.yml", "START  redis", kDeployed},
      {"move redis node2", "redis moved from node1 to node2",
       With(kMigration, {"changed", "warnings"})},
      {"drain node1", "Node node1 is cordoned", kDeployed},
      {"cordon node1", "Node node1 gets no further applications.", {"node", "cordoned"}},
      {"uncordon node1", "Node node1 takes applications again.", {"node", "cordoned"}},
      {"status", "NODE   ADDRESS", {"nodes", "applications", "volumes", "migrations", "recovery"}},
      {"nodes list", "NODE   ADDRESS", {"nodes"}},
      {"nodes add node1 192.0.2.11",
       "Node node1 at 192.0.2.11 is registered.",
       {"name", "address", "state", "cordoned", "problem"}},
      {"nodes remove node1", "Node node1 is removed.", {"removed"}},
      {"clone redis copy", "done    start redis on node1", kDeployed},
      {"volumes list", "VOLUME  OWNER", {"volumes"}},
      {"volumes claim redis --node node1 --accept-data-loss",
       "VOLUME  OWNER",
       {"changed", "volumes"}},
      {"volumes snapshot redis@before", "redis@before", {"snapshots"}},
      {"volumes snapshots", "VOLUME  SNAPSHOT", {"snapshots", "unreachable_nodes"}},
      {"volumes rollback redis@before --yes", "done    start redis on node1", kDeployed},
      {"volumes delete redis --yes", "Deleted: redis", {"changed"}},
      {"migrations list", "MIGRATION  APPLICATION", {"migrations"}},
      {"migrations show 7", "Interruption:", kMigration},
      {"migrations watch 7", "redis moved from node1 to node2",
       With(kMigration, {"changed", "warnings"})},
      {"migrations cancel 8", "Migration 8 is aborted", kMigration},
      {"deployments list", "DEPLOYMENT  STATE", {"deployments"}},
      {"deployments show d1", "done    start redis on node1",
       With(kDeployed, {"name", "command", "requested_by", "state", "create_time", "end_time"})},
      {"deployments watch d1", "done    start redis on node1", kDeployed},
      {"routes", "PORT  APPLICATION", {"revision", "routes"}},
      {"logs redis", "ready", {}},
      {"doctor", "Everything agrees with the journal.", {"findings"}},
      {"backup @/new.db", "new.db", {"file", "bytes"}},
      {"config check @/dep.yml @/app.yml", "Both files are right", {"valid", "problems"}, false},
      {"ca init --cluster home --dir @/new",
       "The authority of cluster home",
       {"cluster", "dir"},
       false},
      {"ca issue node n --dir @/ca --out @/new", "Wrote ca.crt", {"dir"}, false},
      {"ca issue user u --dir @/ca --out @/new", "Wrote ca.crt", {"dir"}, false},
      {"ca issue coordinator --dir @/ca --out @/new", "Wrote ca.crt", {"dir"}, false},
      {"ca issue server s --san s.home --dir @/ca --out @/new", "Wrote ca.crt", {"dir"}, false},
      {"ca list --dir @/ca", "SERIAL", {"certificates"}, false},
      // Of what the rows above have issued.
      {"ca revoke node n --dir @/ca", "Revoked. It is in force where", kRevoked, false},
      {"ca revoke user u --dir @/ca", "Revoked. It is in force where", kRevoked, false},
      {"ca revoke coordinator --dir @/ca", "Revoked. It is in force where", kRevoked, false},
      {"ca revoke server s --dir @/ca", "Revoked. It is in force where", kRevoked, false},
      {"version", "drover ", {"version"}, false},
      {"completion bash", "complete -o default", {}, false},
      {"completion zsh", "#compdef drover", {}, false},
  };
  return *rows;
}

Words MembersOf(const std::string& text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return {"no object"};
  Words members;
  for (const auto& member : value.as_object()) members.emplace_back(member.key());
  return members;
}

class EveryCommandTest : public CommandTest {
 protected:
  EveryCommandTest() {
    std::string pattern = testing::TempDir() + "/everyXXXXXX";
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ + "/dep.yml") << "version: 1\nnodes: {node1: [redis]}\n";
    std::ofstream(folder_ + "/app.yml") << "version: 1\napplications: {redis: {image: redis}}\n";
    EXPECT_EQ(Run({"ca", "init", "--cluster", "home", "--dir", folder_ + "/ca"}), 0) << err();
    AnswerWell();
  }
  ~EveryCommandTest() override { std::filesystem::remove_all(folder_); }

  // As on a cluster where all goes well.
  void AnswerWell();
  // Every call.
  void Refuse(const absl::Status& status);

  int RunRow(const Row& row, const Words& more = {}) {
    for (const char* made : {"/new", "/new.db"}) std::filesystem::remove_all(folder_ + made);
    Words words = absl::StrSplit(row.command, ' ');
    for (std::string& word : words) {
      if (word[0] == '@') word = folder_ + word.substr(1);
    }
    return Run(With(words, more));
  }

  // The commands that have none below them, as shells are told of them.
  void CollectCommands(const Words& level, std::set<std::string>& commands) {
    EXPECT_EQ(Run(With(With({"__complete", "--"}, level), {""})), 0);
    const Words below = absl::StrSplit(out(), '\n', absl::SkipEmpty());
    if (below.empty()) commands.insert(absl::StrJoin(level, " "));
    for (const std::string& name : below) CollectCommands(With(level, {name}), commands);
  }

  std::string folder_;
};

void EveryCommandTest::AnswerWell() {
  constexpr char kDeployment[] = R"(deployment { name: "deployments/d1" state: DEPLOYMENT_STATE_DONE
      actions { kind: ACTION_KIND_START application: "redis" to: "node1" state: ACTION_STATE_DONE } })";
  constexpr char kPlan[] = R"(plan { fingerprint: "f"
      actions { kind: ACTION_KIND_START application: "redis" to: "node1" } })";
  constexpr char kDone[] = R"(name: "migrations/7" application: "redis" source: "node1"
      destination: "node2" state: MIGRATION_STATE_DONE interruption { nanos: 500000000 })";
  constexpr char kAborted[] = R"(name: "migrations/8" application: "redis" source: "node1"
      destination: "node2" state: MIGRATION_STATE_ABORTED error: "cancelled by user/ann")";
  constexpr char kNode[] =
      R"({ name: "nodes/node1" address: "192.0.2.11"
      state: NODE_STATE_READY cordoned: true })";
  constexpr char kVolume[] = R"({ name: "redis" owner: "node1" state: GROUP_STATE_OWNED })";
  constexpr char kSnapshot[] = R"(snapshots { volume: "redis" name: "before" node: "node1" })";
  auto answer = [](auto& on, std::string text) {
    on = [text](const auto&) {
      typename std::decay_t<decltype(on)>::result_type::value_type response;
      EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &response)) << text;
      return response;
    };
  };
  auto& c = coordinator_;
  answer(c.on_plan_deployment, kPlan);
  answer(c.on_plan_drain, kPlan);
  answer(c.on_create_deployment, kDeployment);
  answer(c.on_create_drain, absl::StrCat(kDeployment, R"(node: "node1")"));
  answer(c.on_create_clone, kDeployment);
  answer(c.on_create_roll_back, kDeployment);
  answer(c.on_get_deployment, kDeployment);
  answer(c.on_list_deployments,
         absl::StrReplaceAll(kDeployment, {{"deployment {", "deployments {"}}));
  answer(c.on_watch_deployment, kDeployment);
  answer(c.on_set_cordoned, absl::StrCat("node ", kNode));
  answer(c.on_get_cluster_status,
         absl::StrCat("status { nodes ", kNode, " volumes ", kVolume, "}"));
  answer(c.on_list_nodes, absl::StrCat("nodes ", kNode));
  answer(c.on_add_node, absl::StrCat("node ", kNode));
  answer(c.on_claim_volumes, absl::StrCat("volumes ", kVolume));
  answer(c.on_create_snapshots, kSnapshot);
  answer(c.on_list_snapshots, kSnapshot);
  answer(c.on_create_migration, absl::StrCat("migration {", kDone, "}"));
  answer(c.on_get_migration, absl::StrCat("migration {", kDone, "}"));
  answer(c.on_list_migrations, absl::StrCat("migrations {", kDone, "}"));
  answer(c.on_cancel_migration, absl::StrCat("migration {", kAborted, "}"));
  c.on_watch_migration = [=](const coordinator::v1::WatchMigrationRequest& request) {
    return FromText<coordinator::v1::WatchMigrationResponse>(
        absl::StrCat("migration {", request.name() == "migrations/8" ? kAborted : kDone, "}"));
  };
  answer(c.on_list_routes, R"(routes { external_port: 80 application: "redis" node: "node1" })");
  answer(c.on_stream_application_logs, R"(data: "ready\n")");
  answer(c.on_back_up, R"(data: "SQLite format 3\000" total_bytes: 16)");
}

void EveryCommandTest::Refuse(const absl::Status& status) {
  auto refuse = [&](auto&... on) { ((on = [status](const auto&) { return status; }), ...); };
  auto& c = coordinator_;
  refuse(c.on_add_node, c.on_remove_node, c.on_list_nodes, c.on_get_cluster_status,
         c.on_list_routes, c.on_plan_deployment, c.on_create_deployment, c.on_get_deployment,
         c.on_list_deployments, c.on_watch_deployment, c.on_set_cordoned, c.on_plan_drain,
         c.on_create_drain, c.on_create_migration, c.on_get_migration, c.on_list_migrations,
         c.on_cancel_migration, c.on_watch_migration, c.on_claim_volumes,
         c.on_delete_diverged_volumes, c.on_delete_volumes, c.on_create_snapshots,
         c.on_list_snapshots, c.on_delete_snapshots, c.on_create_roll_back, c.on_create_clone,
         c.on_stream_application_logs, c.on_back_up, c.on_diagnose, c.on_adopt);
}

TEST_F(EveryCommandTest, IsHere) {
  std::set<std::string> commands;
  CollectCommands({}, commands);
  for (const Row& row : Rows()) {
    // The longest command that its words begin with.
    std::string words = row.command;
    while (!commands.contains(words) && !words.empty()) {
      words.resize(words.find_last_of(' ') == std::string::npos ? 0 : words.find_last_of(' '));
    }
    EXPECT_EQ(commands.erase(words), 1u) << row.command;
  }
  EXPECT_THAT(commands, IsEmpty()) << "add a row for each";
}

TEST_F(EveryCommandTest, SpeaksToPeople) {
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.command);
    EXPECT_EQ(RunRow(row), 0) << err();
    EXPECT_THAT(out(), HasSubstr(row.text));
    EXPECT_EQ(out().back(), '\n');
    EXPECT_EQ(out().find('\033'), std::string::npos);
  }
}

TEST_F(EveryCommandTest, SpeaksToPrograms) {
  for (const Row& row : Rows()) {
    if (row.members.empty()) continue;
    SCOPED_TRACE(row.command);
    EXPECT_EQ(RunRow(row, {"-o", "json"}), 0) << err();
    EXPECT_THAT(MembersOf(out()), ElementsAreArray(row.members));
    EXPECT_EQ(RunRow(row, {"-o", "yaml"}), 0) << err();
    EXPECT_EQ(out().rfind(row.members[0] + ":", 0), 0u) << out();
  }
}

TEST_F(EveryCommandTest, FailsWithOneIfItIsRefused) {
  Refuse(absl::FailedPreconditionError("it is not the time for that"));
  for (const Row& row : Rows()) {
    if (!row.asks_the_coordinator) continue;
    SCOPED_TRACE(row.command);
    EXPECT_EQ(RunRow(row), 1);
    EXPECT_THAT(err(), HasSubstr("drover: it is not the time for that\n"));
    EXPECT_EQ(out(), "");
  }
}

TEST_F(EveryCommandTest, FailsWithTwoIfItIsAskedForWhatIsNot) {
  Refuse(StatusWithReason(absl::StatusCode::kInvalidArgument, "UNKNOWN_NODE",
                          "no node `node1` is registered"));
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.command);
    EXPECT_EQ(RunRow(row, {"--no-such-option"}), 2);
    EXPECT_THAT(err(), HasSubstr("--no-such-option"));
    EXPECT_EQ(out(), "");
    if (!row.asks_the_coordinator) continue;
    EXPECT_EQ(RunRow(row), 2);
    EXPECT_THAT(err(), HasSubstr("drover: no node `node1` is registered\n"));
    EXPECT_EQ(out(), "");
  }
}

TEST_F(EveryCommandTest, FailsWithThreeIfNobodyAnswers) {
  is_connected_ = false;
  Refuse(absl::UnavailableError("connection refused"));
  for (const Row& row : Rows()) {
    if (!row.asks_the_coordinator) continue;
    SCOPED_TRACE(row.command);
    EXPECT_EQ(RunRow(row), 3);
    EXPECT_THAT(err(), HasSubstr("drover: cannot reach the coordinator at lab:7400; "));
    EXPECT_EQ(out(), "");
  }
}

TEST_F(EveryCommandTest, EndsWith130WheneverCtrlCComes) {
  int calls = 0;
  int interrupted_call = 0;
  coordinator_.on_call = [&](std::string) -> Task<void> {
    if (++calls == interrupted_call) co_await PressCtrlC();
  };
  std::vector<Row> rows = Rows();
  for (const char* command : {"deploy @/dep.yml @/app.yml --dry-run", "drain node1 --dry-run",
                              "uncordon node1 --restore", "logs redis -f", "doctor --adopt"}) {
    rows.push_back({command, "", {}});
  }
  for (const Row& row : rows) {
    if (!row.asks_the_coordinator) continue;
    SCOPED_TRACE(row.command);
    calls = interrupted_call = 0;
    EXPECT_EQ(RunRow(row), 0) << err();
    const int all = calls;
    EXPECT_GT(all, 0);
    while (interrupted_call++ < all) {
      calls = 0;
      EXPECT_EQ(RunRow(row), 130) << interrupted_call;
      EXPECT_THAT(err(), Not(HasSubstr("drover: ")));
    }
  }
}

TEST_F(EveryCommandTest, CtrlCSaysWhatBecomesOfWhatWasAskedFor) {
  const std::string sent =
      "\nThe order is carried out if it has reached the coordinator; see `drover status` and "
      "`drover deployments list`.\n";
  const std::string unchanged = "\nNothing was changed.\n";
  const std::string deployment =
      "\nThe deployment goes on. Come back with `drover deployments watch d1`; undo a move with "
      "`drover migrations cancel ID`.\n";
  const std::string move =
      "\nThe move goes on. Watch it with `drover migrations watch 7`, undo it with `drover "
      "migrations cancel 7`.\n";
  const struct {
    const char* command;
    const char* call;
    std::string said;
  } rows[] = {
      {"deploy @/dep.yml @/app.yml", "PlanDeployment", unchanged},
      {"deploy @/dep.yml @/app.yml", "CreateDeployment", sent},
      {"deploy @/dep.yml @/app.yml", "WatchDeployment", deployment},
      {"drain node1", "PlanDrain", unchanged},
      {"drain node1", "CreateDrain", sent},
      {"drain node1", "WatchDeployment", deployment},
      {"uncordon node1 --restore", "CreateDrain", sent},
      {"uncordon node1 --restore", "WatchDeployment", deployment},
      {"cordon node1", "SetCordoned", sent},
      {"uncordon node1", "SetCordoned", sent},
      {"move redis node2", "CreateMigration", sent},
      {"move redis node2", "WatchMigration", move},
      {"migrations watch 7", "WatchMigration", move},
      {"migrations cancel 8", "CancelMigration", sent},
      {"deployments watch d1", "WatchDeployment", deployment},
      {"nodes add node1 192.0.2.11", "AddNode", sent},
      {"nodes remove node1", "RemoveNode", sent},
      {"clone redis copy", "CreateClone", sent},
      {"clone redis copy", "WatchDeployment", deployment},
      // The first one only asks whether it may.
      {"volumes claim redis --node node1 --accept-data-loss", "ClaimVolumes", sent},
      {"volumes snapshot redis@before", "CreateSnapshots", sent},
      {"volumes rollback redis@before --yes", "CreateRollBack", sent},
      {"volumes rollback redis@before --yes", "WatchDeployment", deployment},
      {"volumes delete redis --yes", "DeleteVolumes", sent},
      {"volumes delete redis@before --yes", "DeleteSnapshots", sent},
      {"volumes delete redis --node node1 --yes", "DeleteDivergedVolumes", sent},
      {"doctor --adopt", "Adopt", sent},
      {"status", "GetClusterStatus", "\n"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.command) + " at " + row.call);
    int calls = 0;
    int last = 0;
    coordinator_.on_call = [&](std::string call) -> Task<void> {
      if (call == row.call && ++calls == last) co_await PressCtrlC();
    };
    EXPECT_EQ(RunRow({row.command, "", {}}), 0) << err();
    last = calls;
    calls = 0;
    EXPECT_EQ(RunRow({row.command, "", {}}), 130);
    EXPECT_THAT(err(), StartsWith(row.said));
  }
}

}  // namespace
}  // namespace drover::cli
