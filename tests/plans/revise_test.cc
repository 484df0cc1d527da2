#include "plans/revise.h"

#include <catch2/catch.hpp>

#include "plans/planner.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {

TEST_CASE("an edited plan file takes effect for the steps that are left, and on no command") {
  const Inventory inventory = test::sample_inventory(2);
  const ClusterFacts facts = test::sample_facts(2);
  UpgradePlan file = test::sample_upgrade();
  const Plan before = make_plan({inventory, file, facts, "", "", ""});
  REQUIRE(before.steps.size() > 20);
  file.drain.timeout = std::chrono::minutes(33);
  file.drain.force = true;
  file.health.settle = std::chrono::seconds(77);
  file.health.timeout = std::chrono::minutes(44);

  Plan plan = before;
  revise(plan, file, {"v1.34/w1/drain"});
  CHECK(plan.find("v1.34/w1/drain")->timeout == before.find("v1.34/w1/drain")->timeout);
  CHECK(plan.find("v1.34/w2/drain")->timeout == std::chrono::minutes(33));
  CHECK(plan.find("v1.34/w2/drain")->param("force") == "true");
  CHECK(plan.find("v1.34/w2/settled")->param("settle") == "1m17s");
  CHECK(plan.find("v1.34/w2/node-healthy")->timeout == std::chrono::minutes(44));
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    CHECK(plan.steps[i].commands == before.steps[i].commands);
  }
}

TEST_CASE("a plan file that was not edited revises nothing") {
  const Inventory inventory = test::sample_inventory(2);
  const ClusterFacts facts = test::sample_facts(2);
  const UpgradePlan file = test::sample_upgrade();
  const Plan before = make_plan({inventory, file, facts, "", "", ""});
  Plan plan = before;
  revise(plan, file, {});
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    INFO(plan.steps[i].id);
    CHECK(plan.steps[i].params == before.steps[i].params);
    CHECK(plan.steps[i].timeout == before.steps[i].timeout);
    CHECK(plan.steps[i].title == before.steps[i].title);
    CHECK(plan.steps[i].requests == before.steps[i].requests);
  }
}

}  // namespace drover::plans
