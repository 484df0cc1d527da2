#include "orchestrator/exec/history.h"

#include <catch2/catch.hpp>

#include "tests/support/small_plan.h"

namespace drover::orchestrator {
namespace {

/// Memory of a run that finished `done` and began `begun`.
RunMemory memory_of(const std::vector<std::string>& done, const std::vector<std::string>& begun) {
  RunMemory memory;
  for (const auto& id : done) {
    memory.steps["v1.34/" + id] = {.attempt = 1, .status = StepStatus::Succeeded};
    memory.steps["v1.34/" + id].may_have_changed = true;
  }
  for (const auto& id : begun) memory.steps["v1.34/" + id] = {.attempt = 1};
  return memory;
}

const std::vector<std::string> kControlPlane = {
    "cluster/preflight",       "cp1/upgrade-apply", "cp1/cordon",  "cp1/kubelet-restart",
    "cp1/static-pods-healthy", "cp1/uncordon",      "cp1/settled", "cluster/addons-healthy"};

bool kept(const std::vector<std::string>& done, const std::vector<std::string>& begun,
          const std::string& id, const std::set<std::string>& undone = {}) {
  std::vector<std::string> all = kControlPlane;
  all.insert(all.end(), done.begin(), done.end());
  return history_of(test::small_plan(2), memory_of(all, begun), undone)
      .kept.contains("v1.34/" + id);
}

}  // namespace

TEST_CASE("S5: what was finished before is kept", "[history]") {
  CHECK(kept({}, {"w1/cordon"}, "cp1/upgrade-apply"));
  CHECK(kept({}, {"w1/cordon"}, "cp1/settled"));
  CHECK(kept({}, {"w1/cordon"}, "cluster/addons-healthy"));
  CHECK_FALSE(kept({}, {"w1/cordon"}, "w1/cordon"));
}

TEST_CASE("S5: cordon and drain are done again while a change is left, and only then",
          "[history]") {
  const std::vector<std::string> drained = {"w1/cordon", "w1/drain"};
  CHECK_FALSE(kept(drained, {"w1/upgrade-node"}, "w1/cordon"));
  CHECK_FALSE(kept(drained, {"w1/upgrade-node"}, "w1/drain"));
  const std::vector<std::string> changed = {"w1/cordon", "w1/drain", "w1/upgrade-node"};
  CHECK(kept(changed, {"w1/uncordon"}, "w1/cordon"));
  CHECK(kept(changed, {"w1/uncordon"}, "w1/drain"));
  CHECK(kept(changed, {"w1/uncordon"}, "w1/upgrade-node"));
}

TEST_CASE("S5: a preflight that was begun again for its marks only stays passed", "[history]") {
  const auto keeps = [](const std::vector<std::string>& done, const std::vector<std::string>& begun,
                        const std::set<std::string>& undone = {}) {
    return history_of(test::small_plan(2), memory_of(done, begun), undone)
        .kept.contains("v1.34/cluster/preflight");
  };
  CHECK(keeps({"cluster/preflight"}, {}));
  CHECK(keeps({"cp1/upgrade-apply"}, {"cluster/preflight"}));
  CHECK_FALSE(keeps({}, {"cluster/preflight"}));
  CHECK_FALSE(keeps({"cluster/preflight"}, {"cp1/upgrade-apply"}, {"v1.34/cluster/preflight"}));
}

TEST_CASE("a drain that is not done has its node cordoned again, and a done one has not",
          "[history]") {
  plans::Plan plan;
  using enum plans::StepKind;
  for (const std::string node : {"w1", "w2"}) {
    plan.steps.push_back(test::bare(Cordon, node, "cordon", {}));
    plan.steps.push_back(test::bare(Drain, node, "drain", {plan.steps.back().id}));
  }
  const RunMemory memory = memory_of({"w1/cordon", "w1/drain", "w2/cordon"}, {"w2/drain"});
  const History history = history_of(plan, memory, {});
  CHECK(history.kept == std::set<std::string>{"v1.34/w1/cordon", "v1.34/w1/drain"});
  CHECK(history.windows == std::set<std::string>{"w2"});
  CHECK(history.changed.empty());
}

TEST_CASE("S4: a cordon that is being made again undoes no change that was made", "[history]") {
  CHECK(kept({"w1/drain", "w1/upgrade-node"}, {"w1/cordon"}, "w1/upgrade-node"));
}

TEST_CASE("S10: a node that was given back is cordoned again before it is changed", "[history]") {
  const std::vector<std::string> given_back = {"w1/cordon", "w1/uncordon"};
  CHECK_FALSE(kept(given_back, {"w1/drain"}, "w1/uncordon"));
  CHECK_FALSE(kept(given_back, {"w1/drain"}, "w1/cordon"));
}

TEST_CASE("S5: what follows a change that is no longer so is done again", "[history]") {
  const std::vector<std::string> done = {"w1/cordon", "w1/drain", "w1/upgrade-node"};
  const std::set<std::string> undone = {"v1.34/w1/upgrade-node"};
  CHECK_FALSE(kept(done, {"w1/uncordon"}, "w1/upgrade-node", undone));
  CHECK_FALSE(kept(done, {"w1/uncordon"}, "w1/drain", undone));
  CHECK(kept(done, {"w1/uncordon"}, "cp1/upgrade-apply", undone));
}

TEST_CASE("S5: what the intents of an unfinished step put on disk reaches its next attempt",
          "[history]") {
  RunMemory memory = memory_of({"w1/cordon"}, {"w1/upgrade-node"});
  memory.steps["v1.34/w1/upgrade-node"].before = {{"boot_before", "a"}};
  memory.steps["v1.34/w1/cordon"].before = {{"unschedulable", "false"}};
  memory.steps["v1.34/w1/cordon"].notes = {{"ours", "yes"}};
  const History history = history_of(test::small_plan(1), memory, {});
  CHECK(history.notes.at("v1.34/w1/upgrade-node") == plans::Notes{{"boot_before", "a"}});
  CHECK(history.notes.at("v1.34/w1/cordon") == plans::Notes{{"ours", "yes"}});
}

TEST_CASE("a gate that the operator left out stays left out", "[history]") {
  const plans::Plan plan = test::small_plan(1);
  RunMemory memory = memory_of({"cluster/preflight", "cp1/upgrade-apply", "cp1/cordon",
                                "cp1/kubelet-restart", "cp1/static-pods-healthy"},
                               {"cp1/uncordon"});
  const std::string gate = "v1.34/cp1/static-pods-healthy";
  CHECK_FALSE(history_of(plan, memory, {}).kept.contains(gate));
  memory.steps[gate].waived = true;
  CHECK(history_of(plan, memory, {}).kept.contains(gate));
  CHECK_FALSE(history_of(plan, memory, {gate}).kept.contains(gate));
}

TEST_CASE("S5: only finished steps that looking can tell about are observed, on open nodes",
          "[history]") {
  plans::Plan plan = test::small_plan(2);
  CHECK(to_observe(plan, memory_of(kControlPlane, {"w1/cordon"})).empty());
  const auto steps = to_observe(plan, memory_of({"cp1/upgrade-apply"}, {"cp1/cordon"}));
  REQUIRE(steps.size() == 1);
  CHECK(steps[0]->id == "v1.34/cp1/upgrade-apply");
}

}  // namespace drover::orchestrator
