#include "services/coordinator/orchestrator/node_names.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "services/coordinator/orchestrator/testing/fake_host_resolver.h"

namespace drover::coordinator {
namespace {

template <class T>
T RunToEnd(Task<T> task) {
  boost::asio::io_context io;
  T result;
  auto done = [&result](std::exception_ptr, T value) { result = std::move(value); };
  boost::asio::co_spawn(io, std::move(task), std::move(done));
  io.run();
  return result;
}

class NodeNamesTest : public ::testing::Test {
 protected:
  NodeNamesTest() {
    nodes_.resize(2);
    nodes_[0].name = NodeName("node1");
    nodes_[0].address = "192.0.2.1";
    nodes_[1].name = NodeName("node2");
    nodes_[1].address = "two.example";
    hosts_.known = {{"one.example", {"192.0.2.1"}},
                    {"two.example", {"192.0.2.2"}},
                    {"both.example", {"192.0.2.1", "192.0.2.2"}},
                    {"elsewhere.example", {"192.0.2.9"}}};
  }
  std::string Name(const std::string& written) {
    return RunToEnd(RegisteredName(hosts_, nodes_, written));
  }

  FakeHostResolver hosts_;
  std::vector<NodeView> nodes_;
};

TEST_F(NodeNamesTest, TakesNamesAddressesAndHostNames) {
  EXPECT_EQ(Name("node1"), "node1");
  EXPECT_EQ(Name("192.0.2.1"), "node1");
  EXPECT_EQ(Name("one.example"), "node1");
  EXPECT_EQ(Name("two.example"), "node2");
  EXPECT_EQ(Name("192.0.2.2"), "node2");
}

TEST_F(NodeNamesTest, LeavesWhatNamesNoNodeOrSeveral) {
  EXPECT_EQ(Name("unknown.example"), "unknown.example");
  EXPECT_EQ(Name("elsewhere.example"), "elsewhere.example");
  EXPECT_EQ(Name("both.example"), "both.example");
}

TEST(SystemHostResolverTest, KnowsAddressesAndThisHost) {
  BlockingPool pool(1);
  SystemHostResolver hosts(pool);
  EXPECT_EQ(RunToEnd(hosts.Resolve("192.0.2.7")), std::vector<std::string>{"192.0.2.7"});
  EXPECT_EQ(RunToEnd(hosts.Resolve("localhost")), std::vector<std::string>{"127.0.0.1"});
  pool.join();
}

}  // namespace
}  // namespace drover::coordinator
