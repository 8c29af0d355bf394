#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/testing/command_test.h"

namespace drover::cli {
namespace {

class LocalCommandTest : public CommandTest {
 protected:
  LocalCommandTest() {
    std::string pattern = testing::TempDir() + "/localXXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~LocalCommandTest() override {
    EXPECT_EQ(connected_to_, "");
    std::filesystem::remove_all(folder_);
  }
  std::string Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ + "/" + name) << content;
    return folder_ + "/" + name;
  }
  std::string folder_;
};

TEST_F(LocalCommandTest, ConfigCheckSaysWhatIsWrong) {
  const std::string app = Write("app.yml", "version: 1\napplications: {a: {image: redis}}\n");
  const std::string good = Write("good.yml", "version: 1\nnodes: {n: [a]}\n");
  const std::string bad = Write("bad.yml", "version: 1\nnodes: {n: [b]}\n");
  EXPECT_EQ(Run({"config", "check", app, good}), 0) << err();
  EXPECT_EQ(out(), "Both files are right: applications 1, nodes 1.\n");
  EXPECT_EQ(Run({"config", "check", bad, app}), 2);
  EXPECT_EQ(err(),
            bad + ":2:13: nodes.n[0]: no application \"b\" in the application file; it has a\n");
  EXPECT_EQ(Run({"config", "check", bad, app, "-o", "json"}), 2);
  EXPECT_NE(out().find("\"line\": 2,\n      \"column\": 13,\n      \"field\": \"nodes.n[0]\""),
            std::string::npos)
      << out();
}

TEST_F(LocalCommandTest, ConfigCheckNamesNoLineOfAFileThatIsMissing) {
  const std::string app = Write("app.yml", "version: 1\napplications: {a: {image: redis}}\n");
  EXPECT_EQ(Run({"config", "check", app, folder_ + "/none.yml", "-o", "json"}), 2);
  EXPECT_EQ(err(), folder_ + "/none.yml: cannot be read: No such file or directory\n");
  EXPECT_NE(out().find("\"line\": null,\n      \"column\": null"), std::string::npos) << out();
}

// Of a pipe that is open and has nothing to read yet.
TEST_F(LocalCommandTest, CtrlCEndsTheReadingOfFiles) {
  const std::string app = Write("app.yml", "version: 1\napplications: {}\n");
  const std::string pipe = folder_ + "/dep.yml";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto interrupt = [&](const std::vector<std::string>& command, int signal_number) {
    signal(signal_number, SIG_DFL);  // Whatever runs the test may have it ignored.
    std::thread user([&] {
      const int writer = open(pipe.c_str(), O_WRONLY);
      kill(getpid(), signal_number);
      close(writer);
    });
    Run(command);
    user.join();
  };
  for (const int signal_number : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(interrupt({"config", "check", pipe, app}, signal_number),
                testing::KilledBySignal(signal_number), "");
    EXPECT_EXIT(interrupt({"deploy", app, pipe}, signal_number),
                testing::KilledBySignal(signal_number), "");
  }
}

TEST_F(LocalCommandTest, WrongUsageIsSaidAsAnyOtherError) {
  EXPECT_EQ(Run({"ca", "init"}), 2);
  EXPECT_EQ(err(), "drover: --cluster is required; `drover ca init --help` shows what it takes\n");
}

TEST_F(LocalCommandTest, CaMakesCertificates) {
  const std::string ca = folder_ + "/ca";
  EXPECT_EQ(Run({"ca", "init", "--cluster", "home", "--dir", ca}), 0) << err();
  for (std::vector<std::string> kind : {std::vector<std::string>{"node", "n1"},
                                        {"user", "u1"},
                                        {"coordinator"},
                                        {"server", "s1", "--san", "registry.home"}}) {
    std::vector<std::string> arguments = {"ca", "issue"};
    arguments.insert(arguments.end(), kind.begin(), kind.end());
    const std::string to = folder_ + "/" + kind[0];
    arguments.insert(arguments.end(), {"--dir", ca, "--out", to});
    EXPECT_EQ(Run(arguments), 0) << err();
    EXPECT_TRUE(std::filesystem::exists(to + "/tls.key"));
    EXPECT_EQ(Run(arguments), 1);
    EXPECT_EQ(err(), "drover: " + to +
                         "/tls.crt exists already; remove it first, or choose another folder\n");
  }
  EXPECT_EQ(Run({"ca", "init", "--cluster", "My Home", "--dir", folder_}), 2);
}

