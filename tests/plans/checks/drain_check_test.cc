#include <catch2/catch.hpp>

#include "plans/checks/check.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kStuck =
    "budget default/stuck (minAvailable 1 of 1 pods) never allows an eviction";

struct Case {
  Inventory inventory = test::sample_inventory(3);
  UpgradePlan file = test::sample_upgrade();
  ClusterFacts facts = test::sample_facts(3);
  std::vector<ForeseenDrain> drains;

  std::vector<Verdict> judge() const {
    return check_drain(
        {inventory, file, facts, {1, 33, 13}, KubeVersion{1, 34, 4}, drains, true, ""});
  }
};

ForeseenDrain blocked(const std::string& node, Names lines) {
  ForeseenDrain drain;
  drain.node = node;
  drain.blocked_by = std::move(lines);
  return drain;
}

}  // namespace

TEST_CASE(
    "S11, S17: one blocker a reason, with its nodes, its pods and the key that overrides it") {
  Case one;
  one.drains = {blocked("w1", {std::string("default/a: ") + kStuck,
                               "default/bare-1: has no controller, so nothing would start it again "
                               "(drain.force overrides)"}),
                blocked("w2", {std::string("default/b: ") + kStuck}), blocked("w3", {})};
  const std::vector<Verdict> verdicts = one.judge();
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].severity == Severity::Blocker);
  CHECK(verdicts[0].subject == "cluster");
  CHECK(verdicts[0].message ==
        std::string("w1, w2 can never be drained: default/a, default/b: ") + kStuck);
  CHECK(verdicts[0].override_ == "preflight.ignore");
  CHECK(verdicts[0].remedy ==
        "change the budget or the workload for the upgrade, name the node in "
        "drain.disable_eviction, or go on without it: preflight.ignore: [drain]");
  CHECK(verdicts[1].severity == Severity::Blocker);
  CHECK(verdicts[1].subject == "w1");
  CHECK(verdicts[1].override_ == "drain.force");
}

TEST_CASE("preflight.ignore: [drain] turns drains that can never be into warnings") {
  Case one;
  one.drains = {blocked("w1", {std::string("default/a: ") + kStuck})};
  one.file.ignored_checks = {"drain"};
  const std::vector<Verdict> verdicts = judge_all({one.inventory,
                                                   one.file,
                                                   one.facts,
                                                   {1, 33, 13},
                                                   KubeVersion{1, 34, 4},
                                                   one.drains,
                                                   true,
                                                   ""});
  size_t drains = 0;
  for (const Verdict& verdict : verdicts) {
    CHECK(verdict.severity != Severity::Blocker);
    if (verdict.check != "drain") continue;
    ++drains;
    CHECK(verdict.severity == Severity::Warning);
  }
  CHECK(drains == 1);
}

TEST_CASE("S11: budgets without room now are a warning") {
  Case one;
  ForeseenDrain drain = blocked("w1", {});
  drain.pending = {
      "default/a: budget default/web (minAvailable 3 of 4 pods) allows no eviction at "
      "this moment (3 healthy)"};
  one.drains = {drain};
  const std::vector<Verdict> verdicts = one.judge();
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].severity == Severity::Warning);
  CHECK(verdicts[0].message ==
        "draining w1 would wait now: default/a: budget default/web (minAvailable 3 of 4 pods) "
        "allows no eviction at this moment (3 healthy)");
}

TEST_CASE("S11: budgets that the file passes by are named, a warning a node") {
  Case one;
  ForeseenDrain drain = blocked("w2", {});
  drain.bypasses = {"default/stuck (minAvailable 1 of 1 pods)",
                    "default/web (maxUnavailable 0 of 4 pods)"};
  one.drains = {blocked("w1", {}), drain};
  const std::vector<Verdict> verdicts = one.judge();
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].severity == Severity::Warning);
  CHECK(verdicts[0].subject == "w2");
  CHECK(
      verdicts[0].message ==
      "draining w2 passes by budgets, as drain.disable_eviction says: default/stuck (minAvailable "
      "1 of 1 pods), default/web (maxUnavailable 0 of 4 pods)");
}

TEST_CASE("what drains cost is said before: data, pods for good, single replicas") {
  Case one;
  ForeseenDrain w1 = blocked("w1", {});
  w1.loses_data = {"default/cache-1"};
  w1.gone_for_good = {"default/bare-1"};
  w1.single_replicas = {"default/solo-1"};
  ForeseenDrain w2 = blocked("w2", {});
  w2.loses_data = {"default/cache-2"};
  one.drains = {w1, w2};
  std::vector<std::string> said;
  for (const Verdict& verdict : one.judge()) {
    said.push_back((verdict.severity == Severity::Warning ? "warning: " : "info: ") +
                   verdict.message);
  }
  CHECK(said ==
        Names{"warning: drains delete pods that no controller starts again: default/bare-1",
              "info: the content of emptyDir volumes is lost with their pods: "
              "default/cache-1, default/cache-2",
              "info: the only pod of its controller is away from its eviction until another "
              "one runs elsewhere: default/solo-1"});
}

TEST_CASE("drain.skip is warned of when something is to be done") {
  Case one;
  one.file.drain.skip = true;
  CHECK(one.judge().empty());
  one.drains = {blocked("w1", {})};
  REQUIRE(one.judge().size() == 1);
  CHECK(one.judge()[0].severity == Severity::Warning);
}

}  // namespace drover::plans
