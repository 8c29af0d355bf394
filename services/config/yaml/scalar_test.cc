#include "services/config/yaml/scalar.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::config {
namespace {

TEST(ScalarTest, ReadsAsYaml11OrYaml12Does) {
  const std::pair<ScalarKind, std::vector<const char*>> cases[] = {
      {ScalarKind::kNull, {"", "~", "null", "NULL"}},
      {ScalarKind::kBoolean, {"yes", "no", "on", "Off", "TRUE", "false"}},
      {ScalarKind::kNumber,
       {"5", "-5", "+5", "0", "010", "1_000", "0x1F", "0b10", "0o17", "1.5", ".5", "5.", "1e3",
        "1.5E+10", ".inf", "-.INF", ".NaN"}},
      {ScalarKind::kBase60Number,
       {"22:22", "8080:8", "8080:59", "-1_0:05", "1:30:00", "190:20:30.15", "0:30.", "1:2:3"}},
      {ScalarKind::kTime, {"2014-12-31", "2014-12-31T22:22:00Z", "2014-12-31 22:22:00.5 +01:00"}},
      {ScalarKind::kString,
       {"redis",   "y",        "n",     "nULL",     "1.2.3",       "192.0.2.1",  "10s",  "1m30s",
        "512M",    "_1",       ".",     "-",        "1e",          "0x",         "e3",   "22:222",
        "8080:80", "443:8443", "22:60", "22:22:60", "0:30",        "022:22",     "_1:2", "22:",
        "22:5x",   "22:.5",    ":22",   "2014-12",  "2014-12-31x", "on-failure", "=",    "<<"}},
  };
  for (const auto& [kind, texts] : cases) {
    for (const char* text : texts) {
      EXPECT_EQ(ScalarKindName(ClassifyPlainScalar(text)), ScalarKindName(kind)) << text;
    }
  }
}

TEST(ScalarTest, IsNotUpsetByLength) {
  EXPECT_EQ(ClassifyPlainScalar(std::string(1 << 20, '1')), ScalarKind::kNumber);
}

}  // namespace
}  // namespace drover::config