TEST_F(LocalCommandTest, CaSaysWhyItCannotLookIntoAFolder) {
  const std::string loop = folder_ + "/loop";
  std::filesystem::create_symlink(loop, loop);
  EXPECT_EQ(Run({"ca", "init", "--cluster", "home", "--dir", loop}), 1);
  EXPECT_EQ(err(), "drover: " + loop + "/ca.crt: Too many levels of symbolic links\n");
}

TEST_F(LocalCommandTest, CaTakesItsOptionsInAnyOrder) {
  const std::string ca = folder_ + "/ca";
  EXPECT_EQ(Run({"ca", "init", "--cluster", "home", "--dir", ca}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "server", "--san", "a.b", "registry", "--dir", ca, "--out",
                 folder_ + "/registry"}),
            0)
      << err();
}

TEST_F(LocalCommandTest, CaNamesNodesAsTheyCanBeRegistered) {
  const std::string ca = folder_ + "/ca";
  EXPECT_EQ(Run({"ca", "init", "--cluster", "home", "--dir", ca}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "node", "my_node", "--dir", ca}), 2);
  EXPECT_EQ(err(), "drover: \"my_node\" is no node name: use letters, digits, - and .\n");
}

TEST_F(LocalCommandTest, CaIssueKeepsKindsApart) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  EXPECT_EQ(Run({"ca", "init", "--cluster", "home"}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "node", "x"}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "user", "x"}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "node", "coordinator"}), 0) << err();
  EXPECT_EQ(Run({"ca", "issue", "coordinator"}), 0) << err();
  std::filesystem::current_path(before);
  for (const char* folder : {"node-x", "user-x", "node-coordinator", "coordinator"}) {
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/" + folder + "/tls.key")) << folder;
  }
}

