// What every end-to-end test of a real cluster begins and ends with.
#ifndef DROVER_TESTING_E2E_CLUSTER_TEST_BASE_H_
#define DROVER_TESTING_E2E_CLUSTER_TEST_BASE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "testing/e2e/cluster.h"

namespace drover::e2e {

// One cluster of two nodes for all tests of a suite. Each test is skipped, with the reason, on a
// computer that cannot have one; after each that ran, all sides must agree on what is where.
class ClusterTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { StartCluster(2); }
  static void TearDownTestSuite() { cluster_.reset(); }

  // A suite that wants more nodes calls this in a SetUpTestSuite of its own. False if there cannot
  // be a cluster.
  static bool StartCluster(int nodes) {
    if (WhatIsMissing().empty()) cluster_ = std::make_unique<Cluster>(BackendOfNodes(), nodes);
    return cluster_ != nullptr;
  }

  void SetUp() final {
    if (cluster_ == nullptr) GTEST_SKIP() << WhatIsMissing();
    Prepare();
  }
  void TearDown() final {
    if (cluster_ != nullptr) CleanUp();
  }

  // Before and after each test that runs.
  virtual void Prepare() {}
  virtual void CleanUp() { cluster_->ExpectAgreement(); }

  static inline std::unique_ptr<Cluster> cluster_;
};

}  // namespace drover::e2e

#endif  // DROVER_TESTING_E2E_CLUSTER_TEST_BASE_H_
