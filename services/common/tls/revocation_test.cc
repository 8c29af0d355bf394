#include "services/common/tls/revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "services/common/file/durable_file.h"
#include "services/common/tls/authority.h"
#include "services/common/tls/authority_folder.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class RevocationTest : public testing::Test {
 protected:
  RevocationTest() {
    std::string pattern = testing::TempDir() + "/revocationXXXXXX";
    folder_ = mkdtemp(pattern.data());
    ca_ = folder_ + "/ca";
    EXPECT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  }
  ~RevocationTest() override { fs::remove_all(folder_); }

  void Issue(CertificateKind kind, const std::string& name, const std::string& out) {
    const absl::Status status = IssueCertificate(ca_, {kind, name, {}}, folder_ + "/" + out, now_);
    EXPECT_TRUE(status.ok()) << status;
  }
  void IssueUser(const std::string& name, const std::string& out) {
    Issue(CertificateKind::kUser, name, out);
  }
  absl::StatusOr<Revocation> RevokeUser(const std::string& name, const std::string& serial = "") {
    return RevokeCertificates(ca_, {CertificateKind::kUser, name, serial}, now_);
  }
  std::vector<IssuedCertificate> List() {
    auto list = ListCertificates(ca_, now_);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.value_or(std::vector<IssuedCertificate>());
  }
  // "IDENTITY STATE", without what all identities begin with.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const IssuedCertificate& one : List()) {
      const char* state = one.state == CertificateState::kValid     ? " VALID"
                          : one.state == CertificateState::kExpired ? " EXPIRED"
                                                                    : " REVOKED";
      lines.push_back(one.identity.substr(std::string("spiffe://lab/").size()) + state);
    }
    return lines;
  }
  Crl StoredList() {
    auto stored = LoadCrl(LoadAuthority(ca_).value());
    EXPECT_TRUE(stored.ok()) << stored.status();
    return stored.ok() ? stored->crl : Crl();
  }

  absl::Time now_ = absl::FromUnixSeconds(1800000000);
  std::string folder_;
  std::string ca_;
};

TEST_F(RevocationTest, WhatIsIssuedIsRecorded) {
  EXPECT_THAT(List(), IsEmpty());
  Issue(CertificateKind::kNode, "n1", "n1");
  Issue(CertificateKind::kCoordinator, "", "coordinator");
  IssueUser("ann", "ann");
  now_ += absl::Hours(1);
  IssueUser("ann", "ann2");
  EXPECT_THAT(Lines(), ElementsAre("coordinator VALID", "node/n1 VALID", "user/ann VALID",
                                   "user/ann VALID"));
  const std::vector<IssuedCertificate> list = List();
  EXPECT_LT(list[2].expire_time, list[3].expire_time);
  EXPECT_EQ(list[3].expire_time, now_ + absl::Hours(24 * 731));
  EXPECT_EQ(list[3].revoke_time, std::nullopt);
  // The certificate itself, and no key.
  EXPECT_EQ(ReadFile(ca_ + "/issued/" + list[3].serial + ".crt").value(),
            ReadFile(folder_ + "/ann2/tls.crt").value());
  for (const auto& file : fs::directory_iterator(ca_ + "/issued")) {
    EXPECT_EQ(file.path().extension(), ".crt");
  }
}

// Or a certificate would be out there that nobody can revoke.
TEST_F(RevocationTest, NoKeyIsHandedOutWithoutARecord) {
  IssueUser("bob", "bob");
  fs::remove_all(ca_ + "/issued");
  ASSERT_TRUE(WriteFileDurably(ca_ + "/issued", "in the way").ok());
  EXPECT_FALSE(
      IssueCertificate(ca_, {CertificateKind::kUser, "ann", {}}, folder_ + "/ann", now_).ok());
  EXPECT_FALSE(fs::exists(folder_ + "/ann/tls.key"));
}

