#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/kube_json.h"
#include "tests/support/sample_facts.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kVerifyRun = "20261122T211400Z-ab12";

Pod system_pod(const std::string& name, bool ready, std::optional<Controller> controller = {}) {
  Pod pod;
  pod.ns = "kube-system";
  pod.name = name;
  pod.uid = name;
  pod.node = "w1";
  pod.phase = "Running";
  pod.ready = ready;
  pod.controller = std::move(controller);
  return pod;
}

struct VerifyCase {
  Hop hop;
  std::vector<Node> nodes = hop.facts.nodes;
  std::vector<Pod> pods;

  VerifyCase() {
    for (Node& node : nodes) node.kubelet_version = "v1.34.4";
    ClusterFacts upgraded = hop.facts;
    upgrade_control_plane_facts(upgraded);
    for (const Pod& pod : upgraded.pods) {
      if (pod.ns == "kube-system") pods.push_back(pod);
    }
  }
  Step step() const { return make_verify(hop.scope()); }
  std::string decide() const {
    Attempt attempt;
    attempt.run = kVerifyRun;
    return summary(
        decide_once(step(), attempt, {ok(list_of("Node", nodes)), ok(list_of("Pod", pods))}));
  }
};

}  // namespace

TEST_CASE("a run ends with a table of versions") {
  VerifyCase one;
  CHECK(one.decide() ==
        "done: NODE  CONTROL PLANE  KUBELET  READY\n"
        "cp1   v1.34.4        v1.34.4  yes\n"
        "w1    -              v1.34.4  yes\n"
        "w2    -              v1.34.4  yes");
}

TEST_CASE("nodes that were not part of the run are listed with their version and marked") {
  VerifyCase one;
  Node other = one.nodes[2];
  other.name = "gpu-1";
  other.kubelet_version = "v1.33.13";
  other.ready = false;
  other.unschedulable = true;
  one.nodes.push_back(other);
  CHECK(one.decide() ==
        "done: NODE   CONTROL PLANE  KUBELET   READY\n"
        "cp1    v1.34.4        v1.34.4   yes\n"
        "gpu-1  -              v1.33.13  no     not part of this run, cordoned\n"
        "w1     -              v1.34.4   yes\n"
        "w2     -              v1.34.4   yes");
}

TEST_CASE("a node of the run that is behind, away or not Ready is waited for") {
  VerifyCase one;
  one.nodes[0].kubelet_version = "v1.33.13";
  one.nodes[1].ready = false;
  one.nodes[1].ready_reason = "KubeletNotReady";
  one.nodes.pop_back();
  CHECK(
      one.decide() ==
      "wait: cp1 at v1.34.4 (v1.33.13 now), w1 to be Ready (KubeletNotReady), node w2 to be in the "
      "cluster");
}

TEST_CASE("pods of kube-system must be Ready, over, or of a Job") {
  VerifyCase one;
  Pod succeeded = system_pod("done", false);
  succeeded.phase = "Succeeded";
  Pod job = system_pod("upgrade-health-check-x", false, Controller{"batch/v1", "Job", "j"});
  job.phase = "Failed";
  one.pods.push_back(succeeded);
  one.pods.push_back(job);
  CHECK(one.decide().rfind("done: ", 0) == 0);

  Pod going = system_pod("going", true);
  going.deleting = true;
  one.pods.push_back(system_pod("coredns-1", false));
  one.pods.push_back(going);
  CHECK(one.decide() == "wait: coredns-1 to be Ready, going to be Ready");
}

TEST_CASE("what was not Ready before the run is listed, by its workload, and not waited for") {
  VerifyCase one;
  one.hop.facts.pods.push_back(
      system_pod("metrics-server-aaaaa-1", false,
                 Controller{"apps/v1", "ReplicaSet", "metrics-server-aaaaa"}));
  one.hop.facts.pods.push_back(
      system_pod("cni-1", false, Controller{"apps/v1", "DaemonSet", "cni"}));
  CHECK(one.step().param("not_ready_before") == "cni metrics-server");
  one.pods.push_back(system_pod("metrics-server-bbbbb-7", false,
                                Controller{"apps/v1", "ReplicaSet", "metrics-server-bbbbb"}));
  CHECK(one.decide() ==
        "done: NODE  CONTROL PLANE  KUBELET  READY\n"
        "cp1   v1.34.4        v1.34.4  yes\n"
        "w1    -              v1.34.4  yes\n"
        "w2    -              v1.34.4  yes\n"
        "not Ready before this run either: metrics-server-bbbbb-7");
}

TEST_CASE("S10: nothing that this run cordoned is left behind") {
  VerifyCase one;
  one.nodes[1].unschedulable = true;
  one.nodes[1].annotations["drover.local/cordon"] =
      R"({"run":"20261122T211400Z-ab12","was":false})";
  CHECK(one.decide() == "wait: w1 to be uncordoned");
  one.nodes[1].annotations["drover.local/cordon"] = R"({"run":"other","was":false})";
  CHECK(one.decide() ==
        "done: NODE  CONTROL PLANE  KUBELET  READY\n"
        "cp1   v1.34.4        v1.34.4  yes\n"
        "w1    -              v1.34.4  yes    cordoned\n"
        "w2    -              v1.34.4  yes");
}

TEST_CASE("S13: what the cluster says of itself is made fit for a terminal") {
  VerifyCase one;
  one.nodes[2].kubelet_version = "v1.34.4\x1b[2J";
  CHECK(one.decide() == "wait: w2 at v1.34.4 (v1.34.4\\x1b[2J now)");
}

TEST_CASE("trouble is waited for") {
  VerifyCase one;
  CHECK(summary(decide_once(one.step(), {}, {no_answer("reset"), ok("")})) ==
        "wait: the API server: reset");
}

}  // namespace drover::plans
