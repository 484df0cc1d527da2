#include <catch2/catch.hpp>
#include <ctime>
#include <set>

#include "plans/steps/catalogue.h"
#include "plans/steps/drain_look.h"
#include "tests/support/drain_answers.h"
#include "tests/support/drain_cases.h"
#include "tests/support/drain_world.h"

namespace drover::plans {

using Catch::Matchers::Contains;

TEST_CASE("each answer to an eviction has its consequence") {
  const Pod pod = web("a");
  Pod going = pod;
  going.deleting = true;
  const auto two_budgets = refusal(500, "InternalError",
                                   "This pod has more than one PodDisruptionBudget, which the "
                                   "eviction subresource does not support.");
  struct Row {
    const char* what;
    Result<ApiResponse> answer;
    double ago;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {"accepted", ok("{}"), 0.1, "wait: 1 pod to terminate: default/a"},
      {"accepted and forgotten", ok("{}"), 5, "send 1"},
      {"no answer: read again first, and not at once", no_answer("reset"), 0.1,
       "wait: another try at default/a (the API server: reset)"},
      {"no answer, read again", no_answer("reset"), 1, "send 1"},
      {"503", refusal(503, "ServiceUnavailable", "away"), 0.1,
       "wait: another try at default/a (the API server: HTTP 503, away)"},
      {"another 500", refusal(500, "InternalError", "failed calling webhook"), 1, "send 1"},
      {"404 while the list still shows it", refusal(404, "NotFound", "gone"), 0.1,
       "wait: another try at default/a (HTTP 404)"},
      {"409", refusal(409, "Conflict", "changed"), 1, "send 1"},
      {"asked to wait 7 s", asked_to_wait(7), 6.9,
       "wait: another try at default/a (the API server: HTTP 429, too many requests, please try "
       "again later)"},
      {"asked to wait 7 s, waited", asked_to_wait(7), 7, "send 1"},
      {"budget", blocked(), 4.9,
       "wait: a budget (The disruption budget web needs 3 healthy pods and has 3 currently) to "
       "allow default/a"},
      {"budget, 5 s later", blocked(), 5, "send 1"},
      {"terminating namespace",
       refusal(403, "Forbidden", "unable to", "NamespaceTerminating", "being terminated"), 1,
       "wait: another try at default/a (its namespace is being deleted)"},
      {"two budgets", two_budgets, 100,
       "fail: cannot evict pod default/a: HTTP 500 InternalError, This pod has more than one "
       "PodDisruptionBudget, which the eviction subresource does not support."},
      {"forbidden, for the first time", refusal(403, "Forbidden", "no"), 4.9,
       "wait: another try at default/a (HTTP 403, no)"},
      {"forbidden, 5 s later", refusal(403, "Forbidden", "no"), 5, "send 1"},
      {"the budget's controller is behind",
       refusal(403, "Forbidden",
               "DisruptedPods map too big - too many evictions not confirmed by "
               "PDB controller"),
       5, "send 1"},
      {"invalid", refusal(422, "Invalid", "bad"), 100,
       "fail: cannot evict pod default/a: HTTP 422 Invalid, bad"},
  };
  const Step step = drain_step(cluster_of({pod}));
  for (const Row& row : rows) {
    CAPTURE(row.what);
    CHECK(summary(decide_once(step, after(pod, row.answer, row.ago), look({pod}))) == row.expected);
  }
  CHECK(summary(decide_once(step, after(pod, two_budgets), look({going}))) ==
        "wait: 1 pod to terminate: default/a");
}

TEST_CASE("budgets are asked for once something waits for one, and named with their numbers") {
  const Step step = drain_step(cluster_of({web("a")}));
  Attempt attempt = after(web("a"), blocked());
  CHECK(look_drain(step, attempt).requests.size() == 2);
  Decision decision = decide_once(step, attempt, look({web("a")}));
  CHECK(std::get<Wait>(decision.next).pause == std::chrono::milliseconds{0});
  attempt.notes = decision.remember;
  REQUIRE(look_drain(step, attempt).requests.size() == 3);

  PodDisruptionBudget budget = three_of_four();
  budget.current_healthy = 3;
  auto responses = look({web("a")});
  responses.push_back(ok(list_of("PodDisruptionBudget", std::vector{budget})));
  CHECK(summary(decide_once(step, attempt, responses)) ==
        "wait: budget default/web (minAvailable 3; 3 healthy, 3 needed) to allow default/a");

  // Room again: tried at once instead of after 5 s, but not while the status may be older than the
  // refusal.
  budget.disruptions_allowed = 1;
  responses[2] = ok(list_of("PodDisruptionBudget", std::vector{budget}));
  CHECK_THAT(summary(decide_once(step, attempt, responses)), Contains("wait: budget"));
  attempt.elapsed = Seconds{11};
  CHECK(summary(decide_once(step, attempt, responses)) == "send 1");
}

TEST_CASE("what a drain waits for does not change its words with each try at a budget") {
  const Step step = drain_step(cluster_of({web("a")}));
  PodDisruptionBudget budget = three_of_four();
  budget.current_healthy = 3;
  auto responses = look({web("a")});
  responses.push_back(ok(list_of("PodDisruptionBudget", std::vector{budget})));

  Attempt attempt = after(web("a"), blocked());
  attempt.notes["budgets"] = "yes";
  std::vector<std::string> said;
  for (int round = 0; round < 60; ++round) {
    REQUIRE(look_drain(step, attempt).requests.size() == 3);
    const Decision decision = decide_once(step, attempt, responses);
    for (const auto& [name, value] : decision.remember) attempt.notes[name] = value;
    attempt.elapsed += Seconds{1};
    if (std::holds_alternative<Send>(decision.next)) {
      attempt.sent.push_back(after(web("a"), blocked()).sent.front());
      attempt.sent.back().at = attempt.elapsed;
    } else {
      said.push_back(summary(decision));
    }
  }
  CHECK(attempt.sent.size() > 5);
  CHECK(std::set<std::string>(said.begin(), said.end()) ==
        std::set<std::string>{
            "wait: budget default/web (minAvailable 3; 3 healthy, 3 needed) to allow default/a"});
}

TEST_CASE("S16: a drain whose time is up names every pod that stays, its owner and its budget") {
  Pod going = web("b");
  going.deleting = true;
  going.finalizers = {"example.com/keep"};
  Pod slow = web("c");
  slow.deleting = true;
  slow.controller = Controller{"apps/v1", "StatefulSet", "db"};
  const Step step = drain_step(cluster_of({}));
  PodDisruptionBudget budget = three_of_four();
  budget.current_healthy = 3;
  Attempt attempt = after(web("a"), blocked());
  attempt.notes[kAskBudgets] = "yes";
  auto responses = look({web("a"), going, slow});
  responses.push_back(ok(list_of("PodDisruptionBudget", std::vector{budget})));
  const Decision decision = decide_once(step, attempt, responses);
  const Wait& wait = std::get<Wait>(decision.next);
  CHECK(wait.what ==
        "budget default/web (minAvailable 3; 3 healthy, 3 needed) to allow default/a; 2 pods to "
        "terminate: default/b, default/c (held by the finalizer example.com/keep)");
  CHECK(wait.late ==
        "w1 still has default/a (ReplicaSet default/web): budget default/web (minAvailable 3; 3 "
        "healthy, 3 needed) does not let it go; default/b (ReplicaSet default/web): has stopped "
        "and is held by example.com/keep; default/c (StatefulSet default/db): was told to stop and "
        "has not");
  CHECK(wait.remedy ==
        "bring more pods of default/web to Ready, change the budget, or name the node in "
        "drain.disable_eviction; see why default/b, default/c do not stop; then `drover resume`");
}

TEST_CASE("a budget that is not worked out, and why, is said") {
  const Step step = drain_step(cluster_of({}));
  PodDisruptionBudget budget = three_of_four();
  budget.observed = false;
  budget.sync_failed = "found no controller";
  Attempt attempt = after(web("a"), blocked());
  attempt.notes[kAskBudgets] = "yes";
  auto responses = look({web("a")});
  responses.push_back(ok(list_of("PodDisruptionBudget", std::vector{budget})));
  CHECK(summary(decide_once(step, attempt, responses)) ==
        "wait: budget default/web (minAvailable 3; 0 healthy, 3 needed; just changed, still being "
        "worked out; found no controller) to allow default/a");
}

TEST_CASE("at most three names and a count are waited for") {
  std::vector<Pod> pods;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    pods.push_back(web(name));
    pods.back().deleting = true;
  }
  CHECK(summary(decide_once(drain_step(cluster_of({})), {}, look(pods))) ==
        "wait: 5 pods to terminate: default/a, default/b, default/c and 2 more");
}