TEST_F(RevocationTest, RevokesAllOfOneIdentity) {
  IssueUser("ann", "ann");
  IssueUser("ann", "ann2");
  IssueUser("anna", "anna");
  Issue(CertificateKind::kNode, "ann", "node");
  EXPECT_THAT(StoredList().revoked, IsEmpty());

  auto revocation = RevokeUser("ann");
  ASSERT_TRUE(revocation.ok()) << revocation.status();
  EXPECT_EQ(revocation->newly_revoked.size(), 2u);
  EXPECT_EQ(revocation->identity, "spiffe://lab/user/ann");
  EXPECT_EQ(revocation->certificates.size(), 2u);
  EXPECT_THAT(Lines(), ElementsAre("node/ann VALID", "user/ann REVOKED", "user/ann REVOKED",
                                   "user/anna VALID"));
  EXPECT_EQ(List()[1].revoke_time, now_);
  EXPECT_EQ(StoredList().number, 1);
  EXPECT_EQ(StoredList().revoked.size(), 2u);
}

TEST_F(RevocationTest, ASecondTimeChangesNothing) {
  IssueUser("ann", "ann");
  ASSERT_TRUE(RevokeUser("ann").ok());
  const absl::Time first = now_;
  const std::string list = ReadFile(ca_ + "/ca.crl").value();
  now_ += absl::Hours(1);
  auto again = RevokeUser("ann");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->newly_revoked, IsEmpty());
  ASSERT_EQ(again->certificates.size(), 1u);
  EXPECT_EQ(again->certificates[0].revoke_time, first);
  EXPECT_EQ(ReadFile(ca_ + "/ca.crl").value(), list);
}

TEST_F(RevocationTest, OneOfSeveralIsMeantByItsSerialNumber) {
  IssueUser("ann", "ann");
  now_ += absl::Hours(1);
  IssueUser("ann", "ann2");
  std::string serial = List()[1].serial;
  for (char& c : serial) c = static_cast<char>(tolower(c));
  auto revocation = RevokeUser("ann", serial);
  ASSERT_TRUE(revocation.ok()) << revocation.status();
  ASSERT_EQ(revocation->certificates.size(), 1u);
  EXPECT_EQ(revocation->certificates[0].serial, List()[1].serial);
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID", "user/ann REVOKED"));
  // The other one is what is left.
  EXPECT_THAT(RevokeUser("ann")->newly_revoked, ElementsAre(List()[0].serial));
  // One of somebody else is not.
  IssueUser("bob", "bob");
  EXPECT_THAT(std::string(RevokeUser("bob", serial).status().message()),
              StartsWith("no certificate of spiffe://lab/user/bob has the serial number "));
  EXPECT_THAT(Lines(), ElementsAre("user/ann REVOKED", "user/ann REVOKED", "user/bob VALID"));
}

TEST_F(RevocationTest, ListsGrowAndTheirNumbersRise) {
  for (const char* name : {"a", "b", "c"}) {
    IssueUser(name, name);
    ASSERT_TRUE(RevokeUser(name).ok());
  }
  EXPECT_EQ(StoredList().number, 3);
  EXPECT_THAT(Lines(), ElementsAre("user/a REVOKED", "user/b REVOKED", "user/c REVOKED"));
}

TEST_F(RevocationTest, ANewCertificateOfThatNameIsValid) {
  IssueUser("ann", "ann");
  ASSERT_TRUE(RevokeUser("ann").ok());
  now_ += absl::Hours(1);
  IssueUser("ann", "ann2");
  EXPECT_THAT(Lines(), ElementsAre("user/ann REVOKED", "user/ann VALID"));
  // It comes with what is revoked.
  EXPECT_EQ(ReadFile(folder_ + "/ann2/ca.crl").value(), ReadFile(ca_ + "/ca.crl").value());
  EXPECT_NE(ReadFile(folder_ + "/ann/ca.crl").value(), ReadFile(ca_ + "/ca.crl").value());
}

// The clock of a machine that is to refuse it may be behind.
TEST_F(RevocationTest, WhatHasExpiredIsRevokedToo) {
  IssueUser("ann", "ann");
  IssueUser("bob", "bob");
  ASSERT_TRUE(RevokeUser("bob").ok());
  now_ += absl::Hours(24 * 732);
  IssueUser("ann", "ann2");
  EXPECT_THAT(Lines(), ElementsAre("user/ann EXPIRED", "user/ann VALID", "user/bob REVOKED"));
  auto revocation = RevokeUser("ann");
  ASSERT_TRUE(revocation.ok()) << revocation.status();
  EXPECT_EQ(revocation->certificates.size(), 2u);
  EXPECT_THAT(Lines(), ElementsAre("user/ann REVOKED", "user/ann REVOKED", "user/bob REVOKED"));
  EXPECT_EQ(StoredList().revoked.size(), 3u);
}

