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
  revise(plan, inventory, file, {"v1.34/w1/drain"});
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
  revise(plan, inventory, file, {});
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    INFO(plan.steps[i].id);
    CHECK(plan.steps[i].params == before.steps[i].params);
    CHECK(plan.steps[i].timeout == before.steps[i].timeout);
    CHECK(plan.steps[i].title == before.steps[i].title);
    CHECK(plan.steps[i].requests == before.steps[i].requests);
  }
}

TEST_CASE(
    "an edited plan file changes how the workers are taken, by the workers that were counted") {
  Inventory inventory = test::sample_inventory(10);
  const ClusterFacts facts = test::sample_facts(10);
  UpgradePlan file = test::sample_upgrade();
  Plan plan = make_plan({inventory, file, facts, "", "", ""});
  CHECK(plan.rollout.budget == 1);
  const std::string id = plan.id;
  file.rollout.max_unavailable = {30, true};
  file.rollout.per_domain = 2;
  file.rollout.on_blocked = OnBlocked::Fail;
  inventory.groups = {{"db", {"w1", "w2", "cp1"}, Share{50, true}}};
  revise(plan, inventory, file, {});
  CHECK(plan.rollout.budget == 3);
  CHECK(plan.rollout.per_domain == 2);
  CHECK(plan.rollout.on_blocked == OnBlocked::Fail);
  REQUIRE(plan.rollout.groups.size() == 1);
  CHECK(plan.rollout.groups[0].hosts == std::vector<std::string>{"w1", "w2"});
  CHECK(plan.rollout.groups[0].most == 1);
  CHECK(plan.rollout.workers.size() == 10);
  CHECK(plan.id == id);
}

}  // namespace drover::plans
