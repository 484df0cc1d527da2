#include "examples/sandbox/world/eviction.h"

#include <catch2/catch.hpp>

#include "examples/sandbox/world/patch.h"
#include "tests/sandbox/make_believe.h"

namespace drover::test {
namespace {

using nlohmann::json;
using sandbox::Pod;
using Kind = sandbox::Workload::Kind;

class Cluster : public MakeBelieve {
 public:
  using MakeBelieve::MakeBelieve;
  sandbox::Answer evict(const Pod& pod) {
    return sandbox::evict(world, pod.ns, pod.name, pod.uid, now);
  }
  void cordon(const std::string& node, bool on = true) {
    patch(node, {{"unschedulable", on ? json(true) : json()}});
  }
  void taint(const std::string& node, const std::string& effect) {
    patch(node, {{"taints", {{{"key", "drover.local/pending"}, {"effect", effect}}}}});
  }
  void patch(const std::string& node, const json& spec) {
    REQUIRE(merge_into_node(world, node, {{"spec", spec}}, now).status == 200);
    pass(0);
  }
  Pod* on(const std::string& workload, const std::string& node) {
    for (Pod* pod : pods_of(workload))
      if (pod->node == node) return pod;
    FAIL("no pod of " << workload << " on " << node);
    return nullptr;
  }
  int count(const std::string& workload, const std::string& node) {
    int pods = 0;
    for (const Pod* pod : pods_of(workload)) pods += pod->node == node ? 1 : 0;
    return pods;
  }
};

TEST_CASE("an evicted pod terminates, and another is Ready elsewhere after a time", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 4);
  cluster.limit("web", "3");
  cluster.cordon("w1");
  const std::string name = cluster.on("web", "w1")->name;
  const auto answer = cluster.evict(*cluster.on("web", "w1"));
  CHECK(answer.status == 201);
  CHECK(answer.body["status"] == "Success");
  cluster.pass(1);
  CHECK(cluster.world.find_pod("default", name)->deleting);
  CHECK(cluster.pods_of("web").size() == 4);
  CHECK(cluster.count("web", "w2") == 3);
  CHECK(cluster.world.status_of(cluster.world.budgets[0]).current_healthy == 3);
  cluster.pass(1);  // two seconds from its place on the node
  CHECK(cluster.world.status_of(cluster.world.budgets[0]).current_healthy == 4);
  cluster.pass(2);  // four seconds from the eviction
  CHECK(cluster.world.find_pod("default", name) == nullptr);
}

TEST_CASE("an eviction that a budget forbids is a 429 that says which and why", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 4);
  cluster.limit("web", "3");
  CHECK(cluster.evict(*cluster.pods_of("web")[0]).status == 201);
  const auto answer = cluster.evict(*cluster.pods_of("web")[0]);
  CHECK(answer.status == 429);
  CHECK_FALSE(answer.retry_after);
  CHECK(answer.body["reason"] == "TooManyRequests");
  const json cause = answer.body["details"]["causes"][0];
  CHECK(cause["reason"] == "DisruptionBudget");
  CHECK(cause["message"] == "The disruption budget web needs 3 healthy pods and has 3 currently");
}

TEST_CASE("a budget that is not processed yet says when to ask again", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 4);
  cluster.limit("web", "3");
  cluster.world.budgets[0].processed = false;
  const auto answer = cluster.evict(*cluster.pods_of("web")[0]);
  CHECK(answer.status == 429);
  CHECK(answer.retry_after == 10);
}

TEST_CASE("a pod under two budgets is never evicted", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 4);
  cluster.limit("web", "1");
  cluster.limit("web", "", "3", "web-too");
  CHECK(cluster.evict(*cluster.pods_of("web")[0]).status == 500);
}

TEST_CASE("evictions of what is not there, or not the one that was meant", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 1);
  const Pod& pod = *cluster.pods_of("web")[0];
  CHECK(sandbox::evict(cluster.world, "default", "none", "", cluster.now).status == 404);
  const auto other = sandbox::evict(cluster.world, "default", pod.name, "other", cluster.now);
  CHECK(other.status == 409);
  CHECK(other.body["reason"] == "Conflict");
  CHECK(sandbox::delete_pod(cluster.world, "default", pod.name, "other", cluster.now).status ==
        409);
}

TEST_CASE("an eviction that meant another pod uses the budget for two minutes", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 4);
  cluster.limit("web", "3");
  const std::string name = cluster.pods_of("web")[0]->name;
  CHECK(sandbox::evict(cluster.world, "default", name, "other", cluster.now).status == 409);
  CHECK(cluster.evict(*cluster.pods_of("web")[1]).status == 429);
  // The budget is asked before the UID is compared.
  CHECK(sandbox::evict(cluster.world, "default", name, "other", cluster.now).status == 429);
  cluster.pass(119);
  CHECK(cluster.evict(*cluster.pods_of("web")[1]).status == 429);
  cluster.pass(1);
  CHECK(cluster.evict(*cluster.pods_of("web")[1]).status == 201);
}

