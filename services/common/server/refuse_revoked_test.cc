// Revoked and expired certificates over real mutual TLS: on the connections that there are, and on
// new ones.
#include "services/common/server/refuse_revoked.h"

#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "drover/proxy/v1/proxy_service.grpc.pb.h"
#include "services/common/async/server_call.h"
#include "services/common/file/durable_file.h"
#include "services/common/server/ask_who_calls.h"
#include "services/common/tls/authority.h"
#include "services/common/tls/credentials.h"
#include "services/common/tls/revocation.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

using proxy::v1::GetRoutesRequest;
using proxy::v1::GetRoutesResponse;
using proxy::v1::ProxyService;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Read by gRPC's threads.
class SharedClock : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(seconds_); }
  void Advance(absl::Duration duration) { seconds_ += absl::ToInt64Seconds(duration); }

 private:
  std::atomic<int64_t> seconds_ = absl::ToUnixSeconds(absl::Now());
};

// Answers with the caller's URI, and remembers from which address and port each call came.
class WhoAmI : public ProxyService::CallbackService {
 public:
  explicit WhoAmI(CallScope& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* GetRoutes(grpc::CallbackServerContext* context,
                                      const GetRoutesRequest* request,
                                      GetRoutesResponse* response) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      peers_.push_back(context->peer());
    }
    auto handler = [](Caller caller, GetRoutesRequest) -> Task<absl::StatusOr<GetRoutesResponse>> {
      GetRoutesResponse response;
      response.add_holds()->set_holder(caller.identity.Uri());
      co_return response;
    };
    return ServeUnary(calls_, context, request, response, handler);
  }
  std::vector<std::string> peers() {
    std::lock_guard<std::mutex> lock(mutex_);
    return peers_;
  }

 private:
  CallScope& calls_;
  std::mutex mutex_;
  std::vector<std::string> peers_;
};

// node1's server, with its own copy of the authority's list.
class RefuseRevokedTest : public testing::Test {
 protected:
  RefuseRevokedTest() {
    std::string pattern = testing::TempDir() + "/refuseXXXXXX";
    folder_ = mkdtemp(pattern.data());
    EXPECT_TRUE(InitAuthority(folder_ + "/ca", "lab", absl::Now()).ok());
    Issue({CertificateKind::kNode, "node1", {}}, "node1");
    Issue({CertificateKind::kUser, "ann", {}}, "ann");
    Issue({CertificateKind::kUser, "bob", {}}, "bob");
    auto list = RevocationList::Open(folder_ + "/node1", clock_, [](const absl::Status&) {});
    calls_ = std::make_unique<CallScope>(
        io_.get_executor(), RefuseRevoked(AuthenticateByCertificate("lab"), list.value()));
    service_ = std::make_unique<WhoAmI>(*calls_);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", Open("node1").ServerCredentials(), &port_);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RefuseRevokedTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
    work_.reset();
    thread_.join();
    fs::remove_all(folder_);
  }

  void Issue(const CertificateRequest& request, const std::string& to) {
    EXPECT_TRUE(IssueCertificate(folder_ + "/ca", request, folder_ + "/" + to, absl::Now()).ok());
  }
  // Revokes, and copies the list to whom `machine` is; the server's clock goes on.
  void Revoke(CertificateKind kind, const std::string& name, const std::string& machine) {
    EXPECT_TRUE(RevokeCertificates(folder_ + "/ca", {kind, name, ""}, absl::Now()).ok());
    EXPECT_TRUE(WriteFileDurably(folder_ + "/" + machine + "/ca.crl",
                                 ReadFile(folder_ + "/ca/ca.crl").value())
                    .ok());
    clock_.Advance(absl::Seconds(1));
  }
  TlsFolder Open(const std::string& who) { return TlsFolder::Open(folder_ + "/" + who).value(); }
  std::shared_ptr<grpc::Channel> ConnectAs(const std::string& who) {
    return Open(who).Connect("127.0.0.1:" + std::to_string(port_), NodeOf("lab", "node1"));
  }

  SharedClock clock_;
  std::string folder_;
  int port_ = 0;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::unique_ptr<CallScope> calls_;
  std::unique_ptr<WhoAmI> service_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

TEST_F(RefuseRevokedTest, RefusesTheNextCallOfAConnectionThatWasMadeBefore) {
  std::shared_ptr<grpc::Channel> ann = ConnectAs("ann");
  EXPECT_EQ(AskWhoCalls(ann).value_or("refused"), "spiffe://lab/user/ann");
  Revoke(CertificateKind::kUser, "ann", "node1");
  const absl::Status refused = AskWhoCalls(ann).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(refused.message()),
              StartsWith("the caller's certificate (user/ann, serial "));
  const std::vector<std::string> peers = service_->peers();
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0], peers[1]) << "the second call came by another connection";

  // By a new connection neither; others are let in as before.
  EXPECT_EQ(AskWhoCalls(ConnectAs("ann")).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(AskWhoCalls(ConnectAs("bob")).value_or("refused"), "spiffe://lab/user/bob");
}

TEST_F(RefuseRevokedTest, RefusesTheNextCallWhenACertificateHasExpired) {
  std::shared_ptr<grpc::Channel> ann = ConnectAs("ann");
  EXPECT_EQ(AskWhoCalls(ann).value_or("refused"), "spiffe://lab/user/ann");
  clock_.Advance(absl::Hours(24 * 732));
  const absl::Status refused = AskWhoCalls(ann).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr(") has expired; replace it by a new one of `drover ca issue user ann`"));
  const std::vector<std::string> peers = service_->peers();
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0], peers[1]) << "the second call came by another connection";
}

TEST_F(RefuseRevokedTest, ANewCertificateReinstates) {
  Revoke(CertificateKind::kUser, "ann", "node1");
  EXPECT_EQ(AskWhoCalls(ConnectAs("ann")).status().code(), absl::StatusCode::kUnauthenticated);
  Issue({CertificateKind::kUser, "ann", {}}, "ann2");
  EXPECT_EQ(AskWhoCalls(ConnectAs("ann2")).value_or("refused"), "spiffe://lab/user/ann");
}

TEST_F(RefuseRevokedTest, AClientRefusesARevokedServer) {
  EXPECT_EQ(AskWhoCalls(ConnectAs("ann")).value_or("refused"), "spiffe://lab/user/ann");
  Revoke(CertificateKind::kNode, "node1", "ann");
  const absl::Status refused = AskWhoCalls(ConnectAs("ann")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("the server's certificate (node/node1, serial "));
  // Who has not got the list yet goes on.
  EXPECT_EQ(AskWhoCalls(ConnectAs("bob")).value_or("refused"), "spiffe://lab/user/bob");
}

// A client that was started before reads the list when it connects.
TEST_F(RefuseRevokedTest, AClientThatRunsHearsOfIt) {
  const TlsFolder ann = Open("ann");
  Revoke(CertificateKind::kNode, "node1", "ann");
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  absl::Status status;
  do {
    status = AskWhoCalls(ann.Connect("127.0.0.1:" + std::to_string(port_), NodeOf("lab", "node1")))
                 .status();
  } while (status.ok() && absl::Now() < deadline);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is revoked"));
}

TEST_F(RefuseRevokedTest, NobodyConnectsWithAListThatCannotBeUsed) {
  ASSERT_TRUE(WriteFileDurably(folder_ + "/ann/ca.crl", "no list").ok());
  EXPECT_EQ(TlsFolder::Open(folder_ + "/ann").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace drover
