#include "inventory/base/version.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("a Kubernetes version is MAJOR.MINOR.PATCH with or without v") {
  for (const char* text : {"1.34.4", "v1.34.4"}) {
    const auto version = parse_kube_version(text);
    REQUIRE(version);
    CHECK(*version == KubeVersion{1, 34, 4});
    CHECK(version->str() == "1.34.4");
    CHECK(version->tag() == "v1.34.4");
    CHECK(version->minor_str() == "1.34");
  }
  CHECK(KubeVersion{1, 9, 11} < KubeVersion{1, 10, 0});
  CHECK(KubeVersion{1, 33, 13} < KubeVersion{1, 34, 4});
}

TEST_CASE("anything else is no Kubernetes version") {
  for (const char* text : {"",          "v",        "1",           "1.34",        "1.34.",
                           "1.34.x",    "1.34.4.1", "1.34.4-rc.1", "1.34.4+k3s1", " 1.34.4",
                           "1.34.4 ",   "-1.34.4",  "1.-34.4",     "+1.34.4",     "01.34.4",
                           "1.034.4",   "1..4",     "vv1.34.4",    "V1.34.4",     "99999999999.1.1",
                           "1.34.99999"}) {
    const auto version = parse_kube_version(text);
    INFO(text);
    REQUIRE_FALSE(version);
    CHECK(version.error().kind == ErrorKind::File);
    CHECK(version.error().message == "\"" + std::string(text) + "\" is not a Kubernetes version");
    CHECK(version.error().remedy == "expected MAJOR.MINOR.PATCH, for example 1.34.4");
  }
}

TEST_CASE("the version of a package revision") {
  for (const char* text :
       {"1.34.4-1.1", "1.34.4-00", "1.34.4-150500.1.1", "1.34.4", "0:1.34.4-1.1"}) {
    const auto version = version_of_revision(text);
    INFO(text);
    REQUIRE(version);
    CHECK(*version == KubeVersion{1, 34, 4});
  }
  for (const char* text :
       {"", "1.34", "1.34.4-", "1.34.4~rc.1-1.1", "1.34.4.1", "(none)", "0:", ":1.34.4"}) {
    INFO(text);
    CHECK_FALSE(version_of_revision(text));
  }
}

}  // namespace drover
