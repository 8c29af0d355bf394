#include "services/common/tls/crl.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <stdlib.h>

#include <filesystem>

#include "services/common/tls/authority.h"
#include "services/common/tls/authority_folder.h"

namespace drover {
namespace {

class CrlTest : public testing::Test {
 protected:
  CrlTest() {
    std::string pattern = testing::TempDir() + "/crlXXXXXX";
    folder_ = mkdtemp(pattern.data());
    authority_ = Make("a");
  }
  ~CrlTest() override {
    // gRPC's next handshake on this thread would fail for it.
    EXPECT_EQ(ERR_peek_error(), 0u);
    std::filesystem::remove_all(folder_);
  }

  Authority Make(const std::string& name) {
    const std::string dir = folder_ + "/" + name;
    EXPECT_TRUE(InitAuthority(dir, "lab", now_).ok());
    return LoadAuthority(dir).value();
  }
  std::string Sign(const Crl& crl) {
    return SignCrl(crl, authority_.certificate.get(), authority_.key.get(), now_).value();
  }
  absl::StatusOr<Crl> Read(const std::string& pem) {
    return ReadCrl(pem, authority_.certificate.get());
  }

  const absl::Time now_ = absl::FromUnixSeconds(1800000000);
  std::string folder_;
  Authority authority_;
};

TEST_F(CrlTest, SaysWhatWasSigned) {
  const Crl crl = {.number = 7, .revoked = {{"1F00", now_}, {"7A", now_ - absl::Hours(5)}}};
  absl::StatusOr<Crl> read = Read(Sign(crl));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->number, 7);
  EXPECT_EQ(read->revoked, crl.revoked);
}

TEST_F(CrlTest, MayBeEmpty) {
  absl::StatusOr<Crl> read = Read(Sign({.number = 1}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->revoked.empty());
}

// What the standard demands of a list, and OpenSSL of one that it goes by.
TEST_F(CrlTest, IsOneForOtherProgramsToo) {
  CrlPtr list = CrlFromPem(Sign({.number = 1, .revoked = {{"7A", now_}}}));
  EXPECT_EQ(X509_CRL_get_version(list.get()), X509_CRL_VERSION_2);
  EXPECT_EQ(TimeOfAsn1(X509_CRL_get0_lastUpdate(list.get())), now_);
  EXPECT_EQ(TimeOfAsn1(X509_CRL_get0_nextUpdate(list.get())),
            TimeOfAsn1(X509_get0_notAfter(authority_.certificate.get())));
  EXPECT_GE(X509_CRL_get_ext_by_NID(list.get(), NID_authority_key_identifier, -1), 0);
  EXPECT_GE(X509_CRL_get_ext_by_NID(list.get(), NID_crl_number, -1), 0);
}

TEST_F(CrlTest, OnlyItsAuthorityMaySignIt) {
  const Authority other = Make("b");  // Of the same name: only the key differs.
  const std::string pem =
      SignCrl({.number = 1}, other.certificate.get(), other.key.get(), now_).value();
  EXPECT_TRUE(ReadCrl(pem, other.certificate.get()).ok());
  EXPECT_EQ(Read(pem).status().message(), "it is not signed by the authority of ca.crt");
}

TEST_F(CrlTest, EveryCutIsNoticed) {
  const std::string pem = Sign({.number = 1, .revoked = {{"7A", now_}}});
  ASSERT_TRUE(Read(pem).ok());
  // The line end behind it may be missing.
  for (size_t size = 0; size + 1 < pem.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(Read(pem.substr(0, size)).status())) << size;
  }
}

}  // namespace
}  // namespace drover
