#include "services/config/values/image_reference.h"

#include <gtest/gtest.h>

#include <string>

#include "services/config/yaml/excerpt.h"

namespace drover::config {
namespace {

const std::string kDigest =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

TEST(ImageReferenceTest, FillsInTheTag) {
  const std::pair<std::string, std::string> cases[] = {
      {"redis", "redis:latest"},
      {"redis:6", "redis:6"},
      {"flocker.local/redis", "flocker.local/redis:latest"},
      {"host:5000/img", "host:5000/img:latest"},
      {"host:5000/img:v1.2-rc_3", "host:5000/img:v1.2-rc_3"},
      {"HOST/img", "HOST/img:latest"},
      {"localhost/a/b__c/d-.e", ""},
      {"localhost/a/b__c/d--e.f", "localhost/a/b__c/d--e.f:latest"},
      {"192.0.2.9:5000/team/redis@" + kDigest, "192.0.2.9:5000/team/redis@" + kDigest},
      {"redis:6@" + kDigest, "redis:6@" + kDigest},
      {"[2001:db8::1]:5000/img", "[2001:db8::1]:5000/img:latest"},
  };
  for (const auto& [text, normal] : cases) {
    EXPECT_EQ(NormalizeImageReference(text).value_or(""), normal) << text;
  }
}

TEST(ImageReferenceTest, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "the name is malformed"},
      {"Redis", "the name is malformed"},
      {"team/Redis", "the name is malformed"},
      {"a//b", "the name is malformed"},
      {"/redis", "the name is malformed"},
      {"redis/", "the name is malformed"},
      {"a___b", "the name is malformed"},
      {"a..b", "the name is malformed"},
      {"-a", "the name is malformed"},
      {"host:0/img", "the name is malformed"},
      {"host:port/img", "the name is malformed"},
      {"-host.x/img", "the name is malformed"},
      {"my image", "the name is malformed"},
      {std::string(256, 'a'), "the name is malformed"},
      {"redis:", "the tag is malformed"},
      {"redis:a:b", "the tag is malformed"},
      {"redis:-x", "the tag is malformed"},
      {"redis:" + std::string(129, 'a'), "the tag is malformed"},
      {"redis@sha256:12", "what follows `@` is not a digest such as sha256:…"},
      {"redis@", "what follows `@` is not a digest such as sha256:…"},
  };
  for (const auto& [text, why] : cases) {
    EXPECT_EQ(NormalizeImageReference(text).status().message(),
              "\"" + Excerpt(text) + "\" is not an image reference: " + why +
                  "; allowed is [host[:port]/]name[:tag][@digest], the name in lower case");
  }
}

}  // namespace
}  // namespace drover::config
