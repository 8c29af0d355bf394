#include "services/common/process/process.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "services/common/process/child.h"

namespace drover {
namespace {

TEST(RunCommandTest, AnswersOutputAndExitCode) {
  auto result = RunCommand({"sh", "-c", "cat; echo bad >&2; exit 3"}, {.input = "hello"});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output, "hello");
  EXPECT_EQ(result->error_output, "bad\n");
}

TEST(RunCommandTest, SaysThatThereIsNoSuchProgram) {
  EXPECT_TRUE(absl::IsNotFound(RunCommand({"/no/such/program"}).status()));
}

TEST(RunCommandTest, KillsWhatDoesNotEnd) {
  auto result = RunCommand({"sleep", "1000"}, {.timeout = absl::Milliseconds(50)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(result.status())) << result.status();
}

TEST(RunCommandTest, MovesMoreThanAPipeHolds) {
  const std::string input(1 << 20, 'x');
  auto result = RunCommand({"cat"}, {.input = input});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->output.size(), input.size());
}

TEST(RunCommandTest, IgnoresInputThatIsNotRead) {
  auto result = RunCommand({"true"}, {.input = std::string(1 << 20, 'x')});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exit_code, 0);
}

TEST(RunCheckedTest, TurnsAFailureIntoAnError) {
  auto result = RunChecked({"sh", "-c", "echo no such pool >&2; exit 1"});
  EXPECT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("exit code 1: no such pool"), std::string::npos);
}

TEST(RunCheckedTest, AddsToTheEnvironment) {
  EXPECT_EQ(*RunChecked({"sh", "-c", "echo $X"}, {.environment = {"X=7"}}), "7\n");
  EXPECT_EQ(*RunChecked({"sh", "-c", "env | grep ^PATH="}, {.environment = {"PATH=/bin:/x"}}),
            "PATH=/bin:/x\n");
}

class ChildTest : public testing::Test {
 protected:
  template <class T>
  T Run(Task<T> task) {
    std::optional<T> result;
    auto done = [&result](std::exception_ptr, T value) { result = std::move(value); };
    boost::asio::co_spawn(io_, std::move(task), done);
    io_.run();
    io_.restart();
    return *std::move(result);
  }
  boost::asio::io_context io_;
};

Task<absl::StatusOr<std::string>> Echo(Child& child) {
  absl::Status written = co_await child.Write("abc", 3);
  if (!written.ok()) co_return written;
  child.CloseInput();
  std::string output;
  while (true) {
    char buffer[2];
    absl::StatusOr<size_t> count = co_await child.Read(buffer, sizeof(buffer));
    if (!count.ok()) co_return count.status();
    if (*count == 0) break;
    output.append(buffer, *count);
  }
  absl::Status ended = co_await child.Wait();
  if (!ended.ok()) co_return ended;
  co_return output;
}

TEST_F(ChildTest, ReadsWritesAndWaits) {
  auto child = Child::Start(io_.get_executor(), {"cat"}, {.pipe_input = true, .pipe_output = true});
  ASSERT_TRUE(child.ok()) << child.status();
  auto output = Run(Echo(**child));
  ASSERT_TRUE(output.ok()) << output.status();
  EXPECT_EQ(*output, "abc");
}

TEST_F(ChildTest, ReportsTheExitCodeAndWhatWasSaid) {
  auto child = Child::Start(io_.get_executor(), {"sh", "-c", "echo full >&2; exit 5"}, {});
  absl::Status status = Run((*child)->Wait());
  EXPECT_NE(status.message().find("exit code 5: full"), std::string::npos) << status;
}

TEST_F(ChildTest, ReportsAKilledChild) {
  auto child = Child::Start(io_.get_executor(), {"sleep", "1000"}, {});
  (*child)->Kill();
  absl::Status status = Run((*child)->Wait());
  EXPECT_NE(status.message().find("exit code 137"), std::string::npos) << status;
}

TEST_F(ChildTest, IsKilledWithItsOwner) {
  auto child = Child::Start(io_.get_executor(), {"sleep", "1000"}, {});
  child->reset();  // Would wait for ever if the child were not killed.
}

}  // namespace
}  // namespace drover
