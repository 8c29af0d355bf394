#include "services/common/tls/revocation_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <stdlib.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "services/common/file/durable_file.h"
#include "services/common/tls/authority.h"
#include "services/common/tls/authority_folder.h"
#include "services/common/tls/revocation.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RevocationListTest : public testing::Test {
 protected:
  RevocationListTest() {
    std::string pattern = testing::TempDir() + "/listXXXXXX";
    folder_ = mkdtemp(pattern.data());
    EXPECT_TRUE(InitAuthority(folder_ + "/ca", "lab", clock_.Now()).ok());
    ann_ = Issue("ca", "ann");
    bob_ = Issue("ca", "bob");
    // The machine's.
    fs::create_directory(folder_ + "/tls");
    fs::copy_file(folder_ + "/ca/ca.crt", folder_ + "/tls/ca.crt");
  }
  ~RevocationListTest() override {
    // gRPC's next handshake on this thread would fail for it.
    EXPECT_EQ(ERR_peek_error(), 0u);
    fs::remove_all(folder_);
  }

  // Answers the certificate.
  std::string Issue(const std::string& authority, const std::string& user) {
    const std::string to = folder_ + "/" + std::to_string(++issued_);
    EXPECT_TRUE(IssueCertificate(folder_ + "/" + authority, {CertificateKind::kUser, user, {}}, to,
                                 clock_.Now())
                    .ok());
    return ReadFile(to + "/tls.crt").value();
  }
  void Revoke(const std::string& user, const std::string& authority = "ca") {
    EXPECT_TRUE(RevokeCertificates(folder_ + "/" + authority, {CertificateKind::kUser, user, ""},
                                   clock_.Now())
                    .ok());
  }
  void Write(const std::string& list) {
    EXPECT_TRUE(WriteFileDurably(folder_ + "/tls/ca.crl", list).ok());
  }
  std::string Copy(const std::string& authority = "ca") {
    std::string list = ReadFile(folder_ + "/" + authority + "/ca.crl").value();
    Write(list);
    return list;
  }

  absl::StatusOr<std::shared_ptr<RevocationList>> Open() {
    return RevocationList::Open(folder_ + "/tls", clock_, [this](const absl::Status& problem) {
      problems_.push_back(std::string(problem.message()));
    });
  }
  // Whose certificate, of ann's and bob's, is refused a second later.
  std::string Refused(RevocationList& list) {
    clock_.Advance(absl::Seconds(1));
    return std::string(list.Check(ann_, "the caller's").ok() ? "" : "ann ") +
           (list.Check(bob_, "the caller's").ok() ? "" : "bob ");
  }

  FakeClock clock_;
  int issued_ = 0;
  std::string folder_;
  std::string ann_;
  std::string bob_;
  std::vector<std::string> problems_;
};

TEST_F(RevocationListTest, WithoutAListNothingIsRevoked) {
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(Refused(**list), "");
}

TEST_F(RevocationListTest, AListMayBeEmpty) {
  const Authority authority = LoadAuthority(folder_ + "/ca").value();
  Write(SignCrl({.number = 1}, authority.certificate.get(), authority.key.get(), clock_.Now())
            .value());
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(Refused(**list), "");
}

TEST_F(RevocationListTest, SaysWhichCertificateIsRevokedAndWhatToDo) {
  Revoke("ann");
  Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  const absl::Status status = (*list)->Check(ann_, "the caller's");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  CertificatePtr certificate = CertificateFromPem(ann_);
  EXPECT_EQ(status.message(), "the caller's certificate (user/ann, serial " +
                                  SerialText(X509_get0_serialNumber(certificate.get())) +
                                  ") is revoked; replace it by a new one of `drover ca issue user "
                                  "ann`");
  EXPECT_TRUE((*list)->Check(bob_, "the caller's").ok());
  // What cannot be looked up is not let in.
  EXPECT_EQ((*list)->Check("", "the caller's").message(),
            "the caller's certificate cannot be read");
}

// Its holder showed it when it was valid.
TEST_F(RevocationListTest, SaysWhichCertificateHasExpiredAndWhatToDo) {
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  clock_.Advance(absl::Hours(24 * 731));
  EXPECT_TRUE((*list)->Check(ann_, "the caller's").ok());
  clock_.Advance(absl::Seconds(1));
  const absl::Status status = (*list)->Check(ann_, "the caller's");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  CertificatePtr certificate = CertificateFromPem(ann_);
  EXPECT_EQ(status.message(),
            "the caller's certificate (user/ann, serial " +
                SerialText(X509_get0_serialNumber(certificate.get())) +
                ") has expired; replace it by a new one of `drover ca issue user "
                "ann`; if that was done, a restart of what uses it is all that is missing");
  EXPECT_TRUE((*list)->Check(Issue("ca", "ann"), "the caller's").ok());
}

TEST_F(RevocationListTest, FollowsTheFile) {
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(Refused(**list), "");
  Revoke("ann");
  Copy();
  EXPECT_EQ(Refused(**list), "ann ");
  Revoke("bob");
  Copy();
  EXPECT_EQ(Refused(**list), "ann bob ");
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(RevocationListTest, NothingIsReinstatedByAListThatIsGone) {
  Revoke("ann");
  Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  fs::remove(folder_ + "/tls/ca.crl");
  for (int second = 0; second < 3; ++second) EXPECT_EQ(Refused(**list), "ann ");
  EXPECT_THAT(problems_,
              ElementsAre(folder_ +
                          "/tls/ca.crl no longer lists 1 revoked certificate; before this service "
                          "is restarted, copy the newest list of the authority there"));
  // With its folder, neither.
  fs::remove(folder_ + "/tls/ca.crt");
  EXPECT_EQ(Refused(**list), "ann ");
  fs::copy_file(folder_ + "/ca/ca.crt", folder_ + "/tls/ca.crt");
  Copy();
  EXPECT_EQ(Refused(**list), "ann ");
}

TEST_F(RevocationListTest, NothingIsReinstatedByAnOlderList) {
  Revoke("ann");
  const std::string old = Copy();
  Revoke("bob");
  const std::string newest = Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Write(old);
  for (int second = 0; second < 3; ++second) EXPECT_EQ(Refused(**list), "ann bob ");
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("no longer lists 1 revoked certificate;")));
  Write(newest);
  EXPECT_EQ(Refused(**list), "ann bob ");
  EXPECT_EQ(problems_.size(), 1u);
}