TEST_CASE("budgets do not hold what serves nobody: on its way out, Pending, finished",
          "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 2);
  cluster.limit("web", "1");
  Pod* going = cluster.pods_of("web")[0];
  REQUIRE(cluster.evict(*going).status == 201);
  CHECK(cluster.evict(*going).status == 201);
  Pod* finished = cluster.pods_of("web")[0];
  finished->finished = true;
  finished->ready = false;
  CHECK(cluster.evict(*finished).status == 201);
  cluster.cordon("w1");
  cluster.cordon("w2");
  cluster.add("late", 1);
  cluster.limit("late", "1");
  REQUIRE(cluster.pods_of("late")[0]->node.empty());
  CHECK(cluster.evict(*cluster.pods_of("late")[0]).status == 201);
  CHECK(cluster.pods_of("late").size() == 1);
}

TEST_CASE("a delete asks no budget", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 1);
  cluster.limit("web", "1");
  const Pod& pod = *cluster.pods_of("web")[0];
  const auto answer = sandbox::delete_pod(cluster.world, "default", pod.name, pod.uid, cluster.now);
  CHECK(answer.status == 200);
  CHECK(answer.body["metadata"].contains("deletionTimestamp"));
}

TEST_CASE("nothing is made in a namespace that is being deleted", "[sandbox]") {
  Cluster cluster;
  cluster.add("web", 1);
  cluster.world.terminating_namespaces.insert("default");
  const auto answer = cluster.evict(*cluster.pods_of("web")[0]);
  CHECK(answer.status == 403);
  CHECK(answer.body["details"]["causes"][0]["reason"] == "NamespaceTerminating");
}

TEST_CASE("the scheduler passes by nodes that are cordoned, tainted or not Ready", "[sandbox]") {
  Cluster cluster({"cp1", "w1", "w2", "w3"});
  cluster.cordon("w1");
  cluster.taint("w2", "NoSchedule");
  cluster.add("web", 3);
  CHECK(cluster.count("web", "w3") == 3);
  cluster.cordon("w3");
  Pod* pod = cluster.on("web", "w3");
  REQUIRE(cluster.evict(*pod).status == 201);
  cluster.pass(10);
  CHECK(cluster.pods_of("web").back()->node.empty());
  cluster.cordon("w1", false);
  CHECK(cluster.pods_of("web").back()->node == "w1");
}

TEST_CASE("PreferNoSchedule is the second choice, not none", "[sandbox]") {
  Cluster cluster;
  cluster.taint("w1", "PreferNoSchedule");
  cluster.add("web", 2);
  CHECK(cluster.count("web", "w2") == 2);
  cluster.cordon("w2");
  cluster.add("other", 1);
  CHECK(cluster.count("other", "w1") == 1);
}

TEST_CASE("a StatefulSet's pod comes again under its name when the old one is gone", "[sandbox]") {
  Cluster cluster;
  cluster.add("quorum", 2, Kind::StatefulSet);
  REQUIRE(cluster.pods_of("quorum").size() == 2);
  const std::string uid = cluster.world.find_pod("default", "quorum-0")->uid;
  REQUIRE(cluster.evict(*cluster.world.find_pod("default", "quorum-0")).status == 201);
  cluster.pass(3);
  CHECK(cluster.world.find_pod("default", "quorum-0")->uid == uid);
  cluster.pass(1);
  REQUIRE(cluster.world.find_pod("default", "quorum-0") != nullptr);
  CHECK(cluster.world.find_pod("default", "quorum-0")->uid != uid);
  CHECK_FALSE(cluster.world.find_pod("default", "quorum-0")->ready);
  cluster.pass(2);
  CHECK(cluster.world.find_pod("default", "quorum-0")->ready);
}

TEST_CASE("a pod that ignores its end stays; one that is never Ready is none", "[sandbox]") {
  Cluster cluster;
  cluster.add("stuck", 1, Kind::Deployment, {.image = "stuck:1", .never_ends = true});
  cluster.add("ill", 1, Kind::Deployment, {.image = "ill:1", .never_ready = true});
  const std::string name = cluster.pods_of("stuck")[0]->name;
  REQUIRE(cluster.evict(*cluster.pods_of("stuck")[0]).status == 201);
  cluster.pass(3600);
  CHECK(cluster.world.find_pod("default", name) != nullptr);
  CHECK_FALSE(cluster.pods_of("ill")[0]->ready);
}

TEST_CASE("a volume is detached a while after its pod is gone", "[sandbox]") {
  Cluster cluster;
  cluster.add("db", 1, Kind::Deployment, {.image = "db:1", .volume = "data"});
  REQUIRE(cluster.world.attachments.size() == 1);
  const std::string node = cluster.pods_of("db")[0]->node;
  cluster.cordon(node);
  REQUIRE(cluster.evict(*cluster.pods_of("db")[0]).status == 201);
  cluster.pass(4);
  REQUIRE(cluster.world.attachments.size() == 2);
  CHECK(cluster.world.attachments[0].node == node);
  CHECK(cluster.world.attachments[0].detaching);
  cluster.pass(6);
  REQUIRE(cluster.world.attachments.size() == 1);
  CHECK(cluster.world.attachments[0].node != node);
}

}  // namespace
}  // namespace drover::test