TEST_F(RevocationTest, OneAtATime) {
  IssueUser("ann", "ann");
  auto lock = LockAuthority(ca_);
  ASSERT_TRUE(lock.ok()) << lock.status();
  EXPECT_EQ(RevokeUser("ann").status(),
            absl::UnavailableError("another `drover ca` is at work in " + ca_ +
                                   "; run the command again when it has ended"));
  EXPECT_EQ(
      IssueCertificate(ca_, {CertificateKind::kUser, "bob", {}}, folder_ + "/bob", now_).code(),
      absl::StatusCode::kUnavailable);
  // To look is nobody's turn.
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID"));
  lock->Reset();
  EXPECT_TRUE(RevokeUser("ann").ok());
}

TEST_F(RevocationTest, NobodyKnowsThatName) {
  EXPECT_EQ(RevokeUser("ann").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(RevokeUser("ann").status().message(),
            "no certificate of spiffe://lab/user/ann is recorded; `drover ca list --dir " + ca_ +
                "` shows what is, and one that an older version issued is added by copying its "
                "tls.crt to " +
                ca_ + "/issued/NAME.crt");
  EXPECT_FALSE(fs::exists(ca_ + "/ca.crl"));
}

// Made before certificates were recorded.
TEST_F(RevocationTest, AnOldAuthorityGoesOn) {
  IssueUser("ann", "ann");
  fs::remove_all(ca_ + "/issued");
  fs::remove(ca_ + "/ca.crl");
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(RevokeUser("ann").status().code(), absl::StatusCode::kNotFound);
  IssueUser("bob", "bob");
  EXPECT_THAT(Lines(), ElementsAre("user/bob VALID"));
  // As the message says; a second copy is the same certificate.
  fs::copy_file(folder_ + "/ann/tls.crt", ca_ + "/issued/ann.crt");
  fs::copy_file(folder_ + "/ann/tls.crt", ca_ + "/issued/ann-again.crt");
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID", "user/bob VALID"));
  ASSERT_TRUE(RevokeUser("ann").ok());
  EXPECT_THAT(Lines(), ElementsAre("user/ann REVOKED", "user/bob VALID"));
}

// One that has not issued anything since.
TEST_F(RevocationTest, AnOldAuthorityRevokesWhatAPersonHasRecorded) {
  IssueUser("ann", "ann");
  fs::remove_all(ca_ + "/issued");
  fs::remove(ca_ + "/ca.crl");
  fs::create_directory(ca_ + "/issued");
  fs::copy_file(folder_ + "/ann/tls.crt", ca_ + "/issued/ann.crt");
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID"));
  ASSERT_TRUE(RevokeUser("ann").ok());
  EXPECT_THAT(Lines(), ElementsAre("user/ann REVOKED"));
}

// A list of what is revoked from now on would reinstate whoever was on the old one.
TEST_F(RevocationTest, ALostListIsNotReplaced) {
  IssueUser("ann", "ann");
  IssueUser("bob", "bob");
  ASSERT_TRUE(RevokeUser("ann").ok());
  fs::remove(ca_ + "/ca.crl");
  const absl::Status lost = absl::FailedPreconditionError(
      ca_ + "/ca.crl is missing; bring back the last one, which is beside ca.crt on the machines");
  EXPECT_EQ(RevokeUser("bob").status(), lost);
  EXPECT_EQ(ListCertificates(ca_, now_).status(), lost);
  EXPECT_EQ(IssueCertificate(ca_, {CertificateKind::kUser, "c", {}}, folder_ + "/c", now_), lost);
  EXPECT_FALSE(fs::exists(ca_ + "/ca.crl"));
}

TEST_F(RevocationTest, AListThatKnowsMoreIsNotOverwritten) {
  IssueUser("ann", "ann");
  IssueUser("bob", "bob");
  fs::copy(ca_, folder_ + "/old", fs::copy_options::recursive);
  ASSERT_TRUE(RevokeUser("ann").ok());
  fs::create_directory(folder_ + "/tls");
  fs::copy_file(ca_ + "/ca.crl", folder_ + "/tls/ca.crl");
  const std::string newest = ReadFile(ca_ + "/ca.crl").value();
  // Restored from an old copy; that it has revoked something since makes it no newer.
  fs::remove_all(ca_);
  fs::rename(folder_ + "/old", ca_);
  ASSERT_TRUE(RevokeUser("bob").ok());
  EXPECT_EQ(IssueCertificate(ca_, {CertificateKind::kUser, "c", {}}, folder_ + "/tls", now_),
            absl::FailedPreconditionError(
                folder_ + "/tls/ca.crl lists revoked certificates that " + ca_ +
                "/ca.crl lacks: the authority was restored from an old copy; bring back its newest "
                "list first"));
  EXPECT_EQ(ReadFile(folder_ + "/tls/ca.crl").value(), newest);
  // An older one is.
  fs::copy_file(folder_ + "/ann/ca.crl", folder_ + "/tls/ca.crl",
                fs::copy_options::overwrite_existing);
  IssueUser("c", "tls");
  EXPECT_EQ(ReadFile(folder_ + "/tls/ca.crl").value(), ReadFile(ca_ + "/ca.crl").value());
}

TEST_F(RevocationTest, OnlyItsOwnCertificatesAreRecords) {
  const std::string other = folder_ + "/other";
  ASSERT_TRUE(InitAuthority(other, "lab", now_).ok());
  ASSERT_TRUE(
      IssueCertificate(other, {CertificateKind::kUser, "eve", {}}, folder_ + "/eve", now_).ok());
  IssueUser("ann", "ann");
  fs::copy_file(folder_ + "/eve/tls.crt", ca_ + "/issued/eve.crt");
  EXPECT_EQ(
      ListCertificates(ca_, now_).status().message(),
      ca_ + "/issued/eve.crt is no certificate of the authority in " + ca_ + "; take it away");
  // Files of other kinds, such as one that a crash left half-written, are nobody's business.
  fs::rename(ca_ + "/issued/eve.crt", ca_ + "/issued/eve.crt.new");
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID"));
}

// Beginning a new list would reinstate whoever is on it.
TEST_F(RevocationTest, ADamagedListIsNotReplaced) {
  IssueUser("ann", "ann");
  IssueUser("bob", "bob");
  ASSERT_TRUE(RevokeUser("ann").ok());
  const std::string list = ReadFile(ca_ + "/ca.crl").value();
  ASSERT_TRUE(WriteFileDurably(ca_ + "/ca.crl", list.substr(0, 100)).ok());
  EXPECT_THAT(std::string(RevokeUser("bob").status().message()),
              StartsWith(ca_ + "/ca.crl cannot be used: it is damaged"));
  EXPECT_THAT(std::string(ListCertificates(ca_, now_).status().message()),
              HasSubstr("bring back the last one"));
  EXPECT_EQ(IssueCertificate(ca_, {CertificateKind::kUser, "c", {}}, folder_ + "/c", now_).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadFile(ca_ + "/ca.crl").value(), list.substr(0, 100));
}

TEST_F(RevocationTest, SaysHowToMakeAnAuthorityIfThereIsNone) {
  EXPECT_THAT(std::string(ListCertificates(folder_, now_).status().message()),
              HasSubstr("make one with `drover ca init --cluster CLUSTER`"));
}

TEST_F(RevocationTest, OnlyWhatSignsNeedsTheKey) {
  IssueUser("ann", "ann");
  fs::remove(ca_ + "/ca.key");
  EXPECT_THAT(Lines(), ElementsAre("user/ann VALID"));
  const absl::Status revoked = RevokeUser("ann").status();
  const absl::Status issued =
      IssueCertificate(ca_, {CertificateKind::kUser, "bob", {}}, folder_ + "/bob", now_);
  for (const absl::Status& status : {revoked, issued}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    // Not to make a new authority: there is one.
    EXPECT_THAT(std::string(status.message()),
                AllOf(StartsWith("the key of the authority in " + ca_ + " cannot be read ("),
                      Not(HasSubstr("ca init"))));
  }
}

}  // namespace
}  // namespace drover
