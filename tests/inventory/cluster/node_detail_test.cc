#include "inventory/cluster/node_detail.h"

#include <catch2/catch.hpp>

#include "inventory/cluster/replicas.h"

namespace drover {

TEST_CASE("a node as somebody looks at it when something is wrong") {
  const auto read = parse_node_detail(R"({"kind":"Node","metadata":{"name":"w1",
    "creationTimestamp":"2026-11-01T00:00:00Z"},
   "spec":{"unschedulable":true,"taints":[
     {"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule","timeAdded":"2026-11-28T08:00:00Z"},
     {"key":"team","value":"db","effect":"NoExecute"}]},
   "status":{"allocatable":{"cpu":"1900m","memory":"2Gi","pods":"110"},
    "addresses":[{"type":"Hostname","address":"w1"},{"type":"InternalIP","address":"10.0.0.21"},
                 {"type":"InternalIP","address":"fd00::21"}],
    "nodeInfo":{"kubeletVersion":"v1.33.13","osImage":"Debian GNU/Linux 12","kernelVersion":"6.1.0"},
    "conditions":[{"type":"MemoryPressure","status":"False","lastTransitionTime":"2026-11-01T00:00:00Z"},
                  {"type":"Ready","status":"False","reason":"KubeletNotReady","message":"no CNI",
                   "lastTransitionTime":"2026-11-28T07:00:00Z"}]}})");
  REQUIRE(read);
  CHECK(read->node.name == "w1");
  CHECK(read->node.unschedulable);
  CHECK_FALSE(read->node.ready);
  CHECK(read->created == "2026-11-01T00:00:00Z");
  REQUIRE(read->taints.size() == 2);
  CHECK(read->taints[0].since == "2026-11-28T08:00:00Z");
  CHECK(read->taints[1].value == "db");
  CHECK(read->taints[1].effect == "NoExecute");
  CHECK(read->address == "10.0.0.21");
  CHECK(read->os == "Debian GNU/Linux 12");
  CHECK(read->kernel == "6.1.0");
  CHECK(read->allocatable.cpu.milli() == 1900);
  CHECK(read->max_pods == 110);
  const ObjectCondition* ready = find_condition(read->conditions, "Ready");
  REQUIRE(ready != nullptr);
  CHECK(ready->reason == "KubeletNotReady");
  CHECK(ready->message == "no CNI");
  CHECK(find_condition(read->conditions, "DiskPressure") == nullptr);
  CHECK_FALSE(parse_node_detail(R"({"kind":"Status"})"));
}

TEST_CASE("a ReplicaSet knows its Deployment") {
  const auto sets = parse_replicas_list(
      R"({"kind":"ReplicaSetList","items":[{"metadata":{"namespace":"shop","name":"web-7c",
       "ownerReferences":[{"kind":"Deployment","name":"web","controller":true}]}},
       {"metadata":{"namespace":"shop","name":"alone"}}]})",
      "ReplicaSet");
  REQUIRE(sets);
  REQUIRE(sets->size() == 2);
  REQUIRE(sets->at(0).owner);
  CHECK(sets->at(0).owner->kind == "Deployment");
  CHECK(sets->at(0).owner->name == "web");
  CHECK_FALSE(sets->at(1).owner);
}

}  // namespace drover
