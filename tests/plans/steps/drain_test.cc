#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <set>

#include "plans/drain_forecast.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/drain_look.h"
#include "tests/support/drain_cases.h"
#include "tests/support/drain_world.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"

namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Names = std::vector<std::string>;

Names pods_of(const std::vector<ApiRequest>& sent) {
  Names names;
  for (const ApiRequest& request : sent) {
    const std::string tail = request.path.substr(request.path.find("/pods/") + 6);
    names.push_back(tail.substr(0, tail.find('/')));
  }
  return names;
}

// An attempt in which the pod's eviction was answered so, 0.1 s ago at second 1.
Attempt after(const Pod& pod, Result<ApiResponse> answer, double ago = 0.1) {
  Attempt attempt;
  attempt.run = "run";
  attempt.elapsed = Seconds{10 + ago};
  attempt.sent.push_back({0,
                          {{"namespace", pod.ns}, {"pod", pod.name}, {"uid", pod.uid}},
                          std::move(answer),
                          Seconds{10}});
  return attempt;
}

std::vector<Result<ApiResponse>> look(const std::vector<Pod>& pods,
                                      const std::vector<Workload>& daemonsets = {}) {
  return {ok(list_of("Pod", pods)), ok(list_of("DaemonSet", daemonsets))};
}

Result<ApiResponse> asked_to_wait(int seconds) {
  auto answer = refusal(429, "TooManyRequests", "too many requests, please try again later");
  answer->retry_after = std::chrono::seconds{seconds};
  return answer;
}

Result<ApiResponse> blocked() {
  return refusal(
      429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
      "DisruptionBudget", "The disruption budget web needs 3 healthy pods and has 3 currently");
}

}  // namespace

TEST_CASE("S11: all evictable pods of a round are sent together, as evictions with their uid") {
  const ClusterFacts facts = cluster_of({web("a"), web("b"), web("c", "w2")});
  const Step step = drain_step(facts);
  const Decision decision = decide_once(step, {}, look({web("b"), web("a")}));
  const Send& send = std::get<Send>(decision.next);
  REQUIRE(send.instances.size() == 2);
  const auto request = instantiate(step.requests[0], send.instances[0].params);
  REQUIRE(request);
  CHECK(request->verb == Verb::Post);
  CHECK(request->path == "/api/v1/namespaces/default/pods/a/eviction");
  CHECK(request->body == R"({"apiVersion":"policy/v1","kind":"Eviction",)"
                         R"("metadata":{"name":"a","namespace":"default"},)"
                         R"("deleteOptions":{"preconditions":{"uid":"uid-a"}}})");
}

TEST_CASE("a grace period is sent when the plan file sets one") {
  DrainPolicy policy = not_keeping();
  policy.grace_period = 0;
  CHECK_THAT(drain_step(cluster_of({}), policy).requests[0].body,
             Contains(R"("deleteOptions":{"gracePeriodSeconds":0,"preconditions")"));
}

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

TEST_CASE("S18: an eviction that stays forbidden fails the step, not one that is for a while") {
  const Pod pod = web("a");
  const Step step = drain_step(cluster_of({pod}));
  Attempt attempt = after(pod, refusal(403, "Forbidden", "no"), 5);
  const auto again = [&](Result<ApiResponse> answer) {
    attempt.sent.push_back(after(pod, std::move(answer)).sent.front());
  };
  again(refusal(403, "Forbidden", "no"));
  again(refusal(403, "Forbidden", "no"));
  CHECK(summary(decide_once(step, attempt, look({pod}))) == "send 1");
  Attempt mended = attempt;
  std::swap(mended, attempt);
  again(no_answer());
  again(refusal(403, "Forbidden", "no"));
  CHECK(summary(decide_once(step, attempt, look({pod}))) == "send 1");
  std::swap(mended, attempt);
  again(refusal(403, "Forbidden", "no"));
  CHECK(summary(decide_once(step, attempt, look({pod}))) ==
        "fail: cannot evict pod default/a: HTTP 403 Forbidden, no");
}

TEST_CASE("S18: reading that is refused right after an API server's start is tried for 30 s") {
  const Step step = drain_step(cluster_of({web("a")}));
  Attempt attempt;
  attempt.elapsed = Seconds{100};
  auto responses = look({web("a")});
  responses[0] = refusal(403, "Forbidden", "no");
  Decision decision = decide_once(step, attempt, responses);
  CHECK(summary(decision) == "wait: the API server to allow what it refuses now (HTTP 403)");
  attempt.notes = decision.remember;
  attempt.elapsed = Seconds{129};
  CHECK_THAT(summary(decide_once(step, attempt, responses)), Contains("wait: the API server"));
  // One good look in between: the time counts anew.
  const Notes mended = decide_once(step, attempt, look({web("a")})).remember;
  CHECK(mended.at("forbidden_since").empty());
  attempt.elapsed = Seconds{130};
  CHECK(summary(decide_once(step, attempt, responses)) ==
        "fail: cannot list the pods of w1: HTTP 403 Forbidden, no");
}

