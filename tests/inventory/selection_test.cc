#include "inventory/selection.h"

#include "tests/inventory/reader_cases.h"

namespace drover::test {
namespace {

using Names = std::vector<std::string>;

Inventory three_workers() {
  return std::get<Inventory>(
      inventory("cluster: prod\nhosts:\n"
                "  bare: {address: a, roles: [worker], node: worker-1}\n"
                "  cp1: {address: b, roles: [control-plane]}\n"
                "  w2: {address: c, roles: [worker]}\n"
                "  both: {address: d, roles: [control-plane, worker]}\n"));
}

UpgradePlan excluding(const std::string& names) {
  return std::get<UpgradePlan>(
      upgrade("inventory: inventory.yaml\ntarget: 1.34.4\nworkers:\n  exclude: [" + names + "]\n"));
}

UpgradePlan limited(Names names) {
  UpgradePlan plan = excluding("w2");
  plan.limit = std::move(names);
  return plan;
}

std::string said(const UpgradePlan& plan) {
  const Diagnostics problems = check_named_hosts(plan, three_workers());
  return problems.empty() ? "ok\n" : errors(Read<UpgradePlan>(problems));
}

Names seen(const UpgradePlan& plan) {
  const Inventory all = three_workers();
  Names names;
  for (const Host* host : hosts_to_see(plan, all)) names.push_back(host->name);
  return names;
}

}  // namespace

TEST_CASE("workers.exclude names workers of the inventory, by their host names") {
  CHECK(said(excluding("")) == "ok\n");
  CHECK(said(excluding("bare, w2")) == "ok\n");
  CHECK(said(excluding("baree, worker-1, both, zzz")) ==
        "upgrade.yaml:4:13: workers.exclude: inventory.yaml has no host \"baree\"; did you mean "
        "\"bare\"?\n"
        "upgrade.yaml:4:20: workers.exclude: inventory.yaml has no host \"worker-1\"; did you mean "
        "\"bare\"?\n"
        "upgrade.yaml:4:30: workers.exclude: both is a control plane; only workers can be left "
        "out\n"
        "upgrade.yaml:4:36: workers.exclude: inventory.yaml has no host \"zzz\"; write the names "
        "of hosts as the inventory has them\n");
}

TEST_CASE("drain.disable_eviction names hosts of the inventory, never all of them") {
  const auto named = [](const std::string& names) {
    return said(std::get<UpgradePlan>(
        upgrade("inventory: inventory.yaml\ntarget: 1.34.4\ndrain:\n  disable_eviction: [" + names +
                "]\n")));
  };
  CHECK(named("bare, cp1") == "ok\n");
  CHECK(named("worker-1, all") ==
        "upgrade.yaml:4:22: drain.disable_eviction: inventory.yaml has no host \"worker-1\"; did "
        "you mean \"bare\"?\n"
        "upgrade.yaml:4:32: drain.disable_eviction: inventory.yaml has no host \"all\"; write the "
        "names of hosts as the inventory has them\n");
}

TEST_CASE("a limit names hosts that the plan file leaves in") {
  CHECK(check_limit(limited({}), three_workers()));
  CHECK(check_limit(limited({"cp1", "bare"}), three_workers()));
  const Status wrong = check_limit(limited({"cp", "bare", "zzz", "w2"}), three_workers());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::Usage);
  CHECK(wrong.error().message ==
        "--limit: inventory.yaml has no host \"cp\" (did you mean \"cp1\"?); inventory.yaml has no "
        "host \"zzz\"; w2 is left out by workers.exclude in upgrade.yaml");
  CHECK_FALSE(wrong.error().remedy.empty());
}

TEST_CASE("hosts left out are not looked at, but for the way to the API") {
  CHECK(seen(excluding("")) == Names{"bare", "cp1", "w2", "both"});
  CHECK(seen(excluding("w2")) == Names{"bare", "cp1", "both"});
  CHECK(seen(limited({"bare"})) == Names{"bare", "cp1"});
  CHECK(seen(limited({"cp1"})) == Names{"cp1"});
  CHECK(seen(limited({"both"})) == Names{"cp1", "both"});
}

}  // namespace drover::test
