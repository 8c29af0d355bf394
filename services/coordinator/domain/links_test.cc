#include "services/coordinator/domain/links.h"

#include <gtest/gtest.h>

namespace drover::coordinator {
namespace {

ApplicationSpec Serving(int external_port) {
  ApplicationSpec spec;
  spec.ports = {{80, external_port}};
  return spec;
}

TEST(AreLinkedTest, ByALinkToAnExternalPortInEitherDirection) {
  const ApplicationSpec database = Serving(5432);
  ApplicationSpec web = Serving(8080);
  EXPECT_FALSE(AreLinked(web, database));
  web.links = {{80, 9000, "other"}, {80, 5432, "database"}};
  EXPECT_TRUE(AreLinked(web, database));
  EXPECT_TRUE(AreLinked(database, web));
  EXPECT_FALSE(AreLinked(web, Serving(80)));
}

}  // namespace
}  // namespace drover::coordinator