TEST_CASE("a pod that came back under its name is another pod") {
  Pod back = web("a");
  back.uid = "new";
  const Step step = drain_step(cluster_of({web("a")}));
  const Decision decision = decide_once(step, after(web("a"), ok("{}")), look({back}));
  REQUIRE(std::holds_alternative<Send>(decision.next));
  CHECK(std::get<Send>(decision.next).instances[0].params.at("uid") == "new");
}

TEST_CASE("S4: trouble with the look sends nothing") {
  const Step step = drain_step(cluster_of({web("a")}));
  auto responses = look({web("a")});
  responses[0] = no_answer("refused");
  CHECK(summary(decide_once(step, after(web("a"), no_answer(), 60), responses)) ==
        "wait: the API server: refused");
  responses = look({web("a")});
  responses[1] = refusal(503, "ServiceUnavailable", "away");
  CHECK(summary(decide_once(step, {}, responses)) == "wait: the API server: HTTP 503, away");
}

TEST_CASE("a refused pod fails the step before any eviction") {
  const Step step = drain_step(cluster_of({}));
  const Decision decision = decide_once(step, {}, look({web("a"), bare("b")}));
  const Fail& fail = std::get<Fail>(decision.next);
  CHECK(fail.error.kind == ErrorKind::Refused);
  CHECK(fail.error.message ==
        "w1 is not drained: default/b: has no controller, so nothing would start it again "
        "(drain.force overrides)");
  CHECK_FALSE(fail.again);
}

TEST_CASE("refused pods are told together, grouped by the key that lets them go") {
  DrainPolicy policy = not_keeping();
  policy.delete_emptydir_data = false;
  Pod data = web("d");
  data.has_emptydir = true;
  const Decision decision = decide_once(drain_step(cluster_of({}), policy), {},
                                        look({bare("c"), web("a"), data, bare("b")}));
  CHECK(std::get<Fail>(decision.next).error.message ==
        "w1 is not drained: default/b, default/c: has no controller, so nothing would start it "
        "again (drain.force overrides); default/d: has an emptyDir volume, whose data would be "
        "lost (drain.delete_emptydir_data overrides)");
}

TEST_CASE("what goes for good, or with its data, is told before the first eviction, once") {
  DrainPolicy policy = not_keeping();
  policy.force = true;
  Pod data = web("d");
  data.has_emptydir = true;
  const Step step = drain_step(cluster_of({bare("b"), data}), policy);
  const Decision decision = decide_once(step, {}, look({bare("b"), data}));
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "drain");
  CHECK(decision.notices[0].message ==
        "w1: deleting pods with local storage: default/d; deleting pods that no controller starts "
        "again: default/b");
  Attempt attempt;
  attempt.notes = decision.remember;
  CHECK(decide_once(step, attempt, look({bare("b"), data})).notices.empty());
}

TEST_CASE("the others go before a hopeless pod fails the step") {
  const Step step = drain_step(cluster_of({web("a"), web("b")}));
  Pod going = web("b");
  going.deleting = true;
  const Attempt attempt = after(web("a"), refusal(422, "Invalid", "no"));
  CHECK(summary(decide_once(step, attempt, look({web("a"), going}))) ==
        "wait: 1 pod to terminate: default/b; the others (cannot evict default/a)");
  CHECK(summary(decide_once(step, attempt, look({web("a"), web("b")}))) == "send 1");
  CHECK_THAT(summary(decide_once(step, attempt, look({web("a")}))),
             Contains("fail: cannot evict pod default/a"));
  CHECK(summary(decide_once(step, attempt, look({}))) == "done: w1 had no pods to evict");
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

TEST_CASE("the node is asked often at first and once a second later") {
  Pod pod = web("a");
  pod.deleting = true;
  const Step step = drain_step(cluster_of({pod}));
  const auto pause = [&](double ago) {
    const Decision decision = decide_once(step, after(pod, ok("{}"), ago), look({pod}));
    return std::get<Wait>(decision.next).pause.count();
  };
  CHECK(pause(0.2) == 250);
  CHECK(pause(1.5) == 500);
  CHECK(pause(3) == 1000);
  CHECK(pause(60) == 1000);
}

TEST_CASE("S3: pods that differ from the foreseen ones are told, once") {
  const ClusterFacts facts = cluster_of({web("a"), web("b")});
  const Step step = drain_step(facts);
  Attempt attempt;
  Decision decision = decide_once(step, attempt, look({web("b"), web("x"), web("y")}));
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "drain_changed");
  CHECK(decision.notices[0].message ==
        "w1: evicted though not foreseen: default/x, default/y; foreseen and gone: default/a");
  CHECK(decision.notices[0].pods == Names{"default/x", "default/y", "default/a"});
  attempt.notes = decision.remember;
  CHECK(decide_once(step, attempt, look({web("b"), web("x"), web("y")})).notices.empty());
  CHECK(decide_once(step, {}, look({web("a"), web("b")})).notices.empty());
}

