#include "plans/node_choice.h"

#include <catch2/catch.hpp>

#include "inventory/cluster/label_query.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using Names = std::vector<std::string>;

struct World {
  Inventory inventory = test::sample_inventory(3);
  ClusterFacts facts = test::sample_facts(3);

  World() { inventory.hosts[1].node = "worker-1.example"; }

  Status select(const std::string& query, std::vector<ChosenNode>& chosen) {
    facts.nodes[1].name = inventory.hosts[1].node;
    const auto selector = parse_label_query(query);
    REQUIRE(selector);
    return select_nodes(inventory, facts.nodes, *selector, chosen);
  }
};

Names names(const std::vector<ChosenNode>& chosen) {
  Names found;
  for (const ChosenNode& node : chosen) {
    found.push_back(node.host->name + (node.named ? "" : " by its labels"));
  }
  return found;
}

}  // namespace

TEST_CASE("nodes are named as hosts or as Kubernetes nodes, each once and in that order") {
  World world;
  const auto chosen = name_nodes(world.inventory, {"w3", "worker-1.example", "w1", "w3"});
  REQUIRE(chosen);
  CHECK(names(*chosen) == Names{"w3", "w1"});
}

TEST_CASE("a node that is not there is answered with the nearest name") {
  World world;
  const auto near = name_nodes(world.inventory, {"w1", "worker-1.exmple"});
  REQUIRE(!near);
  CHECK(near.error().kind == ErrorKind::Usage);
  CHECK(near.error().message ==
        "worker-1.exmple is neither a host of the inventory inventory.yaml nor its node");
  CHECK(near.error().remedy == "did you mean worker-1.example?");
  const auto far = name_nodes(world.inventory, {"\x1b[2Jzzzzzzzzzz"});
  REQUIRE(!far);
  CHECK(far.error().message.find('\x1b') == std::string::npos);
  CHECK(far.error().remedy == "it has cp1, w1, worker-1.example, w2, w3");
}

TEST_CASE("a selector adds what it takes to what is named") {
  World world;
  auto chosen = *name_nodes(world.inventory, {"w2"});
  REQUIRE(world.select("!node-role.kubernetes.io/control-plane", chosen));
  CHECK(names(chosen) == Names{"w2", "w1 by its labels", "w3 by its labels"});
}

TEST_CASE("a selector that takes nothing, or a stranger, is refused") {
  World world;
  std::vector<ChosenNode> chosen;
  const Status nothing = world.select("disk=ssd", chosen);
  REQUIRE(!nothing);
  CHECK(nothing.error().kind == ErrorKind::Refused);
  CHECK(nothing.error().message == "the selector takes no node of the cluster");
  world.inventory.hosts.pop_back();
  const Status stranger = world.select("!disk", chosen);
  REQUIRE(!stranger);
  CHECK(stranger.error().message ==
        "not-in-inventory: the selector takes w3, not in the inventory inventory.yaml");
  CHECK(chosen.empty());
}

}  // namespace drover::plans
