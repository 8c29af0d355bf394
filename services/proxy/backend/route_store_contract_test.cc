// What every RouteStore does.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "services/common/file/durable_file.h"
#include "services/proxy/backend/fake_route_store.h"
#include "services/proxy/backend/file_route_store.h"

namespace drover::proxy {
namespace {

std::string RoutesPath() { return testing::TempDir() + "/routes"; }

using MakeStore = std::unique_ptr<RouteStore> (*)();

std::unique_ptr<RouteStore> MakeFake() { return std::make_unique<FakeRouteStore>(); }
std::unique_ptr<RouteStore> MakeFile() {
  std::filesystem::remove(RoutesPath());
  return std::make_unique<FileRouteStore>(RoutesPath());
}

class RouteStoreContract : public testing::TestWithParam<MakeStore> {};

TEST_P(RouteStoreContract, IsEmptyAtFirst) {
  EXPECT_EQ(GetParam()()->Load().value(), RouteTable());
}

TEST_P(RouteStoreContract, AnswersWhatWasSavedLast) {
  std::unique_ptr<RouteStore> store = GetParam()();
  RouteTable first = RouteTable::Create(1, {}).value();
  RouteTable second =
      RouteTable::Create(2, {{80, ApplicationName("web"), LocalTarget{8080, ContainerId("c1")}}})
          .value();
  ASSERT_TRUE(store->Save(first).ok());
  ASSERT_TRUE(store->Save(second).ok());
  EXPECT_EQ(store->Load().value(), second);
}

INSTANTIATE_TEST_SUITE_P(All, RouteStoreContract, testing::Values(MakeFake, MakeFile));

TEST(FileRouteStoreTest, NamesADamagedFile) {
  ASSERT_TRUE(WriteFileDurably(RoutesPath(), "nonsense").ok());
  absl::Status status = FileRouteStore(RoutesPath()).Load().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(status.message()).find(RoutesPath()), std::string::npos);
}

}  // namespace
}  // namespace drover::proxy
