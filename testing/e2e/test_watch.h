// What a failed or stuck end-to-end test tells: the test framework alone would say only TIMEOUT.
#ifndef DROVER_TESTING_E2E_TEST_WATCH_H_
#define DROVER_TESTING_E2E_TEST_WATCH_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/time/time.h"

namespace drover::e2e {

// Prints `report()` after each test that failed. If one does not end within `limit`, prints it
// then, calls `clean_up` and ends the process with exit code 1. Both run on the watch's thread in
// that case, while the test still hangs.
class TestWatch : public testing::EmptyTestEventListener {
 public:
  TestWatch(absl::Duration limit, std::function<std::string()> report,
            std::function<void()> clean_up);
  ~TestWatch() override;

  void OnTestStart(const testing::TestInfo& test) override;
  void OnTestEnd(const testing::TestInfo& test) override;

 private:
  // The test that runs now.
  struct Running {
    std::string name;
    absl::Time deadline;
  };

  void Watch();
  [[noreturn]] void GiveUp(const std::string& test);

  const absl::Duration limit_;
  const std::function<std::string()> report_;
  const std::function<void()> clean_up_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Running> running_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace drover::e2e

#endif  // DROVER_TESTING_E2E_TEST_WATCH_H_
