#include "testing/e2e/test_watch.h"

#include <unistd.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace drover::e2e {

TestWatch::TestWatch(absl::Duration limit, std::function<std::string()> report,
                     std::function<void()> clean_up)
    : limit_(limit),
      report_(std::move(report)),
      clean_up_(std::move(clean_up)),
      thread_([this] { Watch(); }) {}

TestWatch::~TestWatch() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void TestWatch::OnTestStart(const testing::TestInfo& test) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    running_ =
        Running{absl::StrCat(test.test_suite_name(), ".", test.name()), absl::Now() + limit_};
  }
  changed_.notify_one();
}

void TestWatch::OnTestEnd(const testing::TestInfo& test) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    running_.reset();
  }
  changed_.notify_one();
  if (test.result()->Failed()) std::cerr << report_() << std::flush;
}

void TestWatch::Watch() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (!running_.has_value()) {
      changed_.wait(lock);
    } else if (absl::Now() < running_->deadline) {
      changed_.wait_until(lock, absl::ToChronoTime(running_->deadline));
    } else {
      GiveUp(running_->name);
    }
  }
}

void TestWatch::GiveUp(const std::string& test) {
  std::cerr << test << " did not end within " << limit_ << "\n" << report_() << std::flush;
  clean_up_();
  _exit(1);
}

}  // namespace drover::e2e
