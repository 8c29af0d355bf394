#include "services/common/tls/authority.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "services/common/file/durable_file.h"

namespace drover {
namespace {

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Certificate Load(const std::string& path) {
  const std::string pem = ReadFile(path).value();
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return certificate;
}

// All alternative names, as `openssl x509 -text` prints them.
std::string AlternativeNames(const Certificate& certificate) {
  const int index = X509_get_ext_by_NID(certificate.get(), NID_subject_alt_name, -1);
  BIO* bio = BIO_new(BIO_s_mem());
  X509V3_EXT_print(bio, X509_get_ext(certificate.get(), index), 0, 0);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, size);
  BIO_free(bio);
  return text;
}

bool IsValidAt(const Certificate& certificate, absl::Time time) {
  time_t seconds = absl::ToTimeT(time);
  return X509_cmp_time(X509_get0_notBefore(certificate.get()), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate.get()), &seconds) > 0;
}

class AuthorityTest : public testing::Test {
 protected:
  AuthorityTest() {
    std::string pattern = testing::TempDir() + "/authorityXXXXXX";
    folder_ = mkdtemp(pattern.data());
    ca_ = folder_ + "/ca";
  }
  ~AuthorityTest() override { std::filesystem::remove_all(folder_); }

  absl::Status Issue(CertificateKind kind, const std::string& name, const std::string& out,
                     std::vector<std::string> sans = {}) {
    return IssueCertificate(ca_, {kind, name, std::move(sans)}, folder_ + "/" + out, now_);
  }

  const absl::Time now_ = absl::FromUnixSeconds(1800000000);
  std::string folder_;
  std::string ca_;
};

TEST_F(AuthorityTest, GivesEachKindItsOneIdentity) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  ASSERT_TRUE(Issue(CertificateKind::kCoordinator, "", "coordinator").ok());
  ASSERT_TRUE(Issue(CertificateKind::kNode, "node1", "node1").ok());
  ASSERT_TRUE(Issue(CertificateKind::kUser, "admin", "admin").ok());
  EXPECT_EQ(AlternativeNames(Load(ca_ + "/ca.crt")), "URI:spiffe://lab");
  EXPECT_EQ(AlternativeNames(Load(folder_ + "/coordinator/tls.crt")),
            "URI:spiffe://lab/coordinator");
  EXPECT_EQ(AlternativeNames(Load(folder_ + "/node1/tls.crt")), "URI:spiffe://lab/node/node1");
  EXPECT_EQ(AlternativeNames(Load(folder_ + "/admin/tls.crt")), "URI:spiffe://lab/user/admin");
}

TEST_F(AuthorityTest, GivesServersTheirAddresses) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  ASSERT_TRUE(
      Issue(CertificateKind::kServer, "registry", "registry", {"registry.lab", "192.0.2.9"}).ok());
  EXPECT_EQ(AlternativeNames(Load(folder_ + "/registry/tls.crt")),
            "URI:spiffe://lab/server/registry, DNS:registry.lab, IP Address:192.0.2.9");
}

TEST_F(AuthorityTest, SignsForTwoYears) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  ASSERT_TRUE(Issue(CertificateKind::kNode, "node1", "node1").ok());
  Certificate authority = Load(ca_ + "/ca.crt");
  Certificate leaf = Load(folder_ + "/node1/tls.crt");
  EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(authority.get())), 1);
  EXPECT_TRUE(IsValidAt(leaf, now_));
  EXPECT_TRUE(IsValidAt(leaf, now_ + absl::Hours(24 * 729)));
  EXPECT_FALSE(IsValidAt(leaf, now_ + absl::Hours(24 * 733)));
  EXPECT_TRUE(IsValidAt(authority, now_ + absl::Hours(24 * 3650)));
}

TEST_F(AuthorityTest, KeepsKeysPrivate) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  ASSERT_TRUE(Issue(CertificateKind::kNode, "node1", "node1").ok());
  for (const std::string& path : {ca_ + "/ca.key", folder_ + "/node1/tls.key"}) {
    struct stat info;
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600) << path;
  }
}

TEST_F(AuthorityTest, OverwritesNothing) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  const std::string before = ReadFile(ca_ + "/ca.crt").value();
  EXPECT_EQ(InitAuthority(ca_, "lab", now_).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadFile(ca_ + "/ca.crt").value(), before);

  ASSERT_TRUE(Issue(CertificateKind::kNode, "node1", "out").ok());
  const std::string key = ReadFile(folder_ + "/out/tls.key").value();
  EXPECT_EQ(Issue(CertificateKind::kNode, "node2", "out").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReadFile(folder_ + "/out/tls.key").value(), key);
}

TEST_F(AuthorityTest, RefusesAFolderOfAnotherAuthority) {
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  ASSERT_TRUE(InitAuthority(folder_ + "/other", "lab", now_).ok());
  EXPECT_EQ(
      IssueCertificate(ca_, {CertificateKind::kUser, "me", {}}, folder_ + "/other", now_).message(),
      folder_ +
          "/other/ca.crt belongs to another authority; remove it first, or choose "
          "another folder");
}

TEST_F(AuthorityTest, RefusesNamesThatAreNone) {
  EXPECT_EQ(InitAuthority(ca_, "My Lab", now_).message(),
            "the cluster name \"My Lab\" is not usable in a certificate: allowed are up to 63 "
            "lower-case letters, digits, `-` and `.`, the first a letter or digit");
  ASSERT_TRUE(InitAuthority(ca_, "lab", now_).ok());
  for (const char* name : {"", "a/b", "a,DNS:evil", "-a"}) {
    EXPECT_EQ(Issue(CertificateKind::kNode, name, "out").code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_EQ(Issue(CertificateKind::kCoordinator, "x", "out").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Issue(CertificateKind::kServer, "registry", "out").message(),
            "a server's certificate needs at least one DNS name or IP address");
  EXPECT_EQ(Issue(CertificateKind::kNode, "node1", "out", {"node1.lab"}).message(),
            "only a server's certificate may have DNS names or IP addresses");
  EXPECT_EQ(Issue(CertificateKind::kServer, "r", "out", {"a,URI:spiffe://lab/user/root"}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(AuthorityTest, SaysHowToMakeOneIfThereIsNone) {
  EXPECT_NE(Issue(CertificateKind::kNode, "node1", "out")
                .message()
                .find("make one with `drover ca init --cluster CLUSTER`"),
            std::string::npos);
}

}  // namespace
}  // namespace drover
