// What every RouteStore does.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "services/common/file/durable_file.h"
#include "services/proxy/backend/fake_route_store.h"
#include "services/proxy/backend/file_route_store.h"
#include "services/proxy/domain/route_table_text.h"

namespace drover::proxy {
namespace {

std::string RoutesPath() { return testing::TempDir() + "/routes"; }
std::string ChangesPath() { return RoutesPath() + ".changes"; }

using MakeStore = std::unique_ptr<RouteStore> (*)();

std::unique_ptr<RouteStore> MakeFake() { return std::make_unique<FakeRouteStore>(); }
std::unique_ptr<RouteStore> MakeFile() {
  std::filesystem::remove(RoutesPath());
  std::filesystem::remove(ChangesPath());
  return std::make_unique<FileRouteStore>(RoutesPath());
}

Route Web(int internal_port) {
  return {80, ApplicationName("web"), LocalTarget{internal_port, ContainerId("c1")}};
}
RouteTable Table(int64_t revision, int internal_port) {
  return RouteTable::Create(revision, {Web(internal_port)}).value();
}
RouteDelta Delta(int64_t base, int64_t revision, int internal_port) {
  return RouteDelta::Create(base, revision, {Web(internal_port)}, {443}).value();
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

TEST_P(RouteStoreContract, AnswersWhatItWasExtendedTo) {
  std::unique_ptr<RouteStore> store = GetParam()();
  ASSERT_TRUE(store->Save(Table(5, 1)).ok());
  ASSERT_TRUE(store->Extend(Table(5, 1), Delta(5, 6, 2)).ok());
  ASSERT_TRUE(store->Extend(Table(6, 2), Delta(6, 8, 3)).ok());
  EXPECT_EQ(store->Load().value(), Table(8, 3));
  ASSERT_TRUE(store->Save(Table(9, 4)).ok());
  EXPECT_EQ(store->Load().value(), Table(9, 4));
  ASSERT_TRUE(store->Extend(Table(9, 4), Delta(9, 10, 5)).ok());
  EXPECT_EQ(store->Load().value(), Table(10, 5));
}

INSTANTIATE_TEST_SUITE_P(All, RouteStoreContract, testing::Values(MakeFake, MakeFile));

TEST(FileRouteStore, NamesADamagedFile) {
  ASSERT_TRUE(WriteFileDurably(RoutesPath(), "nonsense").ok());
  absl::Status status = FileRouteStore(RoutesPath()).Load().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(std::string(status.message()).find(RoutesPath()), std::string::npos);
}

class FileRouteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<RouteStore> store_ = MakeFile();
};

TEST_F(FileRouteStoreTest, AnswersTheSameAfterARestart) {
  ASSERT_TRUE(store_->Save(Table(5, 1)).ok());
  ASSERT_TRUE(store_->Extend(Table(5, 1), Delta(5, 6, 2)).ok());
  FileRouteStore restarted(RoutesPath());
  ASSERT_EQ(restarted.Load().value(), Table(6, 2));
  ASSERT_TRUE(restarted.Extend(Table(6, 2), Delta(6, 7, 3)).ok());
  EXPECT_EQ(FileRouteStore(RoutesPath()).Load().value(), Table(7, 3));
}

TEST_F(FileRouteStoreTest, WhatACrashCutIsFollowedByNothing) {
  ASSERT_TRUE(store_->Save(Table(5, 1)).ok());
  ASSERT_TRUE(store_->Extend(Table(5, 1), Delta(5, 6, 2)).ok());
  ASSERT_TRUE(store_->Extend(Table(6, 2), Delta(6, 7, 3)).ok());
  std::filesystem::resize_file(ChangesPath(), std::filesystem::file_size(ChangesPath()) - 1);
  FileRouteStore restarted(RoutesPath());
  ASSERT_EQ(restarted.Load().value(), Table(6, 2));
  ASSERT_TRUE(restarted.Extend(Table(6, 2), Delta(6, 8, 4)).ok());
  EXPECT_EQ(FileRouteStore(RoutesPath()).Load().value(), Table(8, 4));
}

// A crash between the two files.
TEST_F(FileRouteStoreTest, OldChangesDoNotTouchANewerTable) {
  ASSERT_TRUE(store_->Save(Table(5, 1)).ok());
  ASSERT_TRUE(store_->Extend(Table(5, 1), Delta(5, 6, 2)).ok());
  ASSERT_TRUE(WriteFileDurably(RoutesPath(), EncodeRouteTable(Table(7, 3))).ok());
  EXPECT_EQ(FileRouteStore(RoutesPath()).Load().value(), Table(7, 3));
}

TEST_F(FileRouteStoreTest, TheChangesStaySmall) {
  constexpr size_t kMaximum = 200;
  FileRouteStore store(RoutesPath(), kMaximum);
  ASSERT_TRUE(store.Save(Table(1, 1)).ok());
  for (int revision = 1; revision < 100; ++revision) {
    ASSERT_TRUE(
        store.Extend(Table(revision, revision), Delta(revision, revision + 1, revision + 1)).ok());
    ASSERT_LE(std::filesystem::file_size(ChangesPath()), kMaximum);
    ASSERT_EQ(store.Load().value(), Table(revision + 1, revision + 1));
  }
}

}  // namespace
}  // namespace drover::proxy
