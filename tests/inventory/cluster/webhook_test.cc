#include "inventory/cluster/webhook.h"

#include <catch2/catch.hpp>

#include "inventory/cluster/api_service.h"
#include "inventory/cluster/endpoint_slice.h"

namespace drover {

TEST_CASE("a webhook's policy, which fails closed unless it says otherwise, and its service") {
  const auto read = parse_webhook_list(
      R"({"kind":"ValidatingWebhookConfigurationList","items":[{"metadata":{"name":"policy"},"webhooks":[
        {"name":"a.x","failurePolicy":"Fail","clientConfig":{"service":{"namespace":"p","name":"hook","port":443}}},
        {"name":"b.x","failurePolicy":"Ignore","clientConfig":{"service":{"namespace":"p","name":"hook"}}},
        {"name":"c.x","clientConfig":{"url":"https://h/"}}]},
        {"metadata":{"name":"empty"}}]})",
      "ValidatingWebhookConfiguration");
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  const auto& webhooks = read->front().webhooks;
  REQUIRE(webhooks.size() == 3);
  CHECK(read->front().kind == "ValidatingWebhookConfiguration");
  CHECK(webhooks[0].fails_closed);
  CHECK(webhooks[0].service() == "p/hook");
  CHECK_FALSE(webhooks[1].fails_closed);
  CHECK(webhooks[2].fails_closed);
  CHECK(webhooks[2].service_name.empty());
  CHECK(read->back().webhooks.empty());
  CHECK_FALSE(parse_webhook_list(R"({"items":[{"metadata":{"name":"x"},"webhooks":7}]})",
                                 "ValidatingWebhookConfiguration"));
}

TEST_CASE("the endpoints of a slice that take traffic") {
  const auto read = parse_endpoint_slice_list(
      R"({"kind":"EndpointSliceList","items":[{"metadata":{"name":"hook-abcde","namespace":"p"},"endpoints":[
        {"addresses":["10.0.0.1"],"conditions":{"ready":true}},
        {"addresses":["10.0.0.2"],"conditions":{"ready":false,"serving":true}},
        {"addresses":["10.0.0.3"],"conditions":{}},
        {"addresses":["10.0.0.4"]}]},
        {"metadata":{"name":"hook-fghij","namespace":"p"},"endpoints":null}]})");
  REQUIRE(read);
  REQUIRE(read->size() == 2);
  CHECK(read->front().ready == 3);  // what is not said counts as ready
  CHECK(read->back().ready == 0);
}

TEST_CASE("whether an API that another server answers for is available") {
  const auto read = parse_api_service_list(
      R"({"kind":"APIServiceList","items":[
        {"metadata":{"name":"v1."},"status":{"conditions":[{"type":"Available","status":"True","reason":"Local"}]}},
        {"metadata":{"name":"v1beta1.metrics.k8s.io"},"status":{"conditions":[{"type":"Available","status":"False","reason":"MissingEndpoints"}]}},
        {"metadata":{"name":"v1.new"}}]})");
  REQUIRE(read);
  REQUIRE(read->size() == 3);
  CHECK((*read)[0].available);
  CHECK_FALSE((*read)[1].available);
  CHECK((*read)[1].reason == "MissingEndpoints");
  CHECK_FALSE((*read)[2].available);
}

}  // namespace drover
