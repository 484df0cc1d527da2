#include "plans/describe/describe.h"

#include <catch2/catch.hpp>

#include "tests/support/sample_description.h"

namespace drover::plans {

using Texts = std::vector<std::string>;

TEST_CASE("what is asked of the API for descriptions") {
  CHECK(describe_node_request("w1").path == "/api/v1/nodes/w1");
  CHECK(pods_of_node_request("w1").path == "/api/v1/pods?fieldSelector=spec.nodeName%3Dw1");
}

TEST_CASE("a node described") {
  const NodeDescription node = test::sample_node_description();
  CHECK(node.cordon.cordoned);
  CHECK(node.cordon.run == "20261128T075000Z-ab12");
  CHECK(node.cordon.purpose == "node drain");
  REQUIRE(node.pods.size() == 3);
  CHECK(node.pods[0].name == "kube-proxy-x");
  CHECK(node.pods[1].name == "alone");
  CHECK(node.pods[2].name == "web-1");
  CHECK(node.pods[2].status == "CrashLoopBackOff");
  CHECK(node.pods[2].ready == 0);
  CHECK(node.pods[2].containers == 1);
  CHECK(node.pods[2].restarts == 4);
  CHECK(node.requests.cpu.milli() == 350);
  CHECK(node.drain.ignores == Texts{"kube-system/kube-proxy-x"});
  REQUIRE(node.drain.blocked_by.size() == 1);
  CHECK(node.drain.blocked_by[0].starts_with("shop/alone"));
  CHECK(node.drain.evicts == Texts{"shop/web-1"});
  CHECK(node.drain.loses_data == Texts{"shop/web-1"});
  std::string reasons;
  for (const ClusterEvent& event : node.events) reasons += event.reason + ' ';
  CHECK(reasons == "NodeNotReady BackOff ");
}

TEST_CASE("who cordoned a node") {
  NodeDetail node;
  const auto cordon = [&] { return describe_node(node, "", {}).cordon; };
  node.node.annotations["drover.local/cordon"] = R"({"run":"r1"})";
  CHECK_FALSE(cordon().cordoned);
  node.node.unschedulable = true;
  CHECK(cordon().run == "r1");
  CHECK(cordon().purpose.empty());
  node.node.annotations.clear();
  CHECK(cordon().cordoned);
  CHECK(cordon().run.empty());
}

TEST_CASE("a pod described") {
  const PodDescription pod = test::sample_pod_description();
  CHECK(pod.status == "CrashLoopBackOff");
  CHECK(pod.owners == Texts{"Deployment/web", "ReplicaSet/web-7c"});
  CHECK(pod.requests.cpu.milli() == 250);
  REQUIRE(pod.budgets.size() == 1);
  CHECK(pod.budgets[0].find("shop/web (minAvailable 1") == 0);
  CHECK(pod.budgets[0].find("1 of 2 healthy, 1 wanted; 0 may be evicted now") != std::string::npos);
  CHECK(pod.drain.evicts == Texts{"shop/web-1"});
  CHECK(pod.troubles.size() == 2);
}

TEST_CASE("owners in a circle, and only the newest events") {
  LookedAt seen;
  PodDetail pod;
  pod.pod.ns = "shop";
  pod.pod.controller = Controller{"apps/v1", "ReplicaSet", "a"};
  seen.pods = {pod};
  seen.facts.replicas = {{"ReplicaSet", "shop", "a", 1, Controller{"apps/v1", "ReplicaSet", "a"}}};
  for (int i = 0; i < 30; ++i) {
    ClusterEvent event;
    event.last = "2026-11-28T08:00:" + std::to_string(10 + i) + "Z";
    seen.events.push_back(event);
  }
  const PodDescription described = describe_pod(std::move(seen), std::nullopt);
  CHECK(described.owners.size() == 5);
  CHECK(described.events.size() == kMostEvents);
  CHECK(described.events.back().last == "2026-11-28T08:00:39Z");
  CHECK(described.drain.evicts.empty());
}

}  // namespace drover::plans
