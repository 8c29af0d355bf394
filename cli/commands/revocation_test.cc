#include <gmock/gmock.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>

#include "cli/testing/command_test.h"
#include "services/common/tls/authority_folder.h"

namespace drover::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

// Another command that is at work in the authority's folder, while this one sleeps.
class OtherCommand : public Sleeper {
 public:
  explicit OtherCommand(const std::string& authority) : lock_(LockAuthority(authority).value()) {}
  Task<void> SleepFor(absl::Duration duration) override {
    slept += duration;
    if (++sleeps_ != ends_in_sleep) co_return;
    lock_.Reset();
    if (is_interrupted) co_await PressCtrlC();
  }
  // 0: never.
  int ends_in_sleep = 0;
  // Whether Ctrl-C is pressed then.
  bool is_interrupted = false;
  absl::Duration slept;

 private:
  UniqueFd lock_;
  int sleeps_ = 0;
};

class RevocationTest : public CommandTest {
 protected:
  RevocationTest() {
    std::string pattern = testing::TempDir() + "/revokeXXXXXX";
    folder_ = mkdtemp(pattern.data());
    EXPECT_EQ(RunCa({"init", "--cluster", "home"}), 0) << err();
  }
  ~RevocationTest() override {
    EXPECT_EQ(connected_to_, "");
    std::filesystem::remove_all(folder_);
  }

  // Runs `drover ca ARGUMENTS… --dir AUTHORITY`.
  int RunCa(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ca");
    arguments.insert(arguments.end(), {"--dir", folder_ + "/ca"});
    return Run(std::move(arguments));
  }
  void IssueUser(const std::string& name, const std::string& to) {
    EXPECT_EQ(RunCa({"issue", "user", name, "--out", folder_ + "/" + to}), 0) << err();
  }
  // The document that was printed.
  boost::json::object Answer() {
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(out(), error);
    EXPECT_FALSE(error) << out();
    return value.is_object() ? value.as_object() : boost::json::object();
  }
  // A member of it, as JSON.
  std::string Member(const std::string& name) { return boost::json::serialize(Answer()[name]); }
  boost::json::array List() {
    EXPECT_EQ(RunCa({"list", "-o", "json"}), 0) << err();
    return Answer()["certificates"].as_array();
  }

  // Of the certificate of that place in the list.
  std::string ListedState(size_t place) { return List().at(place).at("state").as_string().c_str(); }

  std::string folder_;
};

TEST_F(RevocationTest, ListsWhatWasIssued) {
  EXPECT_EQ(RunCa({"list"}), 0) << err();
  EXPECT_EQ(out(), "No certificates are recorded.\n");
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"list"}), 0) << err();
  EXPECT_THAT(out(), MatchesRegex("SERIAL +IDENTITY +VALID UNTIL +STATE\n"
                                  "[0-9A-F]+ +spiffe://home/user/ann +2025-11-1[45] [0-9:]+ +"
                                  "VALID\n"));
  const boost::json::array list = List();
  const std::string serial = list.at(0).at("serial").as_string().c_str();
  EXPECT_EQ(boost::json::serialize(list),
            "[{\"serial\":\"" + serial +
                "\",\"identity\":\"spiffe://home/user/ann\",\"expire_time\":"
                "\"2025-11-14T22:13:20+00:00\",\"state\":\"VALID\",\"revoke_time\":null}]");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/ca/issued/" + serial + ".crt"));
  clock_.Advance(absl::Hours(24 * 732));
  EXPECT_EQ(ListedState(0), "EXPIRED");
}

TEST_F(RevocationTest, RevokesAndSaysWhatToDoNext) {
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("REVOKED\nRevoked. It is in force where " + folder_ +
                               "/ca/ca.crl is: copy it beside ca.crt into the folder of "
                               "certificates of each machine (/etc/drover/tls, and the "
                               "coordinator's), and of each user of drover (--cert-dir). What runs "
                               "there reads it within ten seconds, without a restart.\n"));
  EXPECT_EQ(ListedState(0), "REVOKED");
  EXPECT_EQ(boost::json::serialize(List().at(0).at("revoke_time")),
            "\"2023-11-14T22:13:20+00:00\"");
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("REVOKED\nRevoked already; nothing was changed. It is in force"));
}

TEST_F(RevocationTest, SaysThatOtherProgramsDoNotReadTheList) {
  EXPECT_EQ(RunCa({"issue", "server", "hub", "--san", "hub.home", "--out", folder_ + "/hub"}), 0)
      << err();
  EXPECT_EQ(RunCa({"revoke", "server", "hub"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("without a restart. Other programs than Drover, such as Docker, do "
                               "not read it and go on accepting this certificate: replace it on "
                               "the server by a new one of `drover ca issue server`.\n"));
}

TEST_F(RevocationTest, TellsProgramsWhatChanged) {
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"revoke", "user", "ann", "-o", "json"}), 0) << err();
  EXPECT_EQ(Member("changed"), "true");
  EXPECT_EQ(Member("crl"), "\"" + folder_ + "/ca/ca.crl\"");
  EXPECT_THAT(Member("certificates"), HasSubstr("\"state\":\"REVOKED\""));
  EXPECT_EQ(RunCa({"revoke", "user", "ann", "-o", "json"}), 0) << err();
  EXPECT_EQ(Member("changed"), "false");
  EXPECT_EQ(Answer()["certificates"].as_array().size(), 1u);
}

