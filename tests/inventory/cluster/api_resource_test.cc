#include "inventory/cluster/api_resource.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("the kinds that a group of the API has, without subresources") {
  const auto resources = parse_api_resources(R"({"kind":"APIResourceList","groupVersion":"apps/v1",
   "resources":[{"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment"},
    {"name":"deployments/scale","namespaced":true,"kind":"Scale"},
    {"name":"things","namespaced":false,"kind":"Thing"}]})");
  REQUIRE(resources);
  REQUIRE(resources->size() == 2);
  CHECK(resources->front().name == "deployments");
  CHECK(resources->front().namespaced);
  CHECK_FALSE((*resources)[1].namespaced);
  CHECK_FALSE(parse_api_resources(R"({"kind":"Status"})"));
  CHECK_FALSE(parse_api_resources(R"({"resources":[{"kind":3}]})"));
}

TEST_CASE("what an object says of itself") {
  const auto identity = parse_identity(R"({"kind":"Service","metadata":{"name":"a","uid":"u",
   "resourceVersion":"7","labels":{"k8s-app":"metrics-server"}}})",
                                       "Service");
  REQUIRE(identity);
  CHECK(identity->uid == "u");
  CHECK(identity->resource_version == "7");
  CHECK(identity->k8s_app == "metrics-server");
  CHECK(parse_identity(R"({"metadata":{"name":"a"}})", "Service")->k8s_app.empty());
}

}  // namespace drover
