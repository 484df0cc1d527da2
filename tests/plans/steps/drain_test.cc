#include <fmt/format.h>
#include <catch2/catch.hpp>
#include <ctime>

#include "plans/steps/catalogue.h"
#include "plans/steps/drain_look.h"
#include "tests/support/drain_answers.h"
#include "tests/support/drain_cases.h"
#include "tests/support/drain_world.h"

namespace drover::plans {

using Catch::Matchers::Contains;

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