// It came back from an old copy, and has revoked something else since.
TEST_F(RevocationListTest, AListThatForgotCountsToo) {
  fs::copy(folder_ + "/ca", folder_ + "/old", fs::copy_options::recursive);
  Revoke("ann");
  Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Revoke("bob", "old");
  Copy("old");
  EXPECT_EQ(Refused(**list), "ann bob ");
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("no longer lists 1 revoked certificate;")));
}

TEST_F(RevocationListTest, AnotherAuthoritysListBeginsAnew) {
  EXPECT_TRUE(InitAuthority(folder_ + "/other", "lab", clock_.Now()).ok());
  Revoke("ann");
  Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(Refused(**list), "ann ");
  fs::remove(folder_ + "/tls/ca.crl");
  fs::copy_file(folder_ + "/other/ca.crt", folder_ + "/tls/ca.crt",
                fs::copy_options::overwrite_existing);
  EXPECT_EQ(Refused(**list), "");
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(RevocationListTest, ReadsAtMostOnceASecond) {
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Revoke("ann");
  Copy();
  clock_.Advance(absl::Milliseconds(999));
  EXPECT_TRUE((*list)->Check(ann_, "").ok());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_FALSE((*list)->Check(ann_, "").ok());
}

TEST_F(RevocationListTest, AClockThatIsSetBackStopsNothing) {
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Revoke("ann");
  Copy();
  clock_.Advance(-absl::Hours(1));
  EXPECT_FALSE((*list)->Check(ann_, "").ok());
}

TEST_F(RevocationListTest, ANewCertificateOfARevokedNameIsAccepted) {
  Revoke("ann");
  Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_FALSE((*list)->Check(ann_, "").ok());
  EXPECT_TRUE((*list)->Check(Issue("ca", "ann"), "").ok());
}

TEST_F(RevocationListTest, DoesNotBeginWithAListThatCannotBeUsed) {
  Revoke("ann");
  const std::string good = Copy();
  const std::string path = folder_ + "/tls/ca.crl";
  for (const std::string& bad : {std::string(), std::string("no list"), good.substr(0, 200)}) {
    Write(bad);
    EXPECT_EQ(Open().status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Open().status().message(),
              path +
                  " cannot be used: it is damaged: no certificate revocation list in PEM; copy it "
                  "again from the folder of the authority");
  }
  EXPECT_TRUE(InitAuthority(folder_ + "/other", "lab", clock_.Now()).ok());
  Issue("other", "eve");
  Revoke("eve", "other");
  Copy("other");
  EXPECT_THAT(
      std::string(Open().status().message()),
      StartsWith(path + " cannot be used: it is not signed by the authority of ca.crt; copy"));
  // A folder, which even root cannot read.
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_THAT(std::string(Open().status().message()), HasSubstr("cannot read"));
}

TEST_F(RevocationListTest, GoesOnWithTheLastGoodListAndSaysSoOnce) {
  EXPECT_TRUE(InitAuthority(folder_ + "/other", "lab", clock_.Now()).ok());
  Issue("other", "eve");
  Revoke("eve", "other");
  Revoke("ann");
  const std::string good = Copy();
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Write(good.substr(0, 200));
  for (int second = 0; second < 3; ++second) EXPECT_EQ(Refused(**list), "ann ");
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("it is damaged")));
  Copy("other");
  for (int second = 0; second < 3; ++second) EXPECT_EQ(Refused(**list), "ann ");
  EXPECT_THAT(problems_, ElementsAre(HasSubstr("it is damaged"), HasSubstr("is not signed by")));
  Revoke("bob");
  Copy();
  EXPECT_EQ(Refused(**list), "ann bob ");
  EXPECT_EQ(problems_.size(), 2u);
}

// The list came before its authority's certificate: as soon as that is there, it counts.
TEST_F(RevocationListTest, FollowsTheAuthoritysCertificateToo) {
  EXPECT_TRUE(InitAuthority(folder_ + "/other", "lab", clock_.Now()).ok());
  const std::string eve = Issue("other", "eve");
  Revoke("eve", "other");
  auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  Copy("other");
  EXPECT_EQ(Refused(**list), "");
  EXPECT_EQ(problems_.size(), 1u);
  fs::copy_file(folder_ + "/other/ca.crt", folder_ + "/tls/ca.crt",
                fs::copy_options::overwrite_existing);
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE((*list)->Check(eve, "").ok());
}

TEST_F(RevocationListTest, IsAskedByManyThreads) {
  Revoke("ann");
  Copy();
  clock_.Advance(absl::Now() - clock_.Now());
  bob_ = Issue("ca", "bob");
  const RealClock clock;
  auto list = RevocationList::Open(folder_ + "/tls", clock, [](const absl::Status&) {});
  ASSERT_TRUE(list.ok()) << list.status();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 100; ++call) {
        EXPECT_FALSE((*list)->Check(ann_, "").ok());
        EXPECT_TRUE((*list)->Check(bob_, "").ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace drover
