#include "inventory/cluster/pod.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

namespace drover {
namespace {

// As the API prints a running pod of a ReplicaSet, without what nothing reads.
constexpr const char* kWebPod = R"({
  "metadata": {
    "name": "web-7d4b", "namespace": "shop", "uid": "11-22", "resourceVersion": "77",
    "labels": {"app": "web", "tier": "front"},
    "annotations": {"note": "x"},
    "ownerReferences": [
      {"apiVersion": "v1", "kind": "Node", "name": "w1"},
      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d", "uid": "9", "controller": true}],
    "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:status": {"f:phase": {}}}}]
  },
  "spec": {
    "nodeName": "w1",
    "volumes": [{"name": "t", "projected": {}}, {"name": "cache", "emptyDir": {}}],
    "containers": [{"name": "web", "image": "nginx:1.27"}, {"name": "log", "image": "busybox"}]
  },
  "status": {
    "phase": "Running",
    "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "True"}],
    "containerStatuses": [
      {"name": "web", "containerID": "containerd://ab", "ready": true, "restartCount": 2,
       "state": {"running": {"startedAt": "2026-08-01T10:00:00Z"}}},
      {"name": "log", "ready": false, "restartCount": 0,
       "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}}]
  }
})";

std::string list(const std::string& items) {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[)" +
         items + "]}";
}

Pod only_pod(const std::string& item) {
  const auto pods = parse_pod_list(list(item));
  if (!pods) FAIL(pods.error().message);
  REQUIRE(pods->size() == 1);
  return pods->front();
}

}  // namespace

TEST_CASE("a pod has all that is read of it") {
  const Pod pod = only_pod(kWebPod);
  CHECK(pod.full_name() == "shop/web-7d4b");
  CHECK(pod.uid == "11-22");
  CHECK(pod.node == "w1");
  CHECK(pod.phase == "Running");
  CHECK_FALSE(pod.finished());
  CHECK(pod.labels == std::map<std::string, std::string>{{"app", "web"}, {"tier", "front"}});
  REQUIRE(pod.controller);
  CHECK(pod.controller->api_version == "apps/v1");
  CHECK(pod.controller->kind == "ReplicaSet");
  CHECK(pod.controller->name == "web-7d");
  CHECK_FALSE(pod.mirror);
  CHECK_FALSE(pod.deleting);
  CHECK(pod.has_emptydir);
  CHECK(pod.ready);
  CHECK(pod.images == std::vector<std::string>{"nginx:1.27", "busybox"});
  REQUIRE(pod.containers.size() == 2);
  CHECK(pod.containers[0].name == "web");
  CHECK(pod.containers[0].container_id == "containerd://ab");
  CHECK(pod.containers[0].started_at == "2026-08-01T10:00:00Z");
  CHECK(pod.containers[0].ready);
  CHECK(pod.containers[0].restart_count == 2);
  CHECK(pod.containers[0].waiting_reason.empty());
  CHECK(pod.containers[1].started_at.empty());
  CHECK_FALSE(pod.containers[1].ready);
  CHECK(pod.containers[1].waiting_reason == "CrashLoopBackOff");
}

TEST_CASE("claims and finalizers of a pod") {
  const auto pods = parse_pod_list(
      R"({"kind":"PodList","items":[{"metadata":{"name":"db-0","finalizers":["example.com/keep"]},)"
      R"("spec":{"volumes":[{"name":"a","persistentVolumeClaim":{"claimName":"data-db-0"}},)"
      R"({"name":"b","emptyDir":{}},{"name":"scratch","ephemeral":{"volumeClaimTemplate":{}}},)"
      R"({"name":"c","configMap":{"name":"x"}}]}}]})");
  REQUIRE(pods);
  CHECK(pods->front().claims == std::vector<std::string>{"data-db-0", "db-0-scratch"});
  CHECK(pods->front().finalizers == std::vector<std::string>{"example.com/keep"});
  CHECK(pods->front().has_emptydir);
}

