#include "inventory/cluster/node.h"

#include <catch2/catch.hpp>

#include "inventory/facts.h"

namespace drover {
namespace {

constexpr const char* kControlPlane = R"({
  "kind": "Node",
  "metadata": {
    "name": "cp1", "uid": "u-cp1", "resourceVersion": "1234",
    "labels": {"kubernetes.io/hostname": "cp1", "node-role.kubernetes.io/control-plane": ""},
    "annotations": {"drover.local/cordon": "{\"run\":\"r\",\"was\":false}"}
  },
  "spec": {"podCIDR": "10.244.0.0/24", "unschedulable": true},
  "status": {
    "conditions": [
      {"type": "MemoryPressure", "status": "False"},
      {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is ready"}],
    "nodeInfo": {"bootID": "b-1", "kubeletVersion": "v1.33.13",
                 "containerRuntimeVersion": "containerd://1.6.20"}
  }
})";

}  // namespace

TEST_CASE("a node has all that is read of it") {
  const auto node = parse_node(kControlPlane);
  REQUIRE(node);
  CHECK(node->name == "cp1");
  CHECK(node->uid == "u-cp1");
  CHECK(node->resource_version == "1234");
  CHECK(node->is_control_plane());
  CHECK(node->labels.size() == 2);
  CHECK(node->annotations.at(std::string(kCordonAnnotation)) == R"({"run":"r","was":false})");
  CHECK(node->unschedulable);
  CHECK(node->ready);
  CHECK(node->ready_reason.empty());
  CHECK(node->kubelet_version == "v1.33.13");
  CHECK(node->container_runtime == "containerd://1.6.20");
  CHECK(node->boot_id == "b-1");
}

TEST_CASE("why a node is not ready") {
  struct Row {
    const char* conditions;
    bool ready;
    const char* reason;
  };
  for (
      const Row& row : {
          Row{R"([])", false, "no Ready condition"},
          Row{R"(null)", false, "no Ready condition"},
          Row{R"([{"type":"Ready","status":"Unknown","reason":"NodeStatusUnknown","message":"Kubelet stopped posting node status."}])",
              false, "NodeStatusUnknown: Kubelet stopped posting node status."},
          Row{R"([{"type":"Ready","status":"False","reason":"KubeletNotReady"}])", false,
              "KubeletNotReady"},
          Row{R"([{"type":"Ready","status":"False","message":"no CNI"}])", false, "no CNI"},
          Row{R"([{"type":"Ready","status":"True","reason":"KubeletReady"}])", true, ""},
      }) {
    const auto node =
        parse_node(std::string(R"({"metadata":{"name":"w1"},"status":{"conditions":)") +
                   row.conditions + "}}");
    REQUIRE(node);
    CHECK(node->ready == row.ready);
    CHECK(node->ready_reason == row.reason);
    CHECK_FALSE(node->unschedulable);
    CHECK_FALSE(node->is_control_plane());
  }
}

TEST_CASE("an answer that is no node is an error, not a node that is not ready") {
  CHECK(parse_node(R"({"kind":"Status","status":"Failure","code":404})").error().message ==
        "Node: kind is \"Status\"");
  CHECK(parse_node("").error().message == "Node: not JSON at byte 1");
  CHECK(
      parse_node(R"({"metadata":{"name":"w1"},"spec":{"unschedulable":"true"}})").error().message ==
      "Node w1: spec.unschedulable is a string where a boolean belongs");
}

TEST_CASE("nodes are sorted by name, and facts find them") {
  ClusterFacts facts;
  CHECK(facts.find_node("w1") == nullptr);
  const auto nodes = parse_node_list(
      R"({"items":[{"metadata":{"name":"w2"}},{"metadata":{"name":"cp1"}},{"metadata":{"name":"w1"}}]})");
  REQUIRE(nodes);
  facts.nodes = *nodes;
  CHECK(facts.nodes[0].name == "cp1");
  CHECK(facts.nodes[2].name == "w2");
  for (const char* name : {"cp1", "w1", "w2"}) {
    REQUIRE(facts.find_node(name) != nullptr);
    CHECK(facts.find_node(name)->name == name);
  }
  for (const char* name : {"", "cp", "w1.x", "w3"}) CHECK(facts.find_node(name) == nullptr);
}

}  // namespace drover