TEST_F(RevocationTest, RevokesWhatHasExpired) {
  IssueUser("ann", "ann");
  clock_.Advance(absl::Hours(24 * 732));
  EXPECT_EQ(ListedState(0), "EXPIRED");
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_EQ(ListedState(0), "REVOKED");
}

TEST_F(RevocationTest, RevokesOneOfSeveral) {
  IssueUser("ann", "ann");
  clock_.Advance(absl::Hours(1));
  IssueUser("ann", "ann2");
  const std::string serial = List().at(0).at("serial").as_string().c_str();
  EXPECT_EQ(RunCa({"revoke", "user", "ann", "--serial", serial}), 0) << err();
  EXPECT_EQ(ListedState(0), "REVOKED");
  EXPECT_EQ(ListedState(1), "VALID");
}

// Such as the new one of a machine that is to go on.
TEST_F(RevocationTest, SaysWhenItHasRevokedSeveral) {
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  for (const char* folder : {"ann2", "ann3"}) {
    clock_.Advance(absl::Hours(1));
    IssueUser("ann", folder);
  }
  const boost::json::array list = List();
  auto serial = [&list](size_t place) {
    return std::string(list.at(place).at("serial").as_string().c_str());
  };
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("REVOKED\nRevoked 2 certificates: " + serial(1) + ", " + serial(2) +
                               ". If one of them is in use, replace it by a new one of `drover ca "
                               "issue`; --serial SERIAL takes back one alone. It is in force"));
}

TEST_F(RevocationTest, ANewCertificateComesWithTheList) {
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_EQ(RunCa({"issue", "user", "ann", "--out", folder_ + "/ann2"}), 0) << err();
  EXPECT_EQ(out(), "Wrote ca.crt, ca.crl, tls.crt and tls.key to " + folder_ +
                       "/ann2. Bring them to where they are used; tls.key is secret.\n");
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/ann2/ca.crl"));
}

TEST_F(RevocationTest, SaysWhyThereIsNothingToRevoke) {
  EXPECT_EQ(RunCa({"revoke", "node", "n1"}), 1);
  EXPECT_THAT(err(), StartsWith("drover: no certificate of spiffe://home/node/n1 is recorded; "
                                "`drover ca list --dir "));
  IssueUser("ann", "ann");
  EXPECT_EQ(RunCa({"revoke", "user", "ann", "--serial", "12"}), 1);
  EXPECT_THAT(err(), StartsWith("drover: no certificate of spiffe://home/user/ann has the serial "
                                "number 12; `drover ca list --dir "));
  EXPECT_EQ(out(), "");
  EXPECT_EQ(Run({"ca", "list", "--dir", folder_}), 1);
  EXPECT_THAT(err(), StartsWith("drover: no certificate authority in " + folder_));
  EXPECT_EQ(RunCa({"revoke"}), 2);
  EXPECT_EQ(RunCa({"revoke", "user"}), 2);
  EXPECT_THAT(
      err(),
      StartsWith("drover: NAME is required; `drover ca revoke user --help` shows what it takes\n"));
}

TEST_F(RevocationTest, WaitsForAnotherCommandThatIsAtWorkThere) {
  IssueUser("ann", "ann");
  OtherCommand other(folder_ + "/ca");
  other.ends_in_sleep = 3;
  environment_.sleeper = &other;
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 0) << err();
  EXPECT_EQ(ListedState(0), "REVOKED");
}

// As two of a script may be: the later one hands out what the earlier one has revoked.
TEST_F(RevocationTest, IssuesAfterAnotherCommandThatIsAtWorkThere) {
  OtherCommand other(folder_ + "/ca");
  other.ends_in_sleep = 3;
  environment_.sleeper = &other;
  IssueUser("ann", "ann");
  EXPECT_EQ(other.slept, absl::Milliseconds(300));
  EXPECT_EQ(ListedState(0), "VALID");
}

TEST_F(RevocationTest, DoesNotWaitForeverForAnotherCommand) {
  IssueUser("ann", "ann");
  OtherCommand other(folder_ + "/ca");
  environment_.sleeper = &other;
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 1);
  EXPECT_EQ(err(), "drover: another `drover ca` is at work in " + folder_ +
                       "/ca; run the command again when it has ended\n");
  EXPECT_EQ(other.slept, absl::Seconds(5));
  EXPECT_EQ(ListedState(0), "VALID");
}

TEST_F(RevocationTest, CtrlCEndsTheWaitForAnotherCommand) {
  IssueUser("ann", "ann");
  OtherCommand other(folder_ + "/ca");
  other.ends_in_sleep = 3;
  other.is_interrupted = true;
  environment_.sleeper = &other;
  EXPECT_EQ(RunCa({"revoke", "user", "ann"}), 130);
  EXPECT_EQ(err(), "\nNothing was changed.\n");
  EXPECT_EQ(ListedState(0), "VALID");
}

// What the coordinator says to somebody whose certificate is revoked.
TEST_F(CommandTest, ARevokedCertificateIsExitCodeThree) {
  const absl::Status status = absl::UnauthenticatedError(
      "the caller's certificate (user/ann, serial 1F) is revoked; replace it by a new one of "
      "`drover ca issue user ann`");
  coordinator_.on_get_cluster_status = [&](const auto&) { return status; };
  EXPECT_EQ(Run({"status"}), 3);
  EXPECT_EQ(err(),
            "drover: the coordinator at lab:7400 refuses this certificate; check --cert-dir (the "
            "caller's certificate (user/ann, serial 1F) is revoked; replace it by a new one of "
            "`drover ca issue user ann`)\n");
}

}  // namespace
}  // namespace drover::cli