TEST_CASE("absent and null fields of a pod give defaults") {
  for (const char* item :
       {R"({"metadata":{"name":"p"}})",
        R"({"metadata":{"name":"p","labels":null,"ownerReferences":null,"deletionTimestamp":null},
            "spec":{"nodeName":null,"volumes":null,"containers":null},"status":null})"}) {
    const Pod pod = only_pod(item);
    CHECK(pod.name == "p");
    CHECK(pod.node.empty());
    CHECK(pod.phase.empty());
    CHECK(pod.labels.empty());
    CHECK_FALSE(pod.controller);
    CHECK_FALSE(pod.ready);
    CHECK_FALSE(pod.deleting);
    CHECK_FALSE(pod.has_emptydir);
    CHECK(pod.containers.empty());
  }
}

TEST_CASE("what a drain tells pods apart by") {
  CHECK(only_pod(R"({"metadata":{"name":"p","annotations":{"kubernetes.io/config.mirror":"ab"}}})")
            .mirror);
  CHECK(
      only_pod(R"({"metadata":{"name":"p","deletionTimestamp":"2026-08-01T10:00:00Z"}})").deleting);
  CHECK_FALSE(only_pod(R"({"metadata":{"name":"p","ownerReferences":[
      {"kind":"Job","name":"j"},{"kind":"X","name":"x","controller":false}]}})")
                  .controller);
  CHECK_FALSE(
      only_pod(R"({"metadata":{"name":"p"},"spec":{"volumes":[{"hostPath":{"path":"/"}}]}})")
          .has_emptydir);
  CHECK(
      only_pod(R"({"metadata":{"name":"p"},"spec":{"volumes":[{"emptyDir":{"medium":"Memory"}}]}})")
          .has_emptydir);
  CHECK(only_pod(R"({"metadata":{"name":"p"},"status":{"phase":"Succeeded"}})").finished());
  CHECK(only_pod(R"({"metadata":{"name":"p"},"status":{"phase":"Failed"}})").finished());
  CHECK_FALSE(only_pod(R"({"metadata":{"name":"p"},
      "status":{"conditions":[{"type":"Ready","status":"False"}]}})")
                  .ready);
}

TEST_CASE("a wrong type names the pod and the field") {
  struct Row {
    const char* item;
    const char* message;
  };
  for (
      const Row& row : {
          Row{R"({"metadata":{"name":"p","namespace":"n"},"spec":{"nodeName":3}})",
              "Pod n/p: spec.nodeName is a number where a string belongs"},
          Row{R"({"metadata":{"name":"p"},"spec":[]})",
              "Pod p: spec is a list where an object belongs"},
          Row{R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{},{"ready":"yes"}]}})",
              "Pod p: status.containerStatuses[1].ready is a string where a boolean belongs"},
          Row{R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{"restartCount":1.5}]}})",
              "Pod p: status.containerStatuses[0].restartCount is a number where a whole number "
              "belongs"},
          Row{R"({"metadata":{"name":"p"},"status":{"containerStatuses":[{"restartCount":3000000000}]}})",
              "Pod p: status.containerStatuses[0].restartCount is out of range"},
          Row{R"({"metadata":{"name":"p","labels":{"a":1}}})",
              "Pod p: metadata.labels has a number under \"a\" where a string belongs"},
          Row{R"({"metadata":{"name":"p","labels":"a"}})",
              "Pod p: metadata.labels is a string where an object belongs"},
          Row{R"({"metadata":{"name":"p"},"spec":{"volumes":{}}})",
              "Pod p: spec.volumes is an object where a list belongs"},
          Row{R"({"metadata":{"name":7}})",
              "Pod: metadata.name is a number where a string belongs"},
          Row{R"({"metadata":{}})", "Pod: metadata.name is missing"},
          Row{R"({})", "Pod: metadata.name is missing"},
          Row{R"(3)", "PodList: items holds a number where objects belong"},
      }) {
    const auto pods = parse_pod_list(list(std::string(kWebPod) + "," + row.item));
    INFO(row.item);
    REQUIRE_FALSE(pods);
    CHECK(pods.error().kind == ErrorKind::Api);
    CHECK(pods.error().message == row.message);
  }
}

