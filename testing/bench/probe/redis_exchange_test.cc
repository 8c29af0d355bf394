#include "testing/bench/probe/redis_exchange.h"

#include <gtest/gtest.h>

namespace drover::bench {
namespace {

const Request kWrite{.is_write = true, .number = 7};
const Request kRead{.is_write = false, .number = 7};
const Request kFirstRead{};

TEST(RedisExchangeTest, RequestsAreArraysOfWords) {
  EXPECT_EQ(Encode(kWrite, "key"),
            "*5\r\n$4\r\nZADD\r\n$3\r\nkey\r\n$2\r\nGT\r\n$1\r\n7\r\n$1\r\nn\r\n");
  EXPECT_EQ(Encode(kRead, "key"), "*3\r\n$6\r\nZSCORE\r\n$3\r\nkey\r\n$1\r\nn\r\n");
}

TEST(RedisExchangeTest, WaitsForWholeAnswers) {
  EXPECT_EQ(Judge(kWrite, ""), Answer::kIncomplete);
  EXPECT_EQ(Judge(kWrite, ":1\r"), Answer::kIncomplete);
  EXPECT_EQ(Judge(kRead, "$1\r\n"), Answer::kIncomplete);
  EXPECT_EQ(Judge(kRead, "$1\r\n8\r"), Answer::kIncomplete);
}

TEST(RedisExchangeTest, AnswersThatKnowEveryAnsweredWriteAreGood) {
  EXPECT_EQ(Judge(kWrite, ":1\r\n"), Answer::kGood);
  EXPECT_EQ(Judge(kWrite, ":0\r\n"), Answer::kGood);
  EXPECT_EQ(Judge(kRead, "$1\r\n7\r\n"), Answer::kGood);
  EXPECT_EQ(Judge(kRead, "$2\r\n12\r\n"), Answer::kGood);
  EXPECT_EQ(Judge(kFirstRead, "$-1\r\n"), Answer::kGood);
}

TEST(RedisExchangeTest, AnAnswerThatLostAWriteIsStale) {
  EXPECT_EQ(Judge(kRead, "$1\r\n6\r\n"), Answer::kStale);
  EXPECT_EQ(Judge(kRead, "$-1\r\n"), Answer::kStale);
}

TEST(RedisExchangeTest, ARedisThatStillLoadsDoesNotCountAsAnswering) {
  EXPECT_EQ(Judge(kRead, "-LOADING Redis is loading the dataset in memory\r\n"), Answer::kLoading);
  EXPECT_EQ(Judge(kWrite, "-LOADING Redis is loading the dataset in memory\r\n"), Answer::kLoading);
}

TEST(RedisExchangeTest, OtherErrorsAreToldApart) {
  EXPECT_EQ(Judge(kRead, "-ERR max number of clients reached\r\n"), Answer::kError);
  EXPECT_EQ(Judge(kWrite, "-MISCONF cannot write\r\n"), Answer::kError);
}

}  // namespace
}  // namespace drover::bench
