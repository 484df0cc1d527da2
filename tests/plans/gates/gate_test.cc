#include "plans/gates/gate.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

// w1's `settled`, of which only the node's readiness varies.
struct Gate {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  Decision look(double second, bool ready) {
    Node node;
    node.name = "w1";
    node.ready = ready;
    node.ready_reason = "KubeletNotReady";
    world.paths[kNodeW1] = ok(json_of(node));
    attempt.elapsed = Seconds{second};
    return world.rounds(step(), attempt);
  }
};

}  // namespace

TEST_CASE("conditions have ids of their own and are asked somewhere") {
  std::set<std::string_view> ids;
  for (const Condition& row : all_conditions()) {
    INFO(row.id);
    CHECK(ids.insert(row.id).second);
    CHECK(find_condition(row.id) == &row);
    CHECK_FALSE(row.about.empty());
    CHECK_FALSE(row.at.empty());
    if (!row.baseline.empty()) CHECK(find_condition(row.baseline) != nullptr);
  }
  CHECK(find_condition("no-such") == nullptr);
}

TEST_CASE("which conditions a step asks is as the plan file has it") {
  Hop hop;
  const auto settled = [&] {
    return make_settled(hop.scope(), hop.host("w1")).param("conditions");
  };
  CHECK(settled() == "node-ready budgets workloads webhooks api-services service-watches");
  CHECK(make_node_healthy(hop.scope(), hop.host("w1")).param("conditions") ==
        "kubelet-version node-ready kubelet-lease network kube-proxy daemonsets");
  CHECK(make_addons_healthy(hop.scope()).param("conditions") == "addons webhooks api-services");
  CHECK(make_preflight(hop.scope()).param("conditions").empty());

  hop.upgrade.health.workloads = false;
  hop.upgrade.health.webhooks = false;
  CHECK(settled() == "node-ready budgets service-watches");
  hop.upgrade.health.prometheus = PrometheusPolicy{"https://p", {"A"}};
  hop.upgrade.health.commands = {{.name = "a", .script = "true"}};
  CHECK(settled() == "node-ready budgets service-watches alerts commands");
  CHECK(make_preflight(hop.scope()).param("conditions") == "alerts commands");
}

TEST_CASE("an edited plan file changes what a step asks, and back") {
  Hop hop;
  Step step = make_settled(hop.scope(), hop.host("w1"));
  const Params as_planned = step.params;
  UpgradePlan edited = hop.upgrade;
  edited.health.workloads = false;
  edited.health.prometheus =
      PrometheusPolicy{"https://p", {"A"}, {SecretSource::Kind::Env, "", "T"}};
  edited.health.commands = {{.name = "a", .run = {"x", "it's"}}, {.name = "b", .script = "true"}};
  kind_of(step.kind).configure(step, edited);
  CHECK(step.param("conditions") ==
        "node-ready budgets webhooks api-services service-watches alerts commands");
  CHECK(step.param("command.01.text") == R"(x 'it'\''s')");
  CHECK(step.param("prometheus.token") == "env:T");
  kind_of(step.kind).configure(step, hop.upgrade);
  CHECK(step.params == as_planned);
}