TEST_CASE("what is no list of pods is refused, so that none is mistaken for an empty one (S11)") {
  struct Row {
    const char* json;
    const char* message;
  };
  for (const Row& row : {
           Row{"", "PodList: not JSON at byte 1"},
           Row{"<html>", "PodList: not JSON at byte 1"},
           Row{R"({"items":[)", "PodList: not JSON at byte 11"},
           Row{R"({"items":[]} x)", "PodList: not JSON at byte 14"},
           Row{"[]", "PodList: a list where an object belongs"},
           Row{"null", "PodList: null where an object belongs"},
           Row{R"({"metadata":{}})", "PodList: items is missing"},
           Row{R"({"items":{}})", "PodList: items is an object where a list belongs"},
           Row{R"({"kind":"Status","code":403,"items":[]})", "PodList: kind is \"Status\""},
           Row{R"({"kind":"NodeList","items":[]})", "PodList: kind is \"NodeList\""},
       }) {
    const auto pods = parse_pod_list(row.json);
    INFO(row.json);
    REQUIRE_FALSE(pods);
    CHECK(pods.error().message == row.message);
  }
  CHECK(parse_pod_list(R"({"items":[]})")->empty());
  CHECK(parse_pod_list(R"({"items":null})")->empty());
  CHECK(parse_pod_list(R"({"kind":"List","items":[]})")->empty());
}

TEST_CASE("every truncation of a list of pods is refused") {
  const std::string json = list(kWebPod);
  for (size_t size = 0; size < json.size(); ++size) {
    const auto pods = parse_pod_list(std::string_view(json).substr(0, size));
    REQUIRE_FALSE(pods);
    REQUIRE(pods.error().kind == ErrorKind::Api);
  }
}

TEST_CASE("mutated lists of pods are read or refused, and never crash") {
  const std::string good = list(kWebPod) + "\n";
  const std::string pieces = "{}[],:\"\\0-.eEtfn \n\xff";
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](size_t count) { return random() % count; };
    std::string json = good;
    for (size_t rounds = 1 + pick(3); rounds > 0; --rounds) {
      const size_t at = pick(json.size());
      if (pick(2) == 0) {
        json.insert(at, 1, pieces[pick(pieces.size())]);
      } else {
        json.erase(at, pick(8));
      }
    }
    INFO("seed " << seed);
    const auto pods = parse_pod_list(json);
    if (!pods) REQUIRE(pods.error().kind == ErrorKind::Api);
  }
}

TEST_CASE("nesting without end is refused") {
  const std::string deep =
      std::string(R"({"items":[{"metadata":{"name":"p"},"x":)") + std::string(1000000, '[');
  CHECK(parse_pod_list(deep).error().message == "PodList: nested more than 100 deep");
  const std::string skipped =
      R"({"items":[{"metadata":{"name":"p","managedFields":)" + std::string(1000000, '[');
  CHECK_FALSE(parse_pod_list(skipped));
}

TEST_CASE("fields that managers keep are skipped, whatever their form") {
  for (const char* fields : {"[]", "null", "3", "\"x\"", R"([{"a":[1,{"items":[2]}]}])"}) {
    const Pod pod = only_pod(fmt::format(
        R"({{"metadata":{{"managedFields":{},"name":"p","namespace":"n"}},"spec":{{"nodeName":"w1"}}}})",
        fields));
    CHECK(pod.full_name() == "n/p");
    CHECK(pod.node == "w1");
  }
}

TEST_CASE("a list of ten thousand pods keeps its order") {
  std::string items;
  for (int i = 0; i < 10000; ++i) {
    items += fmt::format(
        R"({}{{"metadata":{{"name":"p{}","namespace":"n"}},"spec":{{"nodeName":"w"}}}})",
        i == 0 ? "" : ",", i);
  }
  const auto pods = parse_pod_list(list(items));
  REQUIRE(pods);
  REQUIRE(pods->size() == 10000);
  CHECK(pods->front().name == "p0");
  CHECK(pods->back().name == "p9999");
}

}  // namespace drover
