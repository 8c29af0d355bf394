#include "cli/render/table.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

TEST(TableTest, AlignsColumns) {
  Table table({"NODE", "STATE"});
  table.AddRow({"node1", {"READY", Color::kGood}});
  table.AddRow({"né", ""});
  EXPECT_EQ(table.ToString(Style(false)),
            "NODE   STATE\n"
            "node1  READY\n"
            "né     -\n");
}

TEST(TableTest, PaintsTheTextAndNotTheGap) {
  Table table({"A", "B"});
  table.AddRow({{"x", Color::kBad}, "y"});
  EXPECT_EQ(table.ToString(Style(true)), "\033[2mA\033[0m  \033[2mB\033[0m\n\033[31mx\033[0m  y\n");
}

}  // namespace
}  // namespace drover::cli
