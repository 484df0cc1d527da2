#include <catch2/catch.hpp>

#include "plans/gates/baseline.h"
#include "plans/gates/daemonset_marks.h"
#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

Pod pod_of(const std::string& ns, const std::string& daemonset, bool ready) {
  Pod pod;
  pod.ns = ns;
  pod.name = daemonset + "-x1";
  pod.uid = "uid-" + pod.name;
  pod.node = "w1";
  pod.phase = "Running";
  pod.ready = ready;
  pod.controller = Controller{"apps/v1", "DaemonSet", daemonset};
  return pod;
}

Workload daemonset(const std::string& ns, const std::string& name) {
  return {.kind = "DaemonSet", .ns = ns, .name = name};
}

struct DaemonsetsCase {
  Hop hop;
  GateWorld world = quiet_world();
  Node node;
  Attempt attempt;

  explicit DaemonsetsCase(const std::string& before) {
    node.name = "w1";
    node.ready = true;
    node.kubelet_version = "v1.34.4";
    Lease lease;
    lease.name = "w1";
    lease.renew_time = "2026-11-22T21:14:09.250000Z";
    world.paths["/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w1"] =
        ok(json_of(lease));
    attempt.earlier["v1.34/w1/kubelet-restart"] = {{"restarted_at", "1795382048"}};
    if (!before.empty()) attempt.earlier["v1.34/w1/cordon"] = {{"was:daemonsets", before}};
  }
  std::string look(const std::vector<Pod>& pods) {
    world.paths[kNodeW1] = ok(json_of(node));
    world.paths[kPodsW1] = ok(list_of("Pod", pods));
    return summary(world.rounds(make_node_healthy(hop.scope(), hop.host("w1")), attempt));
  }
};

}  // namespace

TEST_CASE("S9: the DaemonSet pods of the node, the network and kube-proxy are wanted and named") {
  struct Row {
    const char* before;
    std::vector<Pod> pods;
    const char* told;
  };
  const auto well = [](const char* ns, const char* name) { return pod_of(ns, name, true); };
  const auto unwell = [](const char* ns, const char* name) { return pod_of(ns, name, false); };
  const char* proxy_before = "kube-system/kube-proxy=1";
  const Row rows[] = {
      {"-", {}, "wait: it to be seen 2 times"},
      {proxy_before, {well("kube-system", "kube-proxy")}, "wait: it to be seen 2 times"},
      {proxy_before,
       {unwell("kube-system", "kube-proxy")},
       "wait: kube-system/kube-proxy-x1 to be Ready"},
      {"kube-system/kube-proxy=0",
       {unwell("kube-system", "kube-proxy")},
       "wait: it to be seen 2 times"},
      // Which DaemonSets there are is not known until the next look.
      {proxy_before, {}, "wait: a pod of kube-system/kube-proxy on w1 to be Ready"},
      {"kube-system/calico-node=1",
       {unwell("kube-system", "calico-node")},
       "wait: kube-system/calico-node-x1 to be Ready"},
      {"default/agent=1",
       {unwell("default", "agent"), unwell("kube-flannel", "kube-flannel-ds"),
        unwell("kube-system", "kube-proxy")},
       "wait: kube-flannel/kube-flannel-ds-x1 to be Ready, kube-system/kube-proxy-x1 to be Ready, "
       "default/agent-x1 to be Ready"},
      // One that came since is wanted too.
      {"-", {unwell("default", "new")}, "wait: default/new-x1 to be Ready"},
  };
  for (const Row& row : rows) {
    INFO(row.before);
    DaemonsetsCase one(row.before);
    CHECK(one.look(row.pods) == row.told);
  }
}

TEST_CASE("a pod that terminates is not there yet") {
  DaemonsetsCase one("default/agent=1");
  Pod going = pod_of("default", "agent", true);
  going.deleting = true;
  CHECK(one.look({going}) == "wait: default/agent-x1 to be Ready");
}

TEST_CASE("a DaemonSet that was taken away since is not waited for") {
  DaemonsetsCase one("default/agent=1 kube-system/kube-proxy=1");
  one.world.paths[kDaemonSets] =
      ok(list_of<Workload>("DaemonSet", {daemonset("default", "agent")}));
  CHECK(one.look({}) ==
        "wait: a pod of kube-system/kube-proxy on w1 to be Ready, a pod of default/agent on w1 to "
        "be Ready");
  CHECK(one.look({}) == "wait: a pod of default/agent on w1 to be Ready");
  one.world.paths[kDaemonSets] = refusal(403, "Forbidden", "no");
  CHECK(one.look({}) == "wait: cannot list DaemonSets: HTTP 403 Forbidden, no");
}

TEST_CASE("a node without a network is not well, unless it had none before") {
  DaemonsetsCase one("-");
  one.node.network_unavailable = true;
  CHECK(one.look({}) == "wait: the network of w1 to be Ready");
  DaemonsetsCase old("network=0");
  old.node.network_unavailable = true;
  CHECK(old.look({}) == "wait: it to be seen 2 times");
}

TEST_CASE("without marks of the cordon those of the plan count") {
  DaemonsetsCase one("");
  one.hop.facts.pods.push_back(pod_of("default", "agent", false));
  one.hop.facts.pods.push_back(pod_of("default", "log", true));
  CHECK(make_node_healthy(one.hop.scope(), one.hop.host("w1")).param("was:daemonsets") ==
        "default/agent=0 default/log=1");
  CHECK(one.look({pod_of("default", "agent", false)}) ==
        "wait: a pod of default/log on w1 to be Ready");
}

TEST_CASE("marks of a node: all its pods of a DaemonSet were Ready, or not") {
  Node node;
  node.name = "w1";
  Pod elsewhere = pod_of("default", "agent", false);
  elsewhere.node = "w2";
  Pod web = pod_of("default", "web", true);
  web.controller = Controller{"apps/v1", "ReplicaSet", "web-1"};
  CHECK(daemonset_marks({}, node).empty());
  CHECK(daemonset_marks({pod_of("default", "agent", true), elsewhere, web}, node) ==
        Marks{{"default/agent", 1}});
  CHECK(daemonset_marks({pod_of("default", "agent", true), pod_of("default", "agent", false)},
                        node) == Marks{{"default/agent", 0}});
  node.network_unavailable = true;
  CHECK(daemonset_marks({}, node) == Marks{{"network", 0}});
}

}  // namespace drover::plans
