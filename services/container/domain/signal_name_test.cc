#include "services/container/domain/signal_name.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace drover::container {
namespace {

TEST(SignalNameTest, HasTheFormsOfStopsignal) {
  EXPECT_EQ(SignalNumber("SIGTERM").value(), SIGTERM);
  EXPECT_EQ(SignalNumber("INT").value(), SIGINT);
  EXPECT_EQ(SignalNumber("sigquit").value(), SIGQUIT);
  EXPECT_EQ(SignalNumber("9").value(), SIGKILL);
  EXPECT_EQ(SignalNumber("SIGRTMIN").value(), SIGRTMIN);
  EXPECT_EQ(SignalNumber("SIGRTMIN+3").value(), SIGRTMIN + 3);
  EXPECT_EQ(SignalNumber("RTMAX-2").value(), SIGRTMAX - 2);
}

TEST(SignalNameTest, RefusesAnythingElse) {
  for (const char* name : {"", "SIG", "0", "-1", "1000", "TERMINATE", "RTMIN+99", "RTMIN-1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(SignalNumber(name).status())) << name;
  }
}

}  // namespace
}  // namespace drover::container
