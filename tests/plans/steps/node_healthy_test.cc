#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

Pod agent(const std::string& name, bool ready) {
  Pod pod;
  pod.ns = "default";
  pod.name = name;
  pod.uid = name;
  pod.node = "w1";
  pod.phase = "Running";
  pod.ready = ready;
  pod.controller = Controller{"apps/v1", "DaemonSet", "agent"};
  return pod;
}

struct NodeHealthyCase {
  Hop hop;
  Node node;
  Lease lease;
  std::vector<Pod> pods = {agent("agent-1", true)};
  Attempt attempt;

  NodeHealthyCase() {
    node.name = "w1";
    node.ready = true;
    node.kubelet_version = "v1.34.4";
    lease.name = "w1";
    lease.renew_time = "2026-11-22T21:14:09.250000Z";
    attempt.earlier["v1.34/w1/kubelet-restart"] = {{"restarted_at", "1795382048"}};  // 21:14:08
  }
  Step step() const { return make_node_healthy(hop.scope(), hop.host("w1")); }
  Decision decide() const {
    return decide_once(step(), attempt,
                       {ok(json_of(node)), ok(json_of(lease)), ok(list_of("Pod", pods))});
  }
};

}  // namespace

TEST_CASE("S9: a node is well only after its gate held twice in a row") {
  NodeHealthyCase one;
  Decision decision = one.decide();
  CHECK(summary(decision) == "wait: it to be seen 2 times");
  CHECK(std::get<Wait>(decision.next).pause == std::chrono::seconds{2});
  one.attempt.notes = decision.remember;
  one.attempt.elapsed = Seconds{2};
  CHECK(summary(one.decide()) == "done: w1 Ready with kubelet v1.34.4");
}

TEST_CASE("S9: each condition of the gate is wanted and named") {
  NodeHealthyCase one;
  SECTION("the kubelet's version") {
    one.node.kubelet_version = "v1.33.13";
    CHECK(summary(one.decide()) == "wait: kubelet v1.34.4 on w1 (v1.33.13 now)");
  }
  SECTION("Ready") {
    one.node.ready = false;
    one.node.ready_reason = "KubeletNotReady";
    CHECK(summary(one.decide()) == "wait: w1 to be Ready (KubeletNotReady)");
  }
  SECTION("a lease renewed since the restart") {
    one.lease.renew_time = "2026-11-22T21:14:08.000000Z";
    CHECK(summary(one.decide()) == "wait: the kubelet's lease of w1 to be renewed");
    one.lease.renew_time = "";
    CHECK(summary(one.decide()) == "wait: the kubelet's lease of w1 to be renewed");
  }
  SECTION("the pods of DaemonSets") {
    one.pods = {agent("agent-1", false), agent("agent-2", true)};
    CHECK(summary(one.decide()) == "wait: default/agent-1 to be Ready");
    one.pods[0].ready = one.pods[0].deleting = true;
    CHECK(summary(one.decide()) == "wait: default/agent-1 to be Ready");
  }
  SECTION("all of them at once") {
    one.node.kubelet_version = "v1.33.13";
    one.node.ready = false;
    one.pods = {agent("agent-1", false)};
    CHECK(summary(one.decide()) ==
          "wait: kubelet v1.34.4 on w1 (v1.33.13 now), w1 to be Ready (), default/agent-1 to be "
          "Ready");
  }
}

TEST_CASE("S9: a bad round in between starts the gate anew") {
  NodeHealthyCase one;
  one.attempt.notes = one.decide().remember;
  one.node.ready = false;
  const Decision bad = one.decide();
  for (const auto& [name, value] : bad.remember) one.attempt.notes[name] = value;
  one.node.ready = true;
  CHECK(summary(one.decide()) == "wait: it to be seen 2 times");
}

TEST_CASE("pods of a DaemonSet that was not well before, and other pods, are not waited for") {
  NodeHealthyCase one;
  one.hop.facts.pods.push_back(agent("agent-0", false));
  Pod web = agent("web", false);
  web.controller = Controller{"apps/v1", "ReplicaSet", "web"};
  one.pods = {agent("agent-1", false), web};
  CHECK(one.step().param("was:daemonsets") == "default/agent=0");
  CHECK(summary(one.decide()) == "wait: it to be seen 2 times");
}

TEST_CASE("without the moment of the restart the lease must be seen to change") {
  NodeHealthyCase one;
  one.attempt.earlier.clear();
  Decision decision = one.decide();
  CHECK(summary(decision) == "wait: the kubelet's lease of w1 to be renewed");
  one.attempt.notes = decision.remember;
  CHECK(summary(one.decide()) == "wait: the kubelet's lease of w1 to be renewed");
  one.lease.renew_time = "2026-11-22T21:14:19.250000Z";
  CHECK(summary(one.decide()) == "wait: it to be seen 2 times");
}

TEST_CASE("S18: an API that is away or refuses for a while only starts the gate anew") {
  NodeHealthyCase one;
  one.attempt.notes = one.decide().remember;
  const auto decide = [&](Result<ApiResponse> answer) {
    return decide_once(one.step(), one.attempt,
                       {answer, ok(json_of(one.lease)), ok(list_of("Pod", one.pods))});
  };
  Decision decision = decide(no_answer("connection refused"));
  CHECK(summary(decision) == "wait: the API server: connection refused");
  CHECK(decision.remember.at("held_times") == "0");
  decision = decide(refusal(403, "Forbidden", "not yet"));
  CHECK(summary(decision) == "wait: cannot read node w1: HTTP 403 Forbidden, not yet");
}

TEST_CASE("the gate's numbers are those of the plan file") {
  NodeHealthyCase one;
  one.hop.upgrade.health.consecutive = 5;
  one.hop.upgrade.health.interval = std::chrono::seconds{7};
  one.hop.upgrade.health.timeout = std::chrono::seconds{77};
  CHECK(one.step().timeout == std::chrono::seconds{77});
  const Decision decision = one.decide();
  CHECK(summary(decision) == "wait: it to be seen 5 times");
  CHECK(std::get<Wait>(decision.next).pause == std::chrono::seconds{7});
}

TEST_CASE("a kubelet that does not come up is asked after a while, and quoted") {
  NodeHealthyCase one;
  one.node.kubelet_version = "v1.33.13";
  Decision decision = one.decide();
  one.attempt.notes = decision.remember;
  CHECK(look_node_healthy(one.step(), one.attempt).commands.empty());
  one.attempt.elapsed = Seconds{6};
  REQUIRE(look_node_healthy(one.step(), one.attempt).commands.size() == 1);
  const auto decide = [&](const std::string& shown) {
    Answers answers;
    answers.commands = {CommandResult{0, shown, ""}};
    answers.responses = {ok(json_of(one.node)), ok(json_of(one.lease)),
                         ok(list_of("Pod", one.pods))};
    return std::get<Wait>(decide_node_healthy(one.step(), one.attempt, answers).next);
  };
  const Wait down = decide(
      "ActiveState=activating\nNRestarts=5\nsaid=E1122 21:14:08.123456    4711 run.go:72] "
      "\"command failed\" err=\"unknown flag: --no-such-flag\"\n");
  CHECK(
      down.what.starts_with("the kubelet of w1 to stay up (it says: \"command failed\" "
                            "err=\"unknown flag: --no-such-flag\"), kubelet v1.34.4 on w1"));
  CHECK(down.remedy.find("journalctl -u kubelet") != std::string::npos);
  CHECK(decide("ActiveState=active\nNRestarts=0\nsaid=old err=x\n").what ==
        "kubelet v1.34.4 on w1 (v1.33.13 now)");
}

}  // namespace drover::plans
