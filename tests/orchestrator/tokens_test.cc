#include "orchestrator/secrets/tokens.h"

#include <stdlib.h>

#include <catch2/catch.hpp>

#include "plans/gates/alerts.h"
#include "tests/support/sample_facts.h"
#include "tests/support/web_server.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kTokensVariable = "DROVER_TEST_PROM_TOKEN";

plans::Plan plan_with(std::optional<PrometheusPolicy> prometheus) {
  plans::Plan plan;
  plan.steps.resize(3);
  plans::put_alerts(plan.steps[1], prometheus);
  plans::put_alerts(plan.steps[2], prometheus);
  return plan;
}

PrometheusPolicy policy() {
  return {"https://prom",
          {"A"},
          {SecretSource::Kind::Env, "health.prometheus.token", kTokensVariable, {}}};
}

}  // namespace

TEST_CASE("the token that a plan's gates send is had before they run, from its place") {
  test::WebServer server([](const test::SeenRequest& seen) -> test::Reply {
    return {200, seen.header("Authorization")};
  });
  const Inventory inventory = test::sample_inventory(1);
  Fleet fleet(inventory);
  ::setenv(kTokensVariable, "t0ken-of-prom", 1);
  REQUIRE(obtain_tokens(plan_with(policy()), fleet, {}));
  ::unsetenv(kTokensVariable);
  const auto web = fleet.web();
  REQUIRE(web->get({server.url("/"), std::string("env:") + kTokensVariable}, {}));
  CHECK(server.seen().back().header("Authorization") == "Bearer t0ken-of-prom");
  const auto programs = fleet.programs();
  CHECK(programs->run({.argv = {"echo", "t0ken-of-prom"}}, {})->out == "[secret]\n");  // S13
}

TEST_CASE("a token that cannot be had is an error of its key, and none is wanted without alerts") {
  const Inventory inventory = test::sample_inventory(1);
  Fleet fleet(inventory);
  CHECK(obtain_tokens(plan_with(std::nullopt), fleet, {}));
  ::unsetenv(kTokensVariable);
  const Status had = obtain_tokens(plan_with(policy()), fleet, {});
  REQUIRE_FALSE(had);
  CHECK(had.error().kind == ErrorKind::Authentication);
  CHECK(had.error().message.starts_with("health.prometheus.token: the environment variable"));
  PrometheusPolicy open = policy();
  open.token = {};
  CHECK(obtain_tokens(plan_with(open), fleet, {}));
}

}  // namespace drover::orchestrator