TEST_CASE("S11: a drain under a budget goes one by one and never breaks it") {
  const ClusterFacts facts =
      cluster_of({web("a"), web("b"), web("c"), web("d")}, {three_of_four()});
  DrainWorld world(facts, "w1", /*terminate=*/3, /*start=*/1);
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "4 pods evicted from w1");
  CHECK(world.pods_on("w1").empty());
  CHECK(world.broken_budgets().empty());
  CHECK(world.blind_repeats() == 0);
  CHECK(end.notices.empty());
  CHECK_THAT(end.waits, Catch::VectorContains(std::string(
                            "budget default/web (minAvailable 3; 3 healthy, 3 needed) to allow "
                            "default/b, default/c, default/d; 1 pod to terminate: default/a")));
  // Each needs 4 s; blind tries every 5 s would make it 3 + 3 * 5 s.
  CHECK(end.attempt.elapsed < Seconds{19});
}

TEST_CASE("S11: a budget that never allows is waited for until the deadline, and the others go") {
  PodDisruptionBudget budget = three_of_four();
  budget.min_available = "100%";
  budget.desired_healthy = 2;
  Pod other = web("z");
  other.labels.clear();
  const ClusterFacts facts = cluster_of({web("a"), web("b"), other}, {budget});
  DrainWorld world(facts, "w1", 2, 1);
  DrainPolicy policy = not_keeping();
  policy.timeout = std::chrono::seconds{60};
  const Drive end = drive(drain_step(facts, policy), {}, world);
  CHECK_FALSE(end.done);
  CHECK_FALSE(end.fail);
  CHECK(end.attempt.elapsed > Seconds{60});
  CHECK(
      end.waits.back() ==
      "budget default/web (minAvailable 100%; 2 healthy, 2 needed) to allow default/a, default/b");
  CHECK(world.pods_on("w1").size() == 2);
  CHECK(world.broken_budgets().empty());
}

