// A whole daemon with mutual TLS: who is let in, who is believed, how it ends.
#include "services/common/server/daemon.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <thread>

#include "absl/time/clock.h"
#include "drover/proxy/v1/proxy_service.grpc.pb.h"
#include "services/common/file/durable_file.h"
#include "services/common/server/ask_who_calls.h"
#include "services/common/tls/authority.h"
#include "services/common/tls/revocation.h"

namespace drover {
namespace {

using proxy::v1::GetRoutesRequest;
using proxy::v1::GetRoutesResponse;
using proxy::v1::ProxyService;

// More than gRPC takes by default.
constexpr size_t kLong = 5 << 20;

// Answers with the caller's URI, at length.
class WhoAmI : public ProxyService::CallbackService {
 public:
  explicit WhoAmI(CallScope& calls) : calls_(calls) {}
  grpc::ServerUnaryReactor* GetRoutes(grpc::CallbackServerContext* context,
                                      const GetRoutesRequest* request,
                                      GetRoutesResponse* response) override {
    auto handler = [](Caller caller, GetRoutesRequest) -> Task<absl::StatusOr<GetRoutesResponse>> {
      GetRoutesResponse response;
      response.add_holds()->set_holder(caller.identity.Uri());
      response.add_holds()->set_holder(std::string(kLong, 'x'));
      co_return response;
    };
    return ServeUnary(calls_, context, request, response, handler);
  }

 private:
  CallScope& calls_;
};

class TestServices : public DaemonServices {
 public:
  TestServices(CallScope& calls, std::promise<void>& stopped) : who_(calls), stopped_(stopped) {}
  std::vector<grpc::Service*> Services() override { return {&who_}; }
  Task<void> Stop() override {
    stopped_.set_value();
    co_return;
  }

 private:
  WhoAmI who_;
  std::promise<void>& stopped_;
};

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() {
    // Not in TempDir(): the path of a socket has at most 107 characters.
    std::string pattern = "/tmp/drover-daemon-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    EXPECT_TRUE(InitAuthority(folder_ + "/ca", "lab", absl::Now()).ok());
    Issue({CertificateKind::kNode, "node1", {}}, "node1");
    Issue({CertificateKind::kCoordinator, "", {}}, "coordinator");
    // A unix socket: no port that somebody else could take.
    config_ = {.cluster = "lab",
               .node = "node1",
               .listen = "unix:" + folder_ + "/socket",
               .tls_dir = folder_ + "/node1",
               .state_dir = folder_,
               .connection_age = absl::Seconds(1)};
  }
  ~DaemonTest() override { std::filesystem::remove_all(folder_); }

  void Issue(const CertificateRequest& request, const std::string& to) {
    EXPECT_TRUE(IssueCertificate(folder_ + "/ca", request, folder_ + "/" + to, absl::Now()).ok());
  }

  void Copy(const std::string& from, const std::string& to) {
    EXPECT_TRUE(
        WriteFileDurably(folder_ + "/" + to, ReadFile(folder_ + "/" + from).value_or("")).ok());
  }

  absl::StatusOr<std::string> AskAs(const std::string& who, const Identity& expected) {
    auto tls = TlsFolder::Open(folder_ + "/" + who);
    if (!tls.ok()) return tls.status();
    return AskWhoCalls(tls->Connect(config_.listen, expected));
  }

  std::string folder_;
  DaemonConfig config_;
};

TEST_F(DaemonTest, ServesItsClusterAndStopsInOrder) {
  std::promise<void> started, stopped;
  StartServices start =
      [&](DaemonContext context) -> Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> {
    // Posted, so that it comes after the port has opened.
    started.set_value();
    co_return std::make_unique<TestServices>(context.calls, stopped);
  };
  auto exit_code =
      std::async(std::launch::async, [&] { return RunDaemon("test", config_, start); });
  started.get_future().wait();
  auto node1 =
      TlsFolder::Open(folder_ + "/coordinator")->Connect(config_.listen, NodeOf("lab", "node1"));
  EXPECT_TRUE(node1->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20)));

  // The handler knows who calls.
  EXPECT_EQ(AskAs("coordinator", NodeOf("lab", "node1")).value_or("refused"),
            "spiffe://lab/coordinator");
  // Also at length.
  GetRoutesRequest long_request;
  long_request.GetReflection()
      ->MutableUnknownFields(&long_request)
      ->AddLengthDelimited(1000, std::string(kLong, 'x'));
  EXPECT_EQ(AskWhoCalls(node1, long_request).status(), absl::OkStatus());
  // A client does not believe a server with another name.
  EXPECT_TRUE(absl::IsUnavailable(AskAs("coordinator", NodeOf("lab", "node2")).status()));
  // Nobody gets in without a certificate, nor with one of another authority.
  EXPECT_FALSE(
      AskWhoCalls(grpc::CreateChannel(config_.listen, grpc::InsecureChannelCredentials())).ok());
  EXPECT_TRUE(InitAuthority(folder_ + "/evil", "lab", absl::Now()).ok());
  EXPECT_TRUE(IssueCertificate(folder_ + "/evil", {CertificateKind::kCoordinator, "", {}},
                               folder_ + "/forged", absl::Now())
                  .ok());
  EXPECT_FALSE(AskAs("forged", NodeOf("lab", "node1")).ok());
  // Nor, by the connection that there is, with one that was revoked in the meantime.
  EXPECT_TRUE(AskWhoCalls(node1).ok());
  EXPECT_TRUE(
      RevokeCertificates(folder_ + "/ca", {CertificateKind::kCoordinator, "", ""}, absl::Now())
          .ok());
  Copy("ca/ca.crl", "node1/ca.crl");
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  absl::Status refused;
  while (refused.ok() && absl::Now() < deadline) refused = AskWhoCalls(node1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr(") is revoked; replace it by a new one of `drover ca issue "
                                 "coordinator`"));
  // A new one is shown without a restart, once the connection has its age.
  Issue({CertificateKind::kCoordinator, "", {}}, "renewed");
  Copy("renewed/tls.key", "coordinator/tls.key");
  Copy("renewed/tls.crt", "coordinator/tls.crt");
  while (!refused.ok() && absl::Now() < deadline) refused = AskWhoCalls(node1).status();
  EXPECT_EQ(refused, absl::OkStatus());

  raise(SIGTERM);
  stopped.get_future().wait();
  EXPECT_EQ(exit_code.get(), 0);
}

// In a process of its own: logging is started once in each.
using DaemonDeathTest = DaemonTest;

TEST_F(DaemonDeathTest, DoesNotStartWithAListOfRevocationsThatCannotBeUsed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  ASSERT_TRUE(WriteFileDurably(config_.tls_dir + "/ca.crl", "no list").ok());
  StartServices never = [](DaemonContext) -> Task<absl::StatusOr<std::unique_ptr<DaemonServices>>> {
    co_return absl::InternalError("was started");
  };
  EXPECT_EXIT(exit(RunDaemon("test", config_, never)), testing::ExitedWithCode(1),
              "tls_dir: .*/ca.crl cannot be used: it is damaged.*"
              "copy it again from the folder of the authority\n");
}

}  // namespace
}  // namespace drover
