#include <catch2/catch.hpp>

#include "plans/checks/check.h"
#include "tests/support/sample_facts.h"

/// Everything that lands on one file system must fit there together.
namespace drover::plans {
namespace {

using namespace test;

constexpr std::uint64_t kDiskMiB = 1024 * 1024;

struct DiskCase {
  Inventory inventory = sample_inventory(1);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(1);
  bool control_plane_behind = true;

  NodeFacts& on(const std::string& host) { return facts.hosts.at(host); }
  /// `apart`: each folder is of a file system of its own, with a little more than the one before.
  void leave_free(const std::string& host, std::uint64_t mib, bool apart = false) {
    for (auto& [path, bytes] : on(host).free) {
      bytes = mib * kDiskMiB;
      if (apart) mib += 5;
    }
  }
  std::vector<std::string> short_of() const {
    std::vector<std::string> hosts;
    const std::vector<ForeseenDrain> drains;
    for (const Verdict& verdict :
         check_disk_space({inventory, upgrade, facts, KubeVersion{1, 33, 13}, KubeVersion{1, 34, 4},
                           drains, control_plane_behind, ""})) {
      CHECK(verdict.severity == Severity::Blocker);
      hosts.push_back(verdict.subject);
    }
    return hosts;
  }
};

using Hosts = std::vector<std::string>;

}  // namespace

TEST_CASE("the copy of etcd and its snapshot must fit on one file system together") {
  DiskCase c;
  c.on("cp1").etcd_bytes = 2355 * kDiskMiB;  // 2.3 GiB
  c.leave_free("cp1", 3277);                 // 3.2 GiB
  CHECK(c.short_of() == Hosts{"cp1"});
  c.leave_free("cp1", 3277, /*apart=*/true);
  CHECK(c.short_of().empty());
}

TEST_CASE("what is wanted on one file system is added up, packages once") {
  DiskCase c;
  c.on("cp1").etcd_bytes = 1000 * kDiskMiB;
  const std::uint64_t cp1 = 200 + 300 + 900 + 1100 + 1100;
  const std::uint64_t w1 = 200 + 300 + 300;
  c.leave_free("cp1", cp1);
  c.leave_free("w1", w1);
  CHECK(c.short_of().empty());
  c.leave_free("cp1", cp1 - 1);
  CHECK(c.short_of() == Hosts{"cp1"});
  c.leave_free("w1", w1 - 1);
  CHECK(c.short_of() == Hosts{"cp1", "w1"});
}

TEST_CASE("a folder that is written to between two looks is still of the same file system") {
  DiskCase c;
  c.leave_free("w1", 799);
  c.on("w1").free["/tmp"] += 4096;
  CHECK(c.short_of() == Hosts{"w1"});
}

TEST_CASE("a copy of etcd that is not made needs no room") {
  DiskCase c;
  c.on("cp1").etcd_bytes = 1000 * kDiskMiB;
  c.leave_free("cp1", 200 + 300 + 900 + 1100);
  CHECK(c.short_of() == Hosts{"cp1"});
  c.upgrade.etcd.snapshot = false;
  CHECK(c.short_of().empty());
  c.leave_free("cp1", 200 + 300 + 900);
  CHECK(c.short_of() == Hosts{"cp1"});
  c.control_plane_behind = false;
  CHECK(c.short_of().empty());
}

TEST_CASE("a folder of which nothing is known asks for nothing") {
  DiskCase c;
  c.on("w1").free.clear();
  CHECK(c.short_of().empty());
}

TEST_CASE("the snapshot wants room on the first control plane alone") {
  DiskCase c;
  Host second = c.inventory.hosts.front();
  second.name = second.node = "cp2";
  c.inventory.hosts.push_back(second);
  c.facts.hosts["cp2"] = c.on("cp1");
  for (const char* host : {"cp1", "cp2"}) {
    c.on(host).etcd_bytes = 1000 * kDiskMiB;
    c.leave_free(host, 200 + 300 + 900 + 1100);
  }
  CHECK(c.short_of() == Hosts{"cp1"});
}

}  // namespace drover::plans
