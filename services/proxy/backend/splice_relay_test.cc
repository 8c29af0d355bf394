#include "services/proxy/backend/splice_relay.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace drover::proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

const tcp::endpoint kAnyPort(asio::ip::address_v4::loopback(), 0);

// Sends back what it receives, and "end" after the client's last byte.
class EchoServer {
 public:
  explicit EchoServer(const tcp::endpoint& endpoint = kAnyPort) : acceptor_(io_, endpoint) {
    thread_ = std::thread([this] { Serve(); });
  }
  ~EchoServer() {
    stopping_ = true;
    tcp::socket wake(io_);
    wake.connect(acceptor_.local_endpoint());
    thread_.join();
  }

  int port() const { return acceptor_.local_endpoint().port(); }
  int connections() const { return connections_; }

 private:
  void Serve() {
    while (true) {
      tcp::socket socket = acceptor_.accept();
      if (stopping_) return;
      ++connections_;
      std::vector<char> bytes(100'000);
      boost::system::error_code error;
      while (true) {
        const size_t size = socket.read_some(asio::buffer(bytes), error);
        if (error) break;
        asio::write(socket, asio::buffer(bytes, size), error);
      }
      asio::write(socket, asio::buffer("end", 3), error);
    }
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

class SpliceRelayTest : public testing::Test {
 protected:
  void StartRelay(SpliceRelay::Options options = {}) {
    // What the kernel tells of a redirected connection.
    options.external_port = [this](tcp::socket& client) {
      std::lock_guard lock(mutex_);
      return external_ports_.at(client.remote_endpoint());
    };
    relay_ = SpliceRelay::Start(std::move(options)).value();
  }

  // Has not connected yet.
  tcp::socket NewClient(int external_port) {
    tcp::socket socket(io_, kAnyPort);
    std::lock_guard lock(mutex_);
    external_ports_[socket.local_endpoint()] = external_port;
    return socket;
  }
  tcp::endpoint relay_endpoint() const {
    return tcp::endpoint(kAnyPort.address(), static_cast<uint16_t>(relay_->listen_port()));
  }
  tcp::socket Connect(int external_port) {
    tcp::socket socket = NewClient(external_port);
    socket.connect(relay_endpoint());
    return socket;
  }

  // Sends `text` and its end; what comes back until the other side's end.
  static std::string Exchange(tcp::socket& socket, const std::string& text) {
    auto sent = std::async(std::launch::async, [&] {
      asio::write(socket, asio::buffer(text));
      socket.shutdown(tcp::socket::shutdown_send);
    });
    std::string answer;
    boost::system::error_code error;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    sent.get();
    return error == asio::error::eof ? answer : error.message();
  }

  asio::io_context io_;
  std::mutex mutex_;
  std::map<tcp::endpoint, int> external_ports_;
  std::unique_ptr<SpliceRelay> relay_;
};

TEST_F(SpliceRelayTest, CarriesBytesBothWaysAndTheEnd) {
  StartRelay();
  EchoServer server;
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i);
  tcp::socket client = Connect(server.port());
  EXPECT_EQ(Exchange(client, text), text + "end");
}

TEST_F(SpliceRelayTest, AConnectionToAHeldPortWaitsForItsRelease) {
  StartRelay();
  EchoServer held;
  EchoServer other;
  relay_->Hold({held.port()});
  tcp::socket waiting = Connect(held.port());
  asio::write(waiting, asio::buffer("hello", 5));
  // The relay accepts in order: when this is answered it has seen the first.
  tcp::socket passing = Connect(other.port());
  EXPECT_EQ(Exchange(passing, "x"), "xend");
  EXPECT_EQ(held.connections(), 0);
  relay_->Release({held.port()});
  EXPECT_EQ(Exchange(waiting, " again"), "hello againend");
}

TEST_F(SpliceRelayTest, ThoseThatWaitedComeInOneForEachThatIsAnsweredAndSometimesTwo) {
  StartRelay({.entry_time = std::chrono::hours(1)});
  tcp::acceptor application(io_, kAnyPort);
  const int port = application.local_endpoint().port();
  relay_->Hold({port});
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(Connect(port));
  while (relay_->counters().waiting < 5) std::this_thread::yield();
  relay_->Release({port});
  tcp::socket first = application.accept();
  tcp::socket second = application.accept();
  // One that did not wait comes after all that could have come by now.
  tcp::socket passing = Connect(port);
  tcp::socket third = application.accept();
  asio::write(passing, asio::buffer("x", 1));
  char byte;
  asio::read(third, asio::buffer(&byte, 1));
  EXPECT_EQ(relay_->counters().waiting, 3);
  asio::write(second, asio::buffer("answer", 6));
  tcp::socket fourth = application.accept();
  EXPECT_EQ(relay_->counters().waiting, 2);
  first.close();
  tcp::socket fifth = application.accept();
  tcp::socket sixth = application.accept();
  EXPECT_EQ(relay_->counters().waiting, 0);
}

TEST_F(SpliceRelayTest, ThoseThatWaitedComeInAlthoughNobodyIsAnswered) {
  StartRelay();
  tcp::acceptor application(io_, kAnyPort);
  const int port = application.local_endpoint().port();
  relay_->Hold({port});
  std::vector<tcp::socket> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(Connect(port));
  while (relay_->counters().waiting < 50) std::this_thread::yield();
  relay_->Release({port});
  for (int i = 0; i < 50; ++i) clients.push_back(application.accept());
  EXPECT_EQ(relay_->counters().waiting, 0);
}

TEST_F(SpliceRelayTest, AnApplicationThatDoesNotAcceptYetIsTriedAgain) {
  StartRelay();
  auto first = std::make_unique<EchoServer>();
  const tcp::endpoint endpoint(kAnyPort.address(), static_cast<uint16_t>(first->port()));
  first.reset();
  tcp::socket client = Connect(endpoint.port());
  asio::write(client, asio::buffer("early", 5));
  EchoServer late(endpoint);
  EXPECT_EQ(Exchange(client, ""), "earlyend");
}

TEST_F(SpliceRelayTest, AnAppsConnectionToItselfDoesNotWait) {
  StartRelay();
  EchoServer held;
  EchoServer itself;
  relay_->Hold({held.port()});
  // The first waits already when it is known whose address it comes from.
  tcp::socket first = Connect(held.port());
  relay_->SetOwnPorts({{{Ipv4Address(0x7f000001), held.port()}, itself.port()},
                       {{Ipv4Address(0x7f000002), held.port()}, held.port()}});
  EXPECT_EQ(Exchange(first, "1"), "1end");
  tcp::socket second = Connect(held.port());
  EXPECT_EQ(Exchange(second, "2"), "2end");
  EXPECT_EQ(held.connections(), 0);
}

TEST_F(SpliceRelayTest, ResetsWhatWaitedTooLong) {
  StartRelay({.patience = std::chrono::milliseconds(1)});
  relay_->Hold({1});
  tcp::socket client = Connect(1);
  char byte;
  boost::system::error_code error;
  client.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::connection_reset);
  EXPECT_EQ(relay_->counters().held, 1);
  EXPECT_EQ(relay_->counters().expired, 1);
  EXPECT_EQ(relay_->counters().waiting, 0);
}

// The others try again, as TCP does, until they are let in.
TEST_F(SpliceRelayTest, ThoseBeyondTheBoundTryAgain) {
  constexpr int kMaximum = 2;
  StartRelay({.maximum_held = kMaximum});
  EchoServer server;
  relay_->Hold({server.port()});
  std::vector<std::future<std::string>> answers;
  auto add_clients = [&](int count) {
    for (int i = 0; i < count; ++i) {
      auto ask = [this, client = NewClient(server.port())]() mutable {
        client.connect(relay_endpoint());
        return Exchange(client, "x");
      };
      answers.push_back(std::async(std::launch::async, std::move(ask)));
    }
  };
  add_clients(kMaximum);
  while (relay_->counters().waiting < kMaximum) std::this_thread::yield();
  add_clients(4);
  while (relay_->counters().dropped < 4) std::this_thread::yield();
  EXPECT_EQ(relay_->counters().waiting, kMaximum);
  relay_->Release({server.port()});
  for (std::future<std::string>& answer : answers) EXPECT_EQ(answer.get(), "xend");
  EXPECT_EQ(relay_->counters().expired, 0);
  EXPECT_EQ(relay_->counters().waiting, 0);
}

TEST_F(SpliceRelayTest, ABrokenClientBreaksItsApplicationsConnection) {
  StartRelay();
  tcp::acceptor application(io_, kAnyPort);
  tcp::socket client = Connect(application.local_endpoint().port());
  tcp::socket accepted = application.accept();
  client.set_option(asio::socket_base::linger(true, 0));
  client.close();
  char byte;
  boost::system::error_code error;
  accepted.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::connection_reset);
}

