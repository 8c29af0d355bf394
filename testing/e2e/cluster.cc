#include "testing/e2e/cluster.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "testing/e2e/lab_report.h"
#include "testing/lab/engine.h"
#include "testing/lab/lab_json.h"

namespace drover::e2e {
namespace {

constexpr char kContainerPrefix[] = "drover--";

// Longer than any test takes, much shorter than the time limit of all of them together.
constexpr absl::Duration kTestLimit = absl::Minutes(4);

std::string MakeFolder() {
  std::string pattern = "/tmp/drover-e2e-XXXXXX";
  return mkdtemp(pattern.data());
}

std::string Variable(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value == nullptr ? otherwise : value;
}

lab::Engine EngineOfNodes() {
  return lab::ParseEngine(Variable("DROVER_ENGINE", "docker")).value();
}

std::string Text(const boost::json::value& value) {
  return value.is_null() ? "" : std::string(value.as_string());
}

// The records among lines of "dataset TAB property TAB value". One that is too long for a property
// is in parts, and `drover:record` names their set and number: "a3" means drover:record-a0 to -a2.
std::vector<std::string> ZfsRecords(absl::string_view lines) {
  std::map<std::string, std::map<std::string, std::string>> properties;
  for (absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (fields.size() == 3) properties[fields[0]][fields[1]] = fields[2];
  }
  std::vector<std::string> records;
  for (auto& [dataset, of_dataset] : properties) {
    const std::string value = of_dataset["drover:record"];
    if (value.empty() || value[0] == '{') {
      if (!value.empty()) records.push_back(value);
      continue;
    }
    records.emplace_back();
    for (int part = 0; part < std::stoi(value.substr(1)); ++part) {
      records.back() += of_dataset[absl::StrCat("drover:record-", value.substr(0, 1), part)];
    }
  }
  return records;
}

}  // namespace

lab::Backend BackendOfNodes() {
  return lab::ParseBackend(Variable("DROVER_BACKEND", "btrfs")).value();
}

std::string WhatIsMissing() {
  if (geteuid() != 0) return "needs root: namespaces, mounts and container engines";
  return std::string(lab::CheckEngine(EngineOfNodes()).message());
}

Cluster::Cluster(lab::Backend backend, int nodes) : backend_(backend), folder_(MakeFolder()) {
  const char* bin_dir = getenv("DROVER_BIN");
  if (bin_dir == nullptr)
    throw std::runtime_error("DROVER_BIN is not set: run the tests by ./test");
  lab::LabOptions options;
  options.name = absl::StrCat("e2e-", getpid());
  options.nodes = nodes;
  options.backend = backend;
  options.engine = EngineOfNodes();
  options.bin_dir = bin_dir;
  absl::StatusOr<lab::Lab> lab = lab::Lab::Up(options);
  if (!lab.ok()) {
    lab::Lab::Down(options.name).IgnoreError();  // The reason of the failed Up matters more.
    throw std::runtime_error(lab.status().ToString());
  }
  lab_ = std::make_unique<lab::Lab>(*std::move(lab));
  absl::StatusOr<std::string> image = lab_->MakeImage("redis");
  if (!image.ok()) throw std::runtime_error(image.status().ToString());
  redis_image_ = *std::move(image);
  watch_ = std::make_unique<TestWatch>(
      kTestLimit, [this] { return LabReport(*lab_); },
      [this] { lab::Lab::Down(lab_->name()).IgnoreError(); });
  testing::UnitTest::GetInstance()->listeners().Append(watch_.get());
}

Cluster::~Cluster() {
  if (watch_ != nullptr) testing::UnitTest::GetInstance()->listeners().Release(watch_.get());
  if (lab_ != nullptr) {
    absl::Status down = lab::Lab::Down(lab_->name());
    EXPECT_TRUE(down.ok()) << down;
  }
  std::filesystem::remove_all(folder_);
}

CommandOutcome Cluster::Drover(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"drover"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  absl::StatusOr<CommandOutcome> outcome = lab_->Run("client", command);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.value_or(CommandOutcome{-1, "", ""});
}

boost::json::object Cluster::DroverJson(std::vector<std::string> arguments, int exit_code) {
  arguments.insert(arguments.end(), {"-o", "json"});
  const CommandOutcome outcome = Drover(arguments);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.output << outcome.error_output;
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(outcome.output, error);
  EXPECT_FALSE(error) << "no JSON: " << outcome.output << outcome.error_output;
  return value.is_object() ? value.as_object() : boost::json::object();
}

std::vector<std::string> Cluster::WriteFiles(const std::vector<App>& apps,
                                             const Placement& placement) {
  std::ofstream application(folder_ + "/application.yml");
  application << "version: 1\napplications:" << (apps.empty() ? " {}" : "") << "\n";
  for (const App& app : apps) {
    application << "  " << app.name << ":\n";
    if (!absl::StrContains(app.more, "image:")) {
      application << "    image: \"" << redis_image_ << "\"\n";
    }
    if (app.external_port != 0) {
      application << "    ports:\n    - internal: 6379\n      external: " << app.external_port
                  << "\n";
    }
    if (!absl::StrContains(app.more, "volume")) {
      application << "    volume:\n      mountpoint: \"/data\"\n";
    }
    application << app.more;
  }
  std::ofstream deployment(folder_ + "/deployment.yml");
  deployment << "version: 1\nnodes:\n";
  for (const auto& [node, names] : placement) {
    deployment << "  \"" << node << "\": [" << absl::StrJoin(names, ", ") << "]\n";
  }
  return {folder_ + "/deployment.yml", folder_ + "/application.yml"};
}

boost::json::object Cluster::Deploy(const std::vector<App>& apps, const Placement& placement,
                                    int exit_code) {
  std::vector<std::string> arguments = {"deploy", "--yes"};
  for (const std::string& file : WriteFiles(apps, placement)) arguments.push_back(file);
  return DroverJson(arguments, exit_code);
}

std::string Cluster::Redis(const std::string& node, int port,
                           const std::vector<std::string>& command) {
  std::vector<std::string> line = {"redis-cli", "-h", node, "-p", absl::StrCat(port)};
  line.insert(line.end(), command.begin(), command.end());
  // A Redis that has just started accepts, but says LOADING until it has read its data.
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  std::string answer;
  do {
    absl::StatusOr<CommandOutcome> outcome = lab_->Run("client", line);
    if (!outcome.ok()) return outcome.status().ToString();
    answer = outcome->output + outcome->error_output;
  } while (absl::StartsWith(answer, "LOADING") && absl::Now() < deadline);
  return std::string(absl::StripTrailingAsciiWhitespace(answer));
}

std::string Cluster::StartOf(const std::string& node, const std::string& app) {
  const absl::StatusOr<std::string> start =
      lab_->RunOk(node, {"docker", "inspect", "-f", "{{.Id}} {{.State.StartedAt}}",
                         absl::StrCat(kContainerPrefix, app)});
  EXPECT_TRUE(start.ok()) << start.status();
  return start.value_or("");
}

boost::json::object Cluster::Find(const std::string& list, const std::string& name) {
  const boost::json::object status = DroverJson({"status"});
  for (const boost::json::value& entry : status.at(list).as_array()) {
    if (Text(entry.at("name")) == name) return entry.as_object();
  }
  ADD_FAILURE() << "no " << name << " in the " << list << " of the status";
  return boost::json::object();
}

boost::json::object Cluster::LastMigration() {
  const boost::json::object list = DroverJson({"migrations", "list"});
  const boost::json::array& migrations = list.at("migrations").as_array();
  return migrations.empty() ? boost::json::object() : migrations.back().as_object();
}

void Cluster::FillRedis(const std::string& node, int port, int megabytes) {
  const std::string script =
      "for i = 1, ARGV[1] do redis.call('set', 'fill'..i, string.rep('x', 1000)) end return "
      "'filled'";
  // A Redis that compacts its log would write all of it anew, at a moment of its own.
  EXPECT_EQ(Redis(node, port, {"config", "set", "auto-aof-rewrite-percentage", "0"}), "OK");
  EXPECT_EQ(Redis(node, port, {"eval", script, "0", absl::StrCat(megabytes * 1000)}), "filled");
}

std::map<std::string, std::string> Cluster::Containers(const std::string& node) {
  absl::StatusOr<std::string> output =
      lab_->RunOk(node, {"docker", "ps", "--all", "--format", "{{.Names}} {{.State}}"});
  EXPECT_TRUE(output.ok()) << output.status();
  std::map<std::string, std::string> containers;
  for (absl::string_view line : absl::StrSplit(output.value_or(""), '\n', absl::SkipEmpty())) {
    if (!absl::ConsumePrefix(&line, kContainerPrefix)) continue;
    const std::pair<std::string, std::string> words = absl::StrSplit(line, ' ');
    containers[words.first] = words.second;
  }
  return containers;
}

std::map<std::string, std::string> Cluster::Records(const std::string& node) {
  // What is stored with the data, read past Drover.
  std::vector<std::string> texts;
  if (backend_ == lab::Backend::kBtrfs) {
    const char* read =
        "for f in /flocker/drover/apps/*/record.json; do [ ! -e $f ] || cat $f; done";
    absl::StatusOr<std::string> output = lab_->RunOk(node, {"sh", "-c", read});
    EXPECT_TRUE(output.ok()) << output.status();
    texts = absl::StrSplit(output.value_or(""), '\n', absl::SkipEmpty());
  } else {
    absl::StatusOr<std::string> output = lab_->RunOk(
        node,
        {"zfs", "get", "-H", "-r", "-s", "local", "-o", "name,property,value", "all", "flocker"});
    EXPECT_TRUE(output.ok()) << output.status();
    texts = ZfsRecords(output.value_or(""));
  }
  std::map<std::string, std::string> records;
  for (const std::string& text : texts) {
    const boost::json::object record = boost::json::parse(text).as_object();
    records[Text(record.at("application"))] = Text(record.at("state"));
  }
  return records;
}

void Cluster::ExpectNodesReady() {
  Eventually("the return of all nodes", absl::Seconds(2), [this] {
    const boost::json::object status = DroverJson({"nodes", "list"});
    bool ready = true;
    for (const boost::json::value& node : status.at("nodes").as_array()) {
      ready &= Text(node.at("state")) == "READY";
    }
    return ready;
  });
}

void Cluster::ExpectAgreement() {
  ExpectNodesReady();
  const boost::json::object status = DroverJson({"status"});
  EXPECT_TRUE(status.at("migrations").as_array().empty());
  std::map<std::string, std::map<std::string, std::string>> records;
  std::map<std::string, std::set<std::string>> expected_containers;
  for (const boost::json::value& node : status.at("nodes").as_array()) {
    const std::string name = Text(node.at("name"));
    EXPECT_EQ(Text(node.at("state")), "READY") << name;
    records[name] = Records(name);
    expected_containers[name];
  }
  for (const boost::json::value& app : status.at("applications").as_array()) {
    if (Text(app.at("state")) == "STOPPED") continue;
    EXPECT_EQ(Text(app.at("state")), "RUNNING") << Text(app.at("name"));
    expected_containers[Text(app.at("node"))].insert(Text(app.at("name")));
  }
  for (const auto& [node, names] : expected_containers) {
    std::set<std::string> found;
    for (const auto& [name, state] : Containers(node)) {
      EXPECT_EQ(state, "running") << name << " on " << node;
      found.insert(name);
    }
    EXPECT_EQ(found, names) << "containers on " << node;
  }
  for (const boost::json::value& volume : status.at("volumes").as_array()) {
    const std::string name = Text(volume.at("name"));
    const std::string application = name.substr(0, name.find(':'));
    const std::string owner = Text(volume.at("owner"));
    EXPECT_EQ(Text(volume.at("state")), "OWNED") << name;
    for (const auto& [node, states] : records) {
      auto found = states.find(application);
      const std::string state = found == states.end() ? "nothing" : found->second;
      if (node == owner) {
        EXPECT_EQ(state, "OWNED") << name << " on its owner " << node;
      } else {
        EXPECT_TRUE(state == "nothing" || state == "RETIRED" || state == "DISCARDED")
            << name << " is " << state << " on " << node << ", but its owner is " << owner;
      }
    }
  }
}

void Cluster::Eventually(const std::string& what, absl::Duration limit,
                         const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + limit;
  while (!condition()) {
    // Another machine's daemon is waited for: there is no event to wait on, only its state to ask.
    ASSERT_LT(absl::Now(), deadline) << what << " did not happen within " << limit;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

}  // namespace drover::e2e
