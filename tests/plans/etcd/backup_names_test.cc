#include "plans/etcd/backup_names.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using Names = std::vector<std::string>;
using std::chrono::hours;

constexpr const char* kNow = "2026-11-28T12:00:00Z";

const Names kDays = {"etcd-prod-20261124T120000Z-aaaa.db", "etcd-prod-20261125T120000Z-bbbb.db",
                     "etcd-prod-20261126T120000Z-cccc.db", "etcd-prod-20261127T120000Z-dddd.db",
                     "etcd-prod-20261128T120000Z-eeee.db"};
const std::string kMade = kDays.back();

Names first(size_t count) { return {kDays.begin(), kDays.begin() + static_cast<long>(count)}; }

}  // namespace

TEST_CASE("the name of a backup says of which cluster and when", "[etcd]") {
  const std::string name = backup_name("prod-2", "20261128T065000Z-3f2a");
  CHECK(name == "etcd-prod-2-20261128T065000Z-3f2a.db");
  const auto read = read_backup_name(name);
  REQUIRE(read);
  CHECK(read->cluster == "prod-2");
  CHECK(read->time == "2026-11-28T06:50:00Z");
  const auto upgrades = read_backup_name("etcd-1.33.13-20261128T065000Z.db");
  REQUIRE(upgrades);
  CHECK(upgrades->cluster.empty());
}

TEST_CASE("other names are somebody else's", "[etcd]") {
  for (const char* name :
       {"", "etcd-", ".db", "etcd-.db", "etcd-prod.db", "etcd-prod-20261128T065000Z.db",
        "etcd-prod-20261128T065000Z-3f2a.db.gpg", "xetcd-prod-20261128T065000Z-3f2a.db",
        "etcd-prod-20261128T065000Z-3F2A.db", "etcd-prod-20261128T065000Z-3f2.db",
        "etcd-prod-20261328T065000Z-3f2a.db", "etcd--20261128T065000Z-3f2a",
        "etcd-20261128T065000Z-3f2a.db", "etcd-prod-2026112xT065000Z-3f2a.db"}) {
    CAPTURE(name);
    CHECK_FALSE(read_backup_name(name).has_value());
  }
}

TEST_CASE("what is pruned: neither count nor age keeps it", "[etcd]") {
  struct Row {
    Keep keep;
    size_t gone;
  };
  for (const Row& row :
       {Row{{}, 0}, Row{{.count = 1}, 4}, Row{{.count = 2}, 3}, Row{{.count = 5}, 0},
        Row{{.count = 99}, 0}, Row{{.age = hours(1)}, 4}, Row{{.age = hours(24)}, 3},
        Row{{.age = hours(49)}, 2}, Row{{.count = 4, .age = hours(1)}, 1},
        Row{{.count = 1, .age = hours(72)}, 1}}) {
    CAPTURE(row.keep.count, row.keep.age.count());
    CHECK(to_prune(kDays, "prod", kMade, kNow, row.keep) == first(row.gone));
  }
}

TEST_CASE("never the one just made, and never what is not this cluster's", "[etcd]") {
  Names names = kDays;
  const Names others = {"etcd-1.33.13-20200101T000000Z.db", "etcd-other-20200101T000000Z-aaaa.db",
                        "etcd-prod-2-20200101T000000Z-aaaa.db", "notes.txt",
                        "etcd-prod-20200101T000000Z-aaaa.db.old"};
  names.insert(names.end(), others.begin(), others.end());
  CHECK(to_prune(names, "prod", kMade, kNow, {.count = 1}) == first(4));
  CHECK(to_prune(others, "", kMade, kNow, {.count = 1}).empty());
  // A clock that was wrong: the one just made looks old, and stays.
  const std::string old = "etcd-prod-20200101T000000Z-ffff.db";
  CHECK(to_prune({old, kDays[0]}, "prod", old, "2020-01-01T00:00:00Z", {.count = 1}) == first(1));
  CHECK(to_prune({old}, "prod", old, kNow, {.age = hours(1)}).empty());
}

}  // namespace drover::plans
