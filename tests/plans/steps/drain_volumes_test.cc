#include "plans/steps/drain_volumes.h"

#include <catch2/catch.hpp>

#include "tests/support/drain_cases.h"
#include "tests/support/drain_world.h"
#include "tests/support/step_driver.h"

/// A drain ends when the volumes of the pods that it evicted are detached.
namespace drover::plans {
namespace {

using namespace test;

Pod with_claim(Pod pod, const std::string& claim) {
  pod.claims.push_back(claim);
  return pod;
}

Pod agent_with(const std::string& claim) {
  Pod pod = with_claim(web("agent"), claim);
  pod.controller = Controller{"apps/v1", "DaemonSet", "agent"};
  return pod;
}

ClusterFacts with_agent(std::vector<Pod> pods) {
  ClusterFacts facts = cluster_of(std::move(pods));
  facts.workloads.push_back({.kind = "DaemonSet", .ns = "default", .name = "agent"});
  return facts;
}

}  // namespace

TEST_CASE("a drain waits until the volumes of evicted pods are detached") {
  const ClusterFacts facts = cluster_of({with_claim(web("a"), "data-a"), web("b")});
  DrainWorld world(facts, "w1", /*terminate=*/2, 1);
  world.attach("default/data-a", 5);
  world.attach("other/unrelated", 1000);
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "2 pods evicted from w1");
  CHECK(end.attempt.elapsed >= Seconds{7});
  CHECK(end.attempt.elapsed < Seconds{9});
  CHECK(end.waits.back() == "volume pv-1 (default/data-a) to be detached from w1");
  // Which claim a volume serves is asked once.
  CHECK(std::count(world.asked().begin(), world.asked().end(), "/api/v1/persistentvolumes/pv-1") ==
        1);
}

TEST_CASE("volumes are not looked at when no evicted pod has one") {
  const ClusterFacts facts = with_agent({web("a"), agent_with("cache")});
  DrainWorld world(facts, "w1", 2, 1);
  world.attach("default/cache", 1000);
  REQUIRE(drive(drain_step(facts), {}, world).done);
  for (const std::string& path : world.asked()) CHECK(path.find("volume") == std::string::npos);
}

TEST_CASE("a volume that a pod which stays uses, too, is not waited for") {
  const ClusterFacts facts = with_agent({with_claim(web("a"), "shared"), agent_with("shared")});
  DrainWorld world(facts, "w1", 2, 1);
  world.attach("default/shared", 1000);
  const Drive end = drive(drain_step(facts), {}, world);
  REQUIRE(end.done);
  CHECK(end.attempt.elapsed < Seconds{4});
}

TEST_CASE("S10: claims are on disk with the first eviction, and awaited by the attempt after") {
  const ClusterFacts facts = cluster_of({with_claim(web("a"), "data"), web("b")});
  const Step step = drain_step(facts);
  DrainWorld world(facts, "w1", 2, 1);
  world.attach("default/data", 5);
  Answers answers;
  for (const ApiRequest& request : look_drain(step, {}).requests) {
    answers.responses.push_back(world.get(request));
  }
  const Decision decision = decide_drain(step, {}, answers);
  CHECK(std::get<Send>(decision.next).before == Notes{{"claims", "default/data"}});

  // The attempt was cut off after its evictions; the pods are gone.
  DrainWorld empty(cluster_of({}), "w1", 2, 1);
  empty.attach("default/data", 5);
  Attempt next;
  next.earlier[step.id] = {{"claims", "default/data"}};
  const Drive end = drive(step, next, empty);
  REQUIRE(end.done);
  CHECK(end.attempt.elapsed >= Seconds{5});
}

TEST_CASE("S16: volumes that are never detached end the drain at its deadline, by name") {
  DrainPolicy policy = not_keeping();
  policy.timeout = std::chrono::seconds{30};
  const ClusterFacts facts = cluster_of({with_claim(web("a"), "data")});
  DrainWorld world(facts, "w1", 2, 1);
  world.attach("default/data", 1000);
  const Step step = drain_step(facts, policy);
  const Drive end = drive(step, {}, world);
  CHECK_FALSE(end.done);
  CHECK_FALSE(end.fail);
  Answers answers;
  for (const ApiRequest& request : look_drain(step, end.attempt).requests) {
    answers.responses.push_back(world.get(request));
  }
  const Decision decision = decide_drain(step, end.attempt, answers);
  CHECK(std::get<Wait>(decision.next).late == "w1 still holds pv-1 (default/data)");
}

}  // namespace drover::plans