// Its client has sent the request again by another connection, and perhaps others behind it.
TEST_F(SpliceRelayTest, WhatBrokeWhileItWaitedIsNotCarriedOut) {
  StartRelay();
  EchoServer server;
  relay_->Hold({server.port()});
  tcp::socket broken = Connect(server.port());
  asio::write(broken, asio::buffer("hello", 5));
  tcp::socket whole = Connect(server.port());
  while (relay_->counters().waiting < 2) std::this_thread::yield();
  broken.set_option(asio::socket_base::linger(true, 0));
  broken.close();
  relay_->Release({server.port()});
  EXPECT_EQ(Exchange(whole, "x"), "xend");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(SpliceRelayTest, NobodyIsLedInACircle) {
  StartRelay();
  tcp::socket client = Connect(relay_->listen_port());
  char byte;
  boost::system::error_code error;
  client.read_some(asio::buffer(&byte, 1), error);
  EXPECT_EQ(error, asio::error::connection_reset);
}

TEST_F(SpliceRelayTest, EndsWithConnectionsWaitingAndCarried) {
  StartRelay();
  EchoServer server;
  relay_->Hold({1});
  tcp::socket waiting = Connect(1);
  tcp::socket carried = Connect(server.port());
  asio::write(carried, asio::buffer("x", 1));
  char byte;
  asio::read(carried, asio::buffer(&byte, 1));
  // As with SIGKILL, its sockets are closed by nobody but the kernel.
  relay_.reset();
  for (tcp::socket* socket : {&carried, &waiting}) {
    boost::system::error_code error;
    socket->read_some(asio::buffer(&byte, 1), error);
    EXPECT_EQ(error, asio::error::connection_reset) << "it looks like an orderly end";
  }
}

TEST(SpliceRelay, SaysThatItsPortIsTaken) {
  auto first = SpliceRelay::Start({}).value();
  auto second = SpliceRelay::Start({.listen_port = first->listen_port()});
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
}

}  // namespace
}  // namespace drover::proxy
