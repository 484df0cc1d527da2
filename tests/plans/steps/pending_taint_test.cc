#include "plans/steps/pending_taint.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/sample_facts.h"
#include "tests/support/step_driver.h"

namespace drover::plans {
namespace {

using namespace test;

/// The nodes of a cluster behind the patches of their taints, as the API server applies them.
class Nodes final : public World {
 public:
  explicit Nodes(std::vector<Node> nodes) : nodes_(std::move(nodes)) {}

  Result<ApiResponse> get(const ApiRequest& request) override {
    if (request.path == "/readyz") return ok("ok");
    if (request.path == "/version") return ok(R"({"gitVersion":"v1.33.13"})");
    if (request.path == "/api/v1/nodes") return ok(list_of("Node", nodes_));
    return none_at(request.path);
  }

  Result<ApiResponse> send(const ApiRequest& request) override {
    Node& node = find(request.path.substr(request.path.rfind('/') + 1));
    if (before_patch) before_patch(node);
    if (answer) return *answer;
    const auto patch = nlohmann::json::parse(request.body);
    REQUIRE(request.content_type() == "application/json-patch+json");
    REQUIRE(patch.size() == 2);
    REQUIRE(patch[0]["path"] == "/metadata/resourceVersion");
    const std::string path = patch[1]["path"];
    if (patch[1]["op"] == "remove") {
      const size_t place = std::stoul(path.substr(path.rfind('/') + 1));
      if (place >= node.taints.size()) return refusal(422, "Invalid", "no such path");
      if (patch[0]["value"] != node.resource_version) return refusal(409, "Conflict", "changed");
      node.taints.erase(node.taints.begin() + static_cast<std::ptrdiff_t>(place));
    } else {
      if (patch[0]["value"] != node.resource_version) return refusal(409, "Conflict", "changed");
      const bool first = path == "/spec/taints";
      REQUIRE((first || path == "/spec/taints/-"));
      REQUIRE(first == node.taints.empty());
      const auto& taint = first ? patch[1]["value"][0] : patch[1]["value"];
      REQUIRE(taint["effect"] == "PreferNoSchedule");
      node.taints.push_back(taint["key"]);
    }
    touch(node);
    return ok("{}");
  }

  CommandResult run(const Command&) override { return {}; }
  void pass(std::chrono::milliseconds) override {}

  Node& find(const std::string& name) {
    return *std::find_if(nodes_.begin(), nodes_.end(),
                         [&](const Node& node) { return node.name == name; });
  }
  static void touch(Node& node) {
    node.resource_version = std::to_string(std::stoi(node.resource_version) + 1);
  }
  std::vector<std::string> marked() const {
    std::vector<std::string> names;
    for (const Node& node : nodes_) {
      if (node.pending_taint()) names.push_back(node.name);
    }
    return names;
  }

  std::function<void(Node&)> before_patch;
  std::optional<Result<ApiResponse>> answer;

 private:
  std::vector<Node> nodes_;
};

using Names = std::vector<std::string>;

Step preflight(const ClusterFacts& facts) {
  const Inventory inventory = sample_inventory(3);
  const UpgradePlan file = sample_upgrade();
  return make_preflight({inventory, file, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]});
}

Attempt attempt_with(Notes notes) {
  Attempt attempt;
  attempt.run = "run";
  attempt.notes = std::move(notes);
  return attempt;
}

}  // namespace

