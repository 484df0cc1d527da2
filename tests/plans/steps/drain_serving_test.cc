#include "plans/steps/drain_serving.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/drain_cases.h"
#include "tests/support/drain_world.h"
#include "tests/support/step_driver.h"

/// drain.keep_serving: the last Ready pod of a controller that wants several.
namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

ClusterFacts wanting(int pods_wanted, std::vector<Pod> pods,
                     std::vector<PodDisruptionBudget> budgets = {}) {
  ClusterFacts facts = cluster_of(std::move(pods), std::move(budgets));
  facts.replicas = {{"ReplicaSet", "default", "web", pods_wanted}};
  return facts;
}

struct Outcome {
  Drive end;
  Names unserved;
  Names asked;
};

Outcome drained(const ClusterFacts& facts, double start = 1, DrainPolicy policy = {}) {
  DrainWorld world(facts, "w1", /*terminate=*/3, start);
  Outcome outcome{drive(drain_step(facts, policy), {}, world), {}, {}};
  outcome.unserved = world.left_unserved();
  outcome.asked = world.asked();
  return outcome;
}

Seconds sent_at(const Drive& end, const std::string& pod) {
  for (const Sent& sent : end.attempt.sent) {
    if (sent.params.at("pod") == pod) return sent.at;
  }
  return Seconds{-1};
}

Names codes(const Drive& end) {
  Names list;
  for (const Notice& notice : end.notices) list.push_back(notice.code);
  return list;
}

}  // namespace

TEST_CASE("the last Ready pod of several goes only after another is Ready elsewhere") {
  const Outcome outcome = drained(wanting(2, {web("a"), web("b")}));
  REQUIRE(outcome.end.done);
  CHECK(outcome.unserved.empty());
  CHECK(outcome.end.notices.empty());
  CHECK(sent_at(outcome.end, "a") == Seconds{0});
  CHECK(sent_at(outcome.end, "b") >= Seconds{4});  // a gone after 3 s, its successor Ready after 4
  CHECK(sent_at(outcome.end, "b") < Seconds{6});
  CHECK_THAT(outcome.end.waits,
             Catch::VectorContains(
                 std::string("another pod of ReplicaSet default/web to be Ready elsewhere, before "
                             "default/b goes; 1 pod to terminate: default/a")));
}

TEST_CASE("pods of which another is Ready elsewhere, or that are alone, go at once") {
  struct Row {
    const char* what;
    ClusterFacts facts;
  };
  Pod not_ready = web("b");
  not_ready.ready = false;
  not_ready.phase = "Pending";
  Pod job = web("b");
  job.controller = Controller{"batch/v1", "Job", "web"};
  const std::vector<Row> rows = {
      {"one elsewhere", wanting(3, {web("a"), web("b"), web("c", "w2")})},
      {"a single replica", wanting(1, {web("b")})},
      {"its controller is gone", cluster_of({web("a"), web("b")})},
      {"not Ready", wanting(2, {not_ready})},
      {"of a Job", wanting(2, {job})},
      {"under a budget",
       wanting(4, {web("b"), web("x", "w2"), web("y", "w2"), web("z", "w2")}, {three_of_four()})},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Outcome outcome = drained(row.facts);
    REQUIRE(outcome.end.done);
    CHECK(sent_at(outcome.end, "b") == Seconds{0});
    CHECK(codes(outcome.end).empty());
  }
}

TEST_CASE("a pod on a node that is being drained, too, does not count, and one node keeps one") {
  ServingSight serving;
  serving.wanted["ReplicaSet/default/web"] = 2;
  const Pod a = web("a");
  const Pod b = web("b");
  const std::string key = "ReplicaSet/default/web";
  CHECK(kept_back(key, {&a, &b}, serving) == &b);
  serving.last_leaving[key] = "c";  // there "c" is kept back
  CHECK(kept_back(key, {&a, &b}, serving) == nullptr);
  serving.last_leaving[key] = "a0";  // there "a0" goes
  CHECK(kept_back(key, {&a, &b}, serving) == &b);
  serving.ready_elsewhere[key] = 1;
  CHECK(kept_back(key, {&a, &b}, serving) == nullptr);
  serving.ready_elsewhere.clear();
  serving.wanted[key] = 1;
  CHECK(kept_back(key, {&a, &b}, serving) == nullptr);
}

TEST_CASE("only nodes that Drover cordoned count as being drained") {
  const bool ours = GENERATE(true, false);
  ClusterFacts facts = wanting(2, {web("b"), web("z", "w2")});
  for (Node& node : facts.nodes) {
    if (node.name != "w2") continue;
    node.unschedulable = true;
    if (ours) node.annotations[std::string(kCordonAnnotation)] = "{}";
  }
  DrainPolicy policy;
  policy.timeout = std::chrono::seconds{30};
  // "z" is the last by name: where both nodes are drained, w2 keeps it, and b goes at once.
  CHECK(sent_at(drained(facts, 1, policy).end, "b") == Seconds{0});
  for (Pod& pod : facts.pods) {
    if (pod.name == "z") pod.name = "a";
  }
  const Outcome outcome = drained(facts, 1, policy);
  CHECK(sent_at(outcome.end, "b") == (ours ? Seconds{10} : Seconds{0}));
}

TEST_CASE("a pod is kept back for a minute, and for a third of the drain's time, at most") {
  CHECK(longest_hold(std::chrono::minutes(15)) == Seconds{60});
  CHECK(longest_hold(std::chrono::seconds(30)) == Seconds{10});
  DrainPolicy policy;
  policy.timeout = std::chrono::seconds{30};
  const Outcome outcome = drained(wanting(2, {web("a"), web("b")}), /*start=*/1000, policy);
  REQUIRE(outcome.end.done);
  CHECK(sent_at(outcome.end, "b") >= Seconds{10});
  CHECK(sent_at(outcome.end, "b") < Seconds{12});
  CHECK(outcome.unserved == Names{"default/b"});
  REQUIRE(codes(outcome.end) == Names{"not-served"});
  CHECK(
      outcome.end.notices[0].message ==
      "default/b goes though no other pod of ReplicaSet default/web is Ready elsewhere: none came "
      "within 10 s");
}

TEST_CASE("who else serves is asked only of namespaces whose pods are still to be sent") {
  Pod other = web("x");
  other.ns = "apps";
  ClusterFacts facts = wanting(2, {web("a"), web("b"), other});
  facts.replicas.push_back({"ReplicaSet", "apps", "web", 1});
  const Outcome outcome = drained(facts);
  REQUIRE(outcome.end.done);
  const auto count = [&](const std::string& path) {
    return std::count(outcome.asked.begin(), outcome.asked.end(), path);
  };
  CHECK(count("/api/v1/namespaces/apps/pods") == 1);
  CHECK(count("/apis/apps/v1/namespaces/apps/replicasets") == 1);
  CHECK(count("/api/v1/namespaces/default/pods") > 3);  // until b goes
  CHECK(outcome.asked.back() != "/api/v1/namespaces/default/pods");
  CHECK(count("/apis/apps/v1/namespaces/default/statefulsets") == 0);
}

TEST_CASE("without keep_serving nothing more is asked and all go at once") {
  const Outcome outcome = drained(wanting(2, {web("a"), web("b")}), 1, not_keeping());
  REQUIRE(outcome.end.done);
  CHECK(sent_at(outcome.end, "b") == Seconds{0});
  const std::set<std::string> asked(outcome.asked.begin(), outcome.asked.end());
  CHECK(asked.size() == 2);
}

}  // namespace drover::plans
