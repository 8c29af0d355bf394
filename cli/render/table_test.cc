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

TEST(TableTest, WrapsItsWordyColumnsWhereItIsTooWide) {
  Table table({"PLAN", "APPLICATION", {"WHY", Wrap::kAtWords}});
  table.AddRow({"MOVE", "redis-example", "not possible: node2 is full"});
  table.AddRow({"START", "db", "placed on node2"});
  EXPECT_EQ(table.ToString(Style(false, 42)),
            "PLAN   APPLICATION    WHY\n"
            "MOVE   redis-example  not possible: node2\n"
            "                      is full\n"
            "START  db             placed on node2\n");
  EXPECT_EQ(table.ToString(Style(false, 49)),
            "PLAN   APPLICATION    WHY\n"
            "MOVE   redis-example  not possible: node2 is full\n"
            "START  db             placed on node2\n");
}

TEST(TableTest, NarrowsTheWidestColumnFirst) {
  Table table({"NODE", {"PORTS", Wrap::kAtWords}, {"VOLUMES", Wrap::kAtWords}, "SIZE"});
  table.AddRow({"n", "80->80", {"/one,/two,/three,/four", Color::kBad}, "1 B"});
  EXPECT_EQ(table.ToString(Style(false, 30)),
            "NODE  PORTS   VOLUMES     SIZE\n"
            "n     80->80  /one,/two,  1 B\n"
            "              /three,\n"
            "              /four\n");
}

TEST(TableTest, NeverCutsANameOrAWord) {
  Table table({"NODE", {"WHY", Wrap::kAtWords}});
  table.AddRow({"a-name-with-spaces in it", "unbreakable it is"});
  EXPECT_EQ(table.ToString(Style(false, 10)),
            "NODE                      WHY\n"
            "a-name-with-spaces in it  unbreakable\n"
            "                          it is\n");
}

TEST(TableTest, ShortensDigests) {
  Table table({"IMAGE"});
  table.AddRow({"redis@sha256:" + std::string(64, '7')});
  EXPECT_EQ(table.ToString(Style(false)), "IMAGE\nredis@sha256:777777777777…\n");
}

}  // namespace
}  // namespace drover::cli