TEST_CASE("S10: workers that wait for their turn are marked, other taints are kept") {
  ClusterFacts facts = sample_facts(3);
  upgrade_node_facts(facts, "w3");
  Nodes world(facts.nodes);
  world.find("w2").taints = {"example.com/theirs"};
  const Step step = preflight(facts);
  CHECK(step.param("pending_nodes") == "w1 w2");
  const Drive end = drive(step, attempt_with({}), world);
  REQUIRE(end.done);
  CHECK(world.marked() == Names{"w1", "w2"});
  CHECK(world.find("w2").taints == Names{"example.com/theirs", "drover.local/pending"});
  CHECK(end.sent.size() == 2);

  // Again: it is so already.
  CHECK(drive(step, attempt_with({}), world).sent.empty());

  // And taken away when the run ends.
  const Drive off = drive(step, attempt_with({{"pending", "off"}}), world);
  REQUIRE(off.done);
  CHECK(world.marked().empty());
  CHECK(world.find("w2").taints == Names{"example.com/theirs"});
}

TEST_CASE("S10: a run that is taken up marks the nodes that still wait, whatever else is amiss") {
  ClusterFacts facts = sample_facts(3);
  const Step step = preflight(facts);
  facts.nodes[1].ready = false;  // w1, in the middle of its upgrade
  Nodes world(facts.nodes);
  const Drive end =
      drive(step, attempt_with({{"pending", "on"}, {"pending_nodes", "w2 w3"}}), world);
  REQUIRE(end.done);
  CHECK(world.marked() == Names{"w2", "w3"});
}

TEST_CASE("a node that is cordoned is not marked") {
  ClusterFacts facts = sample_facts(3);
  const Step step = preflight(facts);
  facts.nodes[1].unschedulable = true;
  Nodes world(facts.nodes);
  REQUIRE(drive(step, attempt_with({}), world).done);
  CHECK(world.marked() == Names{"w2", "w3"});
}

TEST_CASE("S10: a node that changes in between is marked, and unmarked, as it is then") {
  const ClusterFacts facts = sample_facts(3);
  const Step step = preflight(facts);
  Nodes world(facts.nodes);
  int changes = 0;
  world.before_patch = [&](Node& node) {
    if (++changes > 3) return;
    node.taints.push_back("example.com/new");
    Nodes::touch(node);
  };
  REQUIRE(drive(step, attempt_with({}), world).done);
  CHECK(world.marked() == Names{"w1", "w2", "w3"});
  changes = 0;
  world.before_patch = [&](Node& node) {
    if (++changes > 3) return;
    node.taints.erase(node.taints.begin());
    Nodes::touch(node);
  };
  const Drive off = drive(step, attempt_with({{"pending", "off"}}), world);
  REQUIRE(off.done);
  CHECK(off.notices.empty());
  CHECK(world.marked().empty());
}

TEST_CASE("a mark that is refused is told and does not stop the run") {
  const ClusterFacts facts = sample_facts(3);
  Nodes world(facts.nodes);
  world.answer = refusal(403, "Forbidden", "no");
  const Drive end = drive(preflight(facts), attempt_with({}), world);
  REQUIRE(end.done);
  REQUIRE(end.notices.size() == 3);
  CHECK(end.notices[0].code == "pending-taint");
  CHECK(end.notices[0].message ==
        "the taint drover.local/pending of w1 is left as it is: cannot taint node w1: HTTP 403 "
        "Forbidden, no");
}

TEST_CASE("S4: a mark whose answer is lost is not sent again before the node was read") {
  const ClusterFacts facts = sample_facts(3);
  const Step step = preflight(facts);
  Attempt attempt = attempt_with({{"pending", "on"}});
  attempt.elapsed = Seconds{5};
  attempt.sent.push_back(
      {1, {{"node", "w1"}, {"resourceVersion", "100"}}, no_answer(), Seconds{4.5}});
  const auto decide = [&](const std::vector<Node>& nodes) {
    return decide_once(step, attempt, {ok(list_of("Node", nodes))});
  };
  const Decision decision = decide(facts.nodes);
  REQUIRE(std::holds_alternative<Send>(decision.next));
  CHECK(std::get<Send>(decision.next).instances.size() == 2);  // w2, w3
  attempt.elapsed = Seconds{6};
  CHECK(std::get<Send>(decide(facts.nodes).next).instances.size() == 3);
}

}  // namespace drover::plans
