#include "examples/sandbox/world/settle.h"

#include <catch2/catch.hpp>

#include "examples/sandbox/world/eviction.h"
#include "examples/sandbox/world/lock.h"
#include "examples/sandbox/world/patch.h"
#include "tests/sandbox/make_believe.h"

namespace drover::test {
namespace {

using nlohmann::json;
using sandbox::Pod;

constexpr const char* kUnreachable = "node.kubernetes.io/unreachable";

bool has_taint(const sandbox::ClusterNode& node, const std::string& key) {
  for (const sandbox::Taint& taint : node.taints())
    if (taint.key == key) return true;
  return false;
}

TEST_CASE("a node that is lost is NotReady after 44 s, its pods with it", "[sandbox]") {
  MakeBelieve cluster;
  cluster.add("web", 2);
  const sandbox::ClusterNode& w1 = *cluster.world.find_node("w1");
  sandbox::lose(cluster.world, "w1", cluster.now);
  const auto renewed = sandbox::node_lease_renewed(w1, cluster.world.pace, cluster.now);
  cluster.pass(43.9);
  CHECK(w1.ready);
  CHECK(sandbox::node_lease_renewed(w1, cluster.world.pace, cluster.now) == renewed);
  cluster.pass(0.2);
  CHECK_FALSE(w1.ready);
  CHECK(has_taint(w1, kUnreachable));
  for (const Pod* pod : cluster.pods_of("web")) CHECK(pod->ready == (pod->node != "w1"));
  sandbox::regain(cluster.world, "w1", false, cluster.now);
  cluster.pass(5.9);
  CHECK_FALSE(w1.ready);
  cluster.pass(0.2);
  CHECK(w1.ready);
  CHECK_FALSE(has_taint(w1, kUnreachable));
  for (const Pod* pod : cluster.pods_of("web")) {
    CHECK(pod->ready);
    CHECK(pod->starts == 0);
  }
}

TEST_CASE("an outage that is shorter is not noticed", "[sandbox]") {
  MakeBelieve cluster;
  sandbox::lose(cluster.world, "w1", cluster.now);
  cluster.pass(30);
  sandbox::regain(cluster.world, "w1", false, cluster.now);
  cluster.pass(100);
  CHECK(cluster.world.find_node("w1")->ready);
}

TEST_CASE("a pod on a node that is lost does not end before it is back", "[sandbox]") {
  MakeBelieve cluster;
  cluster.add("web", 2);
  sandbox::lose(cluster.world, "w1", cluster.now);
  const auto lost = cluster.pods_of("web")[0]->node == "w1" ? 0U : 1U;
  Pod& pod = *cluster.pods_of("web")[lost];
  const std::string name = pod.name;
  REQUIRE(sandbox::evict(cluster.world, "default", name, pod.uid, cluster.now).status == 201);
  cluster.pass(60);
  CHECK(cluster.world.find_pod("default", name) != nullptr);
  sandbox::regain(cluster.world, "w1", false, cluster.now);
  cluster.pass(1);
  CHECK(cluster.world.find_pod("default", name) == nullptr);
}

TEST_CASE("a boot that nobody announced restarts what ran there", "[sandbox]") {
  MakeBelieve cluster;
  cluster.add("web", 2);
  cluster.folders.boot("w1", "another");
  cluster.pass(1);
  CHECK(cluster.world.find_node("w1")->boot_id == "another");
  for (const Pod* pod : cluster.pods_of("web")) {
    CHECK(pod->starts == (pod->node == "w1" ? 1 : 0));
    CHECK(pod->ready == (pod->node != "w1"));
  }
  cluster.pass(2);
  for (const Pod* pod : cluster.pods_of("web")) CHECK(pod->ready);
}

TEST_CASE("a kubelet tells its version a second after its start", "[sandbox]") {
  MakeBelieve cluster;
  const sandbox::ClusterNode& w1 = *cluster.world.find_node("w1");
  const auto started = cluster.now;
  cluster.note("w1", "kubelet", "v1.34.4");
  cluster.pass(0.9);
  CHECK(w1.kubelet_version == "v1.33.13");
  cluster.pass(0.2);
  CHECK(w1.kubelet_version == "v1.34.4");
  CHECK(sandbox::node_lease_renewed(w1, cluster.world.pace, cluster.now) == started);
  cluster.pass(9);
  CHECK(sandbox::node_lease_renewed(w1, cluster.world.pace, cluster.now) ==
        started + std::chrono::seconds(10));
}

TEST_CASE("kubeadm's add-ons are rolled out node by node after the upgrade", "[sandbox]") {
  MakeBelieve cluster;
  sandbox::furnish(cluster.world, cluster.now);
  cluster.pass(0);
  const std::string new_image = "registry.k8s.io/kube-proxy:v1.34.4";
  const auto updated = [&] {
    int count = 0;
    for (const Pod* pod : cluster.pods_of("kube-proxy"))
      count += pod->spec.image == new_image && pod->ready ? 1 : 0;
    return count;
  };
  cluster.note("cp1", "control-plane", "v1.34.4");
  cluster.pass(1);
  CHECK(updated() == 0);
  cluster.pass(6);  // one gone after 4 s, its successor Ready after 2
  CHECK(updated() == 1);
  cluster.pass(6);
  CHECK(updated() == 2);
  cluster.pass(6);
  CHECK(updated() == 3);
}

TEST_CASE("what nobody looked at meanwhile has happened all the same", "[sandbox]") {
  MakeBelieve watched;
  MakeBelieve unwatched;
  for (MakeBelieve* cluster : {&watched, &unwatched}) {
    sandbox::furnish(cluster->world, cluster->now);
    cluster->pass(0);
    cluster->note("cp1", "control-plane", "v1.34.4");
  }
  for (int i = 0; i < 300; ++i) watched.pass(0.1);
  unwatched.pass(30);
  for (const char* name : {"kube-proxy", "coredns"}) {
    for (Pod* pod : watched.pods_of(name)) CHECK(pod->ready);
    REQUIRE(unwatched.pods_of(name).size() == watched.pods_of(name).size());
    for (Pod* pod : unwatched.pods_of(name)) {
      CHECK(pod->ready);
      CHECK(pod->spec.image == watched.pods_of(name)[0]->spec.image);
    }
  }
}

TEST_CASE("a patch of a node keeps to the version that it was made for", "[sandbox]") {
  MakeBelieve cluster;
  sandbox::ClusterNode& w1 = *cluster.world.find_node("w1");
  const json cordon = {{"metadata",
                        {{"resourceVersion", std::to_string(w1.revision)},
                         {"annotations", {{"drover.local/cordon", "{}"}}}}},
                       {"spec", {{"unschedulable", true}}}};
  CHECK(merge_into_node(cluster.world, "w1", cordon, cluster.now).status == 200);
  CHECK(w1.unschedulable());
  CHECK(w1.annotations.count("drover.local/cordon") == 1);
  CHECK(has_taint(w1, "node.kubernetes.io/unschedulable"));  // by another hand, with its version
  const auto again = merge_into_node(cluster.world, "w1", cordon, cluster.now);
  CHECK(again.status == 409);
  CHECK(again.body["reason"] == "Conflict");
  const json back = {{"metadata", {{"annotations", {{"drover.local/cordon", nullptr}}}}},
                     {"spec", {{"unschedulable", nullptr}}}};
  CHECK(merge_into_node(cluster.world, "w1", back, cluster.now).status == 200);
  CHECK_FALSE(has_taint(w1, "node.kubernetes.io/unschedulable"));
  CHECK(w1.annotations.count("drover.local/cordon") == 0);
}

TEST_CASE("nothing of a node is patched that Drover does not patch", "[sandbox]") {
  MakeBelieve cluster;
  const json patch =
      GENERATE(json({{"status", json::object()}}), json({{"metadata", {{"name", "w2"}}}}),
               json({{"spec", {{"podCIDR", "10.0.0.0/24"}}}}));
  CHECK_THROWS_AS(merge_into_node(cluster.world, "w1", patch, cluster.now), std::invalid_argument);
}

json lease(const std::string& holder, const std::string& version) {
  json meta = {{"name", "drover"}, {"namespace", "kube-system"}};
  if (!version.empty()) meta["resourceVersion"] = version;
  return {{"kind", "Lease"},
          {"apiVersion", "coordination.k8s.io/v1"},
          {"metadata", meta},
          {"spec",
           {{"holderIdentity", holder},
            {"leaseDurationSeconds", 900},
            {"renewTime", "2026-11-22T12:00:00.000000Z"}}}};
}

TEST_CASE("two that reach for the lock: one gets it", "[sandbox]") {
  MakeBelieve cluster;
  sandbox::World& world = cluster.world;
  CHECK(sandbox::read_lock(world).status == 404);
  const auto made = sandbox::create_lock(world, lease("a", ""), cluster.now);
  CHECK(made.status == 201);
  const auto second = sandbox::create_lock(world, lease("b", ""), cluster.now);
  CHECK(second.status == 409);
  CHECK(second.body["reason"] == "AlreadyExists");
  const std::string version = made.body["metadata"]["resourceVersion"];
  const auto same = sandbox::replace_lock(world, lease("a", version), cluster.now);
  CHECK(same.status == 200);
  CHECK(same.body["metadata"]["resourceVersion"] == version);  // an update that changes nothing
  CHECK(sandbox::replace_lock(world, lease("c", version), cluster.now).status == 200);
  const auto outdated = sandbox::replace_lock(world, lease("b", version), cluster.now);
  CHECK(outdated.status == 409);
  CHECK(outdated.body["reason"] == "Conflict");
  CHECK(sandbox::read_lock(world).body["spec"]["holderIdentity"] == "c");
}

TEST_CASE("a lock that is gone comes again by its renewal", "[sandbox]") {
  MakeBelieve cluster;
  const auto made = sandbox::replace_lock(cluster.world, lease("a", "7"), cluster.now);
  CHECK(made.status == 201);
  CHECK(made.body["metadata"]["resourceVersion"] != "7");
}

TEST_CASE("a Lease's times have exactly six digits of a fraction", "[sandbox]") {
  MakeBelieve cluster;
  json body = lease("a", "");
  body["spec"]["renewTime"] = "2026-11-22T12:00:00.000Z";
  CHECK_THROWS_AS(sandbox::create_lock(cluster.world, body, cluster.now), std::invalid_argument);
}

TEST_CASE("a leader that has just started renews its Lease only after its election", "[sandbox]") {
  MakeBelieve cluster;
  const auto renewed = [&] {
    return sandbox::read_leader(cluster.world, "kube-scheduler", cluster.now)
        .body["spec"]["renewTime"]
        .get<std::string>();
  };
  const std::string before = renewed();
  cluster.pass(2);
  CHECK(renewed() > before);
  cluster.note("cp1", "static-pods", "kube-scheduler v1.34.4");
  cluster.pass(3);
  const std::string started = sandbox::micro_stamp(
      cluster.world.control_planes.at("cp1").pod("kube-scheduler", cluster.now).started);
  CHECK(renewed() < started);
  cluster.pass(15);
  CHECK(renewed() > started);
}

}  // namespace
}  // namespace drover::test
