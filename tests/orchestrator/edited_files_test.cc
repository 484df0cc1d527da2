#include "orchestrator/edited_files.h"

#include <catch2/catch.hpp>

namespace drover::orchestrator {
namespace {

const std::string kInventory =
    "ssh: {user: ops}\nhosts: {cp1: {address: 10.0.0.1, roles: [control-plane]}, "
    "w1: {address: 10.0.0.2, roles: [worker]}}\n";
const std::string kUpgrade = "inventory: i.yaml\ntarget: 1.34.4\ndrain: {timeout: 15m}\n";

EditedFiles edited(const std::string& inventory, const std::string& upgrade,
                   const std::string& then_upgrade = kUpgrade) {
  Files now;
  now.inventory_text = inventory;
  now.upgrade_text = upgrade;
  return compare_files(kInventory, then_upgrade, now);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("files that were not edited have no edits", "[edited-files]") {
  CHECK_FALSE(edited(kInventory, kUpgrade).any());
}

TEST_CASE("how gently and how to log in may change in the middle of a run", "[edited-files]") {
  const std::vector<std::string> upgrades = {
      replaced(kUpgrade, "15m", "30m"), kUpgrade + "workers: {max_unavailable: 2}\n",
      kUpgrade + "health: {settle: 1s}\n", kUpgrade + "failure: {max_failed_nodes: 1}\n"};
  for (const std::string& text : upgrades) {
    const EditedFiles files = edited(kInventory, text);
    INFO(text);
    CHECK(files.accepted.size() == 1);
    CHECK(files.refused.empty());
  }
  const std::vector<std::string> inventories = {
      replaced(kInventory, "user: ops", "user: root"),
      replaced(kInventory, "10.0.0.2", "10.0.0.3"),
      replaced(kInventory, "{address: 10.0.0.2", "{user: me, address: 10.0.0.2"),
      kInventory + "sudo: {password: {env: P}}\n",
      replaced(kInventory, "{address: 10.0.0.2", "{host_keys: off, address: 10.0.0.2"),
      replaced(kInventory, "{address: 10.0.0.2", "{password: {prompt: true}, address: 10.0.0.2"),
      replaced(kInventory, "{address: 10.0.0.2",
               "{ssh: {passphrase: {env: P}}, address: 10.0.0.2")};
  for (const std::string& text : inventories) {
    const EditedFiles files = edited(text, kUpgrade);
    INFO(text);
    CHECK(files.accepted.size() == 1);
    CHECK(files.refused.empty());
  }
}

TEST_CASE("where to go, which hosts and what for may not", "[edited-files]") {
  const std::vector<std::string> upgrades = {
      replaced(kUpgrade, "1.34.4", "1.34.5"), kUpgrade + "via: [1.33.13]\n",
      kUpgrade + "workers: {exclude: [w1]}\n", kUpgrade + "etcd: {snapshot: false}\n"};
  for (const std::string& text : upgrades) {
    INFO(text);
    CHECK_FALSE(edited(kInventory, text).refused.empty());
  }
  const std::vector<std::string> inventories = {
      replaced(kInventory, "[worker]", "[control-plane]"), replaced(kInventory, "w1: {", "w2: {"),
      replaced(kInventory, "w1: {", "w1: {node: n, "), "cluster: other\n" + kInventory};
  for (const std::string& text : inventories) {
    INFO(text);
    CHECK_FALSE(edited(text, kUpgrade).refused.empty());
  }
}

TEST_CASE("a run that was made from a PLAN.json has no plan file", "[edited-files]") {
  CHECK_FALSE(edited(kInventory, "", "").any());
}

}  // namespace drover::orchestrator
