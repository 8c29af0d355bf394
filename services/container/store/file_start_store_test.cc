// The contract of StartStore, for the real one and the fake.
#include "services/container/store/file_start_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "services/container/store/fake_start_store.h"

namespace drover::container {
namespace {

v1::StartRecord Record(const std::string& application, const std::string& start_id) {
  v1::StartRecord record;
  record.mutable_spec()->set_name(application);
  (*record.mutable_spec()->mutable_environment())["A"] = "b\nc";
  record.set_start_id(start_id);
  record.set_intent(v1::StartRecord::INTENT_RUN);
  return record;
}

class StartStoreTest : public testing::TestWithParam<bool> {
 protected:
  StartStoreTest() {
    std::string pattern = testing::TempDir() + "/storeXXXXXX";
    folder_ = mkdtemp(pattern.data());
    if (GetParam()) {
      store_ = std::make_unique<FileStartStore>(*FileStartStore::Open(folder_ + "/starts"));
    } else {
      store_ = std::make_unique<FakeStartStore>();
    }
  }
  ~StartStoreTest() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  std::unique_ptr<StartStore> store_;
};

TEST_P(StartStoreTest, KeepsTheNewestRecordOfEachApplication) {
  EXPECT_TRUE(store_->Load()->empty());
  ASSERT_TRUE(store_->Put(Record("one", "1")).ok());
  ASSERT_TRUE(store_->Put(Record("two", "2")).ok());
  ASSERT_TRUE(store_->Put(Record("one", "3")).ok());
  ASSERT_TRUE(store_->Delete("two").ok());
  ASSERT_TRUE(store_->Delete("two").ok());
  auto records = store_->Load();
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 1);
  EXPECT_EQ(records->at(0).ShortDebugString(), Record("one", "3").ShortDebugString());
}

INSTANTIATE_TEST_SUITE_P(All, StartStoreTest, testing::Values(true, false));

TEST(FileStartStoreTest, NamesADamagedFile) {
  std::string pattern = testing::TempDir() + "/storeXXXXXX";
  const std::string folder = mkdtemp(pattern.data());
  FileStartStore store = *FileStartStore::Open(folder);
  std::ofstream(folder + "/one.textproto") << "spec {";
  EXPECT_TRUE(absl::IsDataLoss(store.Load().status()));
  EXPECT_THAT(store.Load().status().message(), testing::HasSubstr("/one.textproto is damaged"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace drover::container