TEST_CASE("what two conditions want is asked once") {
  Hop hop;
  const Queries queries = gate_queries(make_node_healthy(hop.scope(), hop.host("w1")), {});
  std::vector<std::string> paths;
  for (const ApiRequest& request : queries.requests) paths.push_back(request.path);
  CHECK(paths ==
        std::vector<std::string>{
            kNodeW1, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w1", kPodsW1});
}

TEST_CASE("S9: a flap starts the samples anew") {
  Gate gate;
  gate.hop.upgrade.health.settle = std::chrono::seconds{0};
  gate.hop.upgrade.health.consecutive = 3;
  const auto told_at = [&](double second, bool ready) { return summary(gate.look(second, ready)); };
  CHECK(told_at(0, true) == "wait: it to be seen 3 times");
  CHECK(told_at(2, true) == "wait: it to be seen 3 times");
  CHECK(told_at(4, false) == "wait: w1 to be Ready (KubeletNotReady)");
  CHECK(told_at(6, true) == "wait: it to be seen 3 times");
  CHECK(told_at(8, true) == "wait: it to be seen 3 times");
  CHECK(told_at(10, true) == "done: w1 Ready for 0s");
}

TEST_CASE("S9 S16: a gate ends at the first moment at which it held, and never before",
          "[property]") {
  std::mt19937 random(20261127);
  const auto pick = [&](int least, int most) {
    return std::uniform_int_distribution(least, most)(random);
  };
  for (int run = 0; run < 300; ++run) {
    Gate gate;
    gate.hop.upgrade.health.consecutive = pick(1, 4);
    gate.hop.upgrade.health.settle = std::chrono::seconds{pick(0, 12)};
    gate.hop.upgrade.health.interval = std::chrono::seconds{pick(1, 3)};
    const HealthPolicy& health = gate.hop.upgrade.health;
    const int flap = pick(0, 6);
    double now = 0;
    int good = 0;
    double good_since = 0;
    INFO("run " << run);
    for (int look = 0; look < 400; ++look) {
      const bool ready = look >= 30 || pick(0, 9) >= flap;
      if (ready && good++ == 0) good_since = now;
      if (!ready) good = 0;
      const bool held = good >= health.consecutive &&
                        now - good_since >= static_cast<double>(health.settle.count());
      const Decision decision = gate.look(now, ready);
      REQUIRE(std::holds_alternative<Done>(decision.next) == held);
      if (held) break;
      const Wait& wait = std::get<Wait>(decision.next);
      REQUIRE(wait.pause > std::chrono::milliseconds{0});
      REQUIRE(wait.pause <= health.interval);
      now += std::chrono::duration<double>(wait.pause).count();
    }
    CHECK(good > 0);
  }
}

TEST_CASE("pods that a budget wants are waited for, those that nobody wants any more are not") {
  struct Row {
    int desired, expected, healthy;
    const char* waits;  // nullptr: it does not
  };
  const std::vector<Row> rows = {
      {3, 0, 0, nullptr},  // scaled to nothing
      {3, 2, 2, nullptr},  // scaled below minAvailable
      {3, 2, 1, "wait: the pods of budget default/web (1 of 2 healthy)"},
      {3, 4, 2, "wait: the pods of budget default/web (2 of 3 healthy)"},
      {3, 4, 3, nullptr},
      {0, 1, 0, nullptr},
  };
  for (const Row& row : rows) {
    INFO(row.desired << " desired, " << row.expected << " expected, " << row.healthy << " healthy");
    Gate gate;
    gate.hop.upgrade.health.settle = std::chrono::seconds{0};
    gate.hop.upgrade.health.consecutive = 1;
    PodDisruptionBudget budget = gate.hop.facts.budgets[0];
    budget.desired_healthy = row.desired;
    budget.expected_pods = row.expected;
    budget.current_healthy = row.healthy;
    gate.world.paths[kBudgets] = ok(list_of<PodDisruptionBudget>("PodDisruptionBudget", {budget}));
    const Decision decision = gate.look(0, true);
    CHECK(std::holds_alternative<Done>(decision.next) == (row.waits == nullptr));
    if (row.waits != nullptr) CHECK(summary(decision) == row.waits);
  }
}

TEST_CASE("one line says all that is missing, however much it is") {
  Gate gate;
  std::vector<PodDisruptionBudget> budgets;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    budgets.push_back(gate.hop.facts.budgets[0]);
    budgets.back().name = name;
    budgets.back().current_healthy = 1;
  }
  gate.world.paths[kBudgets] = ok(list_of("PodDisruptionBudget", budgets));
  CHECK(summary(gate.look(0, false)) ==
        "wait: w1 to be Ready (KubeletNotReady), the pods of budget default/a (1 of 3 healthy), "
        "the pods of budget default/b (1 of 3 healthy), the pods of budget default/c (1 of 3 "
        "healthy) and 2 more");
}

}  // namespace drover::plans