TEST_CASE("S11: on nodes that the plan file names pods are deleted, with their uid, past budgets") {
  PodDisruptionBudget budget = three_of_four();
  budget.min_available = "100%";
  budget.desired_healthy = 2;
  const ClusterFacts facts = cluster_of({web("a"), web("b")}, {budget});
  DrainPolicy policy = not_keeping();
  policy.disable_eviction = {{"w1", 1, 1}};
  policy.grace_period = 5;
  const Step step = drain_step(facts, policy);
  CHECK(step.title == "drain w1 past its budgets (deletes 2 pods; drain.disable_eviction)");
  DrainWorld world(facts, "w1", 2, 1);
  const Drive end = drive(step, {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "2 pods deleted from w1");
  REQUIRE(end.sent.size() == 2);
  CHECK(end.sent[0].verb == Verb::Delete);
  CHECK(end.sent[0].path == "/api/v1/namespaces/default/pods/a");
  CHECK(end.sent[0].body == R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":5,)"
                            R"("preconditions":{"uid":"uid-a"}})");
  CHECK(world.bypassed_budgets().size() == 2);
  policy.disable_eviction = {{"w2", 1, 1}};
  CHECK(drain_step(facts, policy).requests[0].verb == Verb::Post);
}

}  // namespace drover::plans
