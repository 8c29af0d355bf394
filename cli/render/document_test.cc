#include "cli/render/document.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

Document Example() {
  Document ports = Document::List();
  ports.Add(Document::Object()
                .Set("internal", Document::Number(1))
                .Set("external", Document::Number(9007199254740993)));
  ports.Add(Document::Object().Set("internal", Document::Number(2)));
  return Document::Object()
      .Set("name", Document::String("redis"))
      .Set("node", Document::StringOrNull(""))
      .Set("cordoned", Document::Boolean(false))
      .Set("error", Document::String("a \"b\"\n\x01"))
      .Set("ports", std::move(ports))
      .Set("copies", Document::List());
}

TEST(DocumentTest, WritesJson) {
  EXPECT_EQ(Example().ToJson(), R"({
  "name": "redis",
  "node": null,
  "cordoned": false,
  "error": "a \"b\"\n\u0001",
  "ports": [
    {
      "internal": 1,
      "external": 9007199254740993
    },
    {
      "internal": 2
    }
  ],
  "copies": []
}
)");
}

TEST(DocumentTest, WritesYaml) {
  EXPECT_EQ(Example().ToYaml(), R"(name: redis
node: null
cordoned: false
error: "a \"b\"\n\u0001"
ports:
  - internal: 1
    external: 9007199254740993
  - internal: 2
copies: []
)");
}

TEST(DocumentTest, QuotesWhatYamlWouldMisread) {
  Document list = Document::List();
  for (const char* text : {"5", "yes", "22:22", "", "- a", "a: b", "192.0.2.1"}) {
    list.Add(Document::String(text));
  }
  EXPECT_EQ(list.ToYaml(),
            "- \"5\"\n- \"yes\"\n- \"22:22\"\n- \"\"\n- \"- a\"\n- \"a: b\"\n- 192.0.2.1\n");
}

TEST(DocumentTest, WritesEmptyCollections) {
  EXPECT_EQ(Document::Object().ToJson(), "{}\n");
  EXPECT_EQ(Document::List().ToYaml(), "[]\n");
}

}  // namespace
}  // namespace drover::cli
