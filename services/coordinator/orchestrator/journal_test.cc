#include "services/coordinator/orchestrator/journal.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>

#include "services/common/async/blocking.h"
#include "services/coordinator/store/fake_store.h"

namespace drover::coordinator {
namespace {

// A push that reads the table while a change is being written must not give the nodes the new
// revision with the old routes.
TEST(JournalTest, ARouteRevisionShowsOnlyTogetherWithItsRoutes) {
  boost::asio::io_context io(1);
  BlockingPool pool(1);
  FakeStore store(std::make_shared<FakeStore::Disk>());
  std::promise<void> written, go_on;
  store.after_commit = [&](const Change&) {
    written.set_value();
    go_on.get_future().wait();
    return absl::OkStatus();
  };
  auto die = [](const absl::Status& why) { ADD_FAILURE() << why; };
  std::unique_ptr<Journal> journal = *Journal::Open(store, pool, die);

  Change change;
  ApplicationRecord redis;
  redis.name = ApplicationName("redis");
  redis.route = RouteTarget{NodeName("node1"), ContainerId("c")};
  change.applications.push_back(redis);
  boost::asio::co_spawn(io, journal->CommitRoutes(change), boost::asio::detached);
  io.poll();
  written.get_future().wait();
  io.poll();
  EXPECT_EQ(journal->route_revision(), 0);
  EXPECT_TRUE(journal->applications().empty());

  go_on.set_value();
  io.run();
  EXPECT_EQ(journal->route_revision(), 1);
  EXPECT_EQ(journal->applications().size(), 1u);
  pool.join();
}

}  // namespace
}  // namespace drover::coordinator
