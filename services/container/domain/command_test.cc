#include "services/container/domain/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::container {
namespace {

using testing::ElementsAre;

const ImageConfig kImage = {.entrypoint = {"entry"}, .command = {"a", "b"}};

TEST(ResolveCommandTest, TakesTheImages) {
  EXPECT_THAT(*ResolveCommand(kImage, std::nullopt, std::nullopt), ElementsAre("entry", "a", "b"));
}

TEST(ResolveCommandTest, AConfiguredCommandReplacesTheImages) {
  EXPECT_THAT(*ResolveCommand(kImage, std::nullopt, Words{"c"}), ElementsAre("entry", "c"));
  EXPECT_THAT(*ResolveCommand(kImage, std::nullopt, Words{}), ElementsAre("entry"));
}

TEST(ResolveCommandTest, AConfiguredEntryPointDropsTheImagesCommand) {
  EXPECT_THAT(*ResolveCommand(kImage, Words{"other"}, std::nullopt), ElementsAre("other"));
  EXPECT_THAT(*ResolveCommand(kImage, Words{"other"}, Words{"c"}), ElementsAre("other", "c"));
  EXPECT_THAT(*ResolveCommand(kImage, Words{}, Words{"c"}), ElementsAre("c"));
}

TEST(ResolveCommandTest, RefusesNothing) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(ResolveCommand(ImageConfig(), std::nullopt, std::nullopt).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ResolveCommand(kImage, Words{}, std::nullopt).status()));
}

}  // namespace
}  // namespace drover::container