TEST_CASE("a drain goes on from what is there: pods that somebody else deletes are awaited") {
  Pod going = bare("b");
  going.deleting = true;
  CHECK(summary(decide_once(drain_step(cluster_of({})), {}, look({going}))) ==
        "wait: 1 pod to terminate: default/b");
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

TEST_CASE("a pod that appears on the cordoned node later is evicted too, and told") {
  const ClusterFacts facts = cluster_of({web("a")});
  DrainWorld world(facts, "w1", 2, 1);
  bool added = false;
  world.fault = [&](size_t, const ApiRequest&) -> std::optional<DrainWorld::Fault> {
    if (world.now() > 1 && !added) {
      added = true;
      world.add(web("late"));
    }
    return std::nullopt;
  };
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(pods_of(end.sent) == Names{"a", "late"});
  REQUIRE(end.notices.size() == 1);
  CHECK(end.notices[0].pods == Names{"default/late"});
}

TEST_CASE("what comes onto the cordoned node again and again stays, and is told once") {
  const ClusterFacts facts = cluster_of({web("a"), web("b")});
  DrainWorld world(facts, "w1", 2, 1);
  int born = 0;
  world.fault = [&](size_t, const ApiRequest&) -> std::optional<DrainWorld::Fault> {
    if (world.pods_on("w1").size() < 2) world.add(web(fmt::format("again-{}", ++born)));
    return std::nullopt;
  };
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(world.now() < 15);
  CHECK(world.pods_on("w1").size() == 2);
  const Names sent = pods_of(end.sent);
  CHECK(Names(sent.begin(), sent.begin() + 2) == Names{"a", "b"});
  REQUIRE(end.notices.back().code == "came-back");
  CHECK_THAT(end.notices.back().message, Contains("came onto the node though it is cordoned"));
  CHECK(std::count_if(end.notices.begin(), end.notices.end(),
                      [](const Notice& one) { return one.code == "came-back"; }) == 1);
}

TEST_CASE("S4: a lost answer is not followed by a second eviction when the first one counted") {
  const ClusterFacts facts = cluster_of({web("a")});
  DrainWorld world(facts, "w1", 2, 1);
  world.fault = [](size_t, const ApiRequest& request) -> std::optional<DrainWorld::Fault> {
    if (request.verb != Verb::Post) return std::nullopt;
    return DrainWorld::Fault{no_answer("reset"), /*acts=*/true};
  };
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(end.sent.size() == 1);
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

TEST_CASE("drain.skip leaves the pods where they are") {
  DrainPolicy policy;
  policy.skip = true;
  const Step step = drain_step(cluster_of({web("a")}), policy);
  CHECK(step.title == "leave the pods of w1 where they are (drain.skip)");
  CHECK(step.requests.empty());
  CHECK_FALSE(step.mutates());
  CHECK(look_drain(step, {}).requests.empty());
  CHECK(summary(decide_once(step, {}, {})) == "done: w1 is not drained (drain.skip)");
}

TEST_CASE("a drain of 500 pods reads one list a look and is decided in time") {
  std::vector<Pod> pods;
  for (int i = 0; i < 500; ++i) {
    pods.push_back(web(fmt::format("p{:03}", i)));
    pods.back().ns = fmt::format("ns{}", i % 5);
    pods.back().controller->name = fmt::format("web-{}", i % 50);
  }
  const ClusterFacts facts = cluster_of(pods);
  DrainWorld world(facts, "w1", 30, 1);
  const std::clock_t began = std::clock();  // of this process, whatever else the machine does
  const Drive end = drive(drain_step(facts, DrainPolicy{}), {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "500 pods evicted from w1");
  // Per look the pods and the DaemonSets; once the budgets, the cordoned nodes, and the pods and
  // ReplicaSets of each namespace.
  CHECK(world.asked().size() == 2 * end.rounds + 2 + 2 * 5);
  // Quadratic work over the pods would take minutes under a sanitizer; without it, 14 s.
  CHECK((std::clock() - began) / CLOCKS_PER_SEC < 60);
}

TEST_CASE("the step carries the policy, the foreseen pods and the deadline") {
  const ClusterFacts facts = cluster_of({web("b"), web("a")});
  DrainPolicy policy;
  policy.timeout = std::chrono::seconds{90};
  policy.force = true;
  const Step step = drain_step(facts, policy);
  CHECK(step.id == "v1.34/w1/drain");
  CHECK(step.title == "drain w1 (evicts 2 pods)");
  CHECK(step.param("foreseen") == "default/a default/b");
  CHECK(step.param("force") == "true");
  CHECK(step.param("delete_emptydir_data") == "true");
  CHECK(step.param("keep_serving") == "true");
  CHECK(step.param("by") == "eviction");
  CHECK(step.timeout == std::chrono::seconds{90});
  CHECK(step.mutates());
}

}  // namespace drover::plans
