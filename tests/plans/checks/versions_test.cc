#include <catch2/catch.hpp>

#include "plans/checks/check.h"
#include "tests/support/sample_facts.h"

/// Which kubelets may stand beside the target.
namespace drover::plans {
namespace {

using namespace test;
using Catch::Equals;

struct SkewCase {
  Inventory inventory = sample_inventory(3);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(3);

  void kubelet(const std::string& name, const std::string& version) {
    for (Node& node : facts.nodes) {
      if (node.name == name) node.kubelet_version = version;
    }
  }
  std::vector<Verdict> verdicts(KubeVersion from, KubeVersion target) {
    upgrade.target = {target.major, target.minor, target.patch};
    const std::vector<ForeseenDrain> drains;
    return check_skew({inventory, upgrade, facts, from, target, drains, true, ""});
  }
};

}  // namespace

TEST_CASE("S8: a kubelet lags no further than Kubernetes and kubeadm both allow") {
  struct Row {
    int target_minor;
    int kubelet_minor;
    bool blocks;
  };
  const std::vector<Row> rows = {
      {27, 26, false}, {27, 25, true},                   // Kubernetes 2, kubeadm 1
      {28, 27, false}, {28, 26, true},  {28, 25, true},  // Kubernetes 3, kubeadm 1
      {29, 28, false}, {29, 26, false}, {29, 25, true},  // both 3
      {34, 31, false}, {34, 30, true},
  };
  for (const Row& row : rows) {
    SkewCase c;
    const KubeVersion from{1, row.target_minor - 1, 5};
    for (Node& node : c.facts.nodes) node.kubelet_version = from.tag();
    c.kubelet("w2", KubeVersion{1, row.kubelet_minor, 3}.tag());
    INFO("kubelet 1." << row.kubelet_minor << ", target 1." << row.target_minor);
    const std::vector<Verdict> found = c.verdicts(from, {1, row.target_minor, 4});
    REQUIRE(found.size() == (row.blocks ? 1U : 0U));
    if (!row.blocks) continue;
    CHECK(found[0].severity == Severity::Blocker);
    CHECK(found[0].subject == "w2");
  }
}

TEST_CASE("S8: how far a kubelet may lag is said") {
  SkewCase c;
  for (Node& node : c.facts.nodes) node.kubelet_version = "v1.27.5";
  c.kubelet("w2", "v1.26.3");
  const auto found = c.verdicts({1, 27, 5}, {1, 28, 4});
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0].message, Equals("kubelet 1.26.3 of w2 is more than 1 minor behind 1.28.4"));
}

TEST_CASE("S8: of a node that gets no steps only the minor must not be above the target's") {
  SkewCase c;
  const KubeVersion from{1, 33, 13}, target{1, 34, 4};
  c.kubelet("w3", "v1.34.9");
  CHECK(c.verdicts(from, target).size() == 1);  // it is to be brought to 1.34.4
  SECTION("excluded") { c.upgrade.excluded.push_back({"w3", 1, 1}); }
  SECTION("beyond the limit") { c.upgrade.limit = {"cp1", "w1"}; }
  SECTION("not in the inventory") { c.inventory.hosts.pop_back(); }
  CHECK(c.verdicts(from, target).empty());
  c.kubelet("w3", "v1.35.0");
  const std::vector<Verdict> found = c.verdicts(from, target);
  REQUIRE(found.size() == 1);
  CHECK(found[0].severity == Severity::Blocker);
  CHECK_THAT(found[0].message, Equals("kubelet 1.35.0 of w3 is newer than the target 1.34.4"));
}

}  // namespace drover::plans