TEST_F(LocalCommandTest, HelpIsThereAtEachLevel) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_NE(out().find("Exit codes:"), std::string::npos);
  EXPECT_EQ(out().find("__complete"), std::string::npos);
  for (std::vector<std::string> command : {std::vector<std::string>{"deploy"},
                                           {"plan"},
                                           {"move"},
                                           {"status"},
                                           {"nodes"},
                                           {"nodes", "list"},
                                           {"nodes", "add"},
                                           {"nodes", "remove"},
                                           {"volumes"},
                                           {"volumes", "list"},
                                           {"volumes", "snapshot"},
                                           {"volumes", "snapshots"},
                                           {"volumes", "rollback"},
                                           {"volumes", "claim"},
                                           {"volumes", "delete"},
                                           {"clone"},
                                           {"drain"},
                                           {"cordon"},
                                           {"uncordon"},
                                           {"migrations"},
                                           {"migrations", "list"},
                                           {"migrations", "show"},
                                           {"migrations", "watch"},
                                           {"migrations", "cancel"},
                                           {"routes"},
                                           {"doctor"},
                                           {"backup"},
                                           {"logs"},
                                           {"config"},
                                           {"config", "check"},
                                           {"ca"},
                                           {"ca", "init"},
                                           {"ca", "issue"},
                                           {"ca", "issue", "node"},
                                           {"ca", "issue", "server"},
                                           {"ca", "list"},
                                           {"ca", "revoke"},
                                           {"ca", "revoke", "node"},
                                           {"ca", "revoke", "user"},
                                           {"ca", "revoke", "coordinator"},
                                           {"ca", "revoke", "server"},
                                           {"version"},
                                           {"completion"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    EXPECT_EQ(Run(arguments), 0) << command.back() << err();
    EXPECT_NE(out().find("Example"), std::string::npos) << command.back() << out();
  }
}

TEST_F(LocalCommandTest, WrongUsageIsExitCodeTwo) {
  for (std::vector<std::string> arguments : {std::vector<std::string>{},
                                             {"nonsense"},
                                             {"nodes"},
                                             {"move", "redis"},
                                             {"move", "redis", "node2", "--bandwidth", "fast"},
                                             {"move", "redis", "node2", "--max-downtime", "500"},
                                             {"move", "redis", "node2", "--max-downtime", "0s"},
                                             {"status", "-o", "xml"},
                                             {"status", "--nonsense"},
                                             {"logs", "redis", "--tail", "0"}}) {
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_EQ(out(), "");
    EXPECT_NE(err(), "");
  }
}

TEST_F(LocalCommandTest, SaysInPlainWordsWhatAnOptionTakes) {
  for (const std::string value : {"-1", "0", "1.5", "x"}) {
    EXPECT_EQ(Run({"logs", "redis", "--tail", value}), 2);
    EXPECT_EQ(err(), "drover: --tail: takes a whole number of lines, 1 or more, not " + value +
                         "; `drover logs --help` shows what it takes\n");
  }
  for (const std::string value : {"0", "1001", "x"}) {
    EXPECT_EQ(Run({"drain", "node1", "--parallel", value}), 2);
    EXPECT_EQ(err(),
              "drover: --parallel: takes a whole number of applications, from 1 to 1000, not " +
                  value + "; `drover drain --help` shows what it takes\n");
  }
  EXPECT_EQ(Run({"nodes", "list", "--frob"}), 2);
  EXPECT_EQ(err(),
            "drover: The following argument was not expected: --frob; `drover nodes list --help` "
            "shows what it takes\n");
}

TEST_F(LocalCommandTest, NamesACommandThatDoesNotExist) {
  EXPECT_EQ(Run({"frobnicate"}), 2);
  EXPECT_EQ(err().rfind("drover: there is no command `frobnicate`\n\nThere are:\n  deploy ", 0), 0)
      << err();
  EXPECT_EQ(err().find("__complete"), std::string::npos) << err();
  EXPECT_EQ(Run({"--coordinator", "lab", "mvoe", "redis", "node2"}), 2);
  EXPECT_EQ(err().rfind("drover: there is no command `mvoe`; did you mean `move`?\n", 0), 0)
      << err();
  EXPECT_EQ(Run({"nodes", "drain", "x"}), 2);
  EXPECT_EQ(err(),
            "drover: there is no command `nodes drain`\n\nThere are:\n"
            "  list    Show the registered nodes\n"
            "  add     Register a node whose three services are running\n"
            "  remove  Forget a node that holds no application and no volume\n");
  EXPECT_EQ(Run({"nodes", "lst"}), 2);
  EXPECT_NE(err().find("did you mean `nodes list`?"), std::string::npos) << err();
  EXPECT_EQ(Run({"--frobnicate"}), 2);
  EXPECT_EQ(err(),
            "drover: there is no option `--frobnicate`; `drover --help` shows the options\n");
}

TEST_F(LocalCommandTest, WithoutACommandTheHelpOfTheLevelIsShown) {
  Run({"--help"});
  const std::string help = out();
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(err(), help);
  EXPECT_EQ(Run({"help"}), 0);
  EXPECT_EQ(out(), help);
  Run({"nodes", "--help"});
  const std::string nodes_help = out();
  EXPECT_EQ(Run({"nodes"}), 2);
  EXPECT_EQ(err(), nodes_help);
  EXPECT_EQ(Run({"help", "nodes"}), 0);
  EXPECT_EQ(out(), nodes_help);
}

TEST_F(LocalCommandTest, VersionIsAnOptionToo) {
  EXPECT_EQ(Run({"version"}), 0);
  const std::string version = out();
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(out(), version);
}

TEST_F(LocalCommandTest, VersionIsForProgramsToo) {
  EXPECT_EQ(Run({"version", "-o", "json"}), 0);
  EXPECT_EQ(out().rfind("{\n  \"version\": \"", 0), 0) << out();
}

TEST_F(LocalCommandTest, CompletionKnowsCommandsAndOptions) {
  EXPECT_EQ(Run({"__complete", "--", "nodes", ""}), 0);
  EXPECT_EQ(out(), "add\nlist\nremove\n");
  EXPECT_EQ(Run({"__complete", "--", "m"}), 0);
  EXPECT_EQ(out(), "migrations\nmove\n");
  EXPECT_EQ(Run({"__complete", "--", "move", "redis", "--c"}), 0);
  EXPECT_EQ(out(), "--cert-dir\n--coordinator\n");
  EXPECT_EQ(Run({"__complete", "--", "ca", ""}), 0);
  EXPECT_EQ(out(), "init\nissue\nlist\nrevoke\n");
  EXPECT_EQ(Run({"__complete", "--", "ca", "revoke", ""}), 0);
  EXPECT_EQ(out(), "coordinator\nnode\nserver\nuser\n");
  EXPECT_EQ(Run({"__complete", "--", "ca", "revoke", "user", "ann", "--s"}), 0);
  EXPECT_EQ(out(), "--serial\n");
  EXPECT_EQ(Run({"completion", "bash"}), 0);
  EXPECT_NE(out().find("complete -o default -F _drover drover"), std::string::npos);
  EXPECT_EQ(Run({"completion", "zsh"}), 0);
  EXPECT_EQ(out().rfind("#compdef drover", 0), 0);
}

}  // namespace
}  // namespace drover::cli
