#include "inventory/cluster/etcd.h"

#include <catch2/catch.hpp>

#include "tests/support/read_file.h"
#include "tests/support/source_dir.h"

namespace drover {
namespace {

std::string recording(const std::string& name) {
  return test::read_file(test::source_dir() + "/examples/sandbox/recorded/commands/etcd/" + name);
}

}  // namespace

TEST_CASE("etcd's ids keep all their 64 bits", "[etcd]") {
  const auto list = parse_etcd_members(recording("member-list-3.6.json"));
  REQUIRE(list);
  CHECK(list->cluster == 12102231493559379567u);
  REQUIRE(list->members.size() == 3);
  CHECK(list->members[0].name == "cp2");
  CHECK(list->members[0].id == 1571761921635066505u);
  CHECK(etcd_id(list->cluster) == "a7f3c36c4b26e66f");
  CHECK(list->members[2].client_urls == std::vector<std::string>{"https://10.77.0.11:2379"});
  const auto most = parse_etcd_members(R"({"members":[{"ID":18446744073709551615}]})");
  REQUIRE(most);
  CHECK(etcd_id(most->members[0].id) == "ffffffffffffffff");
  CHECK(most->members[0].name.empty());
}

TEST_CASE("a member's status, of both minors", "[etcd]") {
  const auto old = parse_etcd_status(recording("endpoint-status-3.5.json"));
  REQUIRE(old);
  CHECK(old->version == "3.5.33");
  CHECK(old->leader == old->member);
  CHECK(old->size == 847872);
  CHECK(old->used == 839680);
  CHECK(old->quota == 0);
  CHECK(old->revision == 436);
  CHECK(old->applied == 447);
  const auto now = parse_etcd_status(recording("endpoint-status-3.6.json"));
  REQUIRE(now);
  CHECK(now->quota == 2147483648u);
  CHECK_FALSE(now->learner);
}

TEST_CASE("health, alarms and what a snapshot is", "[etcd]") {
  const auto well = parse_etcd_health(recording("endpoint-health-3.6.json"));
  REQUIRE(well);
  CHECK(well->healthy);
  const auto ill = parse_etcd_health(
      R"([{"endpoint":"https://127.0.0.1:2399","health":false,"took":"5s","error":"context deadline exceeded"}])");
  REQUIRE(ill);
  CHECK_FALSE(ill->healthy);
  CHECK(ill->error == "context deadline exceeded");
  const auto none = parse_etcd_alarms(recording("alarm-list-3.6.json"));
  REQUIRE(none);
  CHECK(none->empty());
  const auto some = parse_etcd_alarms(
      R"({"header":{},"alarms":[{"memberID":7,"alarm":1},{"memberID":8,"alarm":2},{"memberID":9,"alarm":5}]})");
  REQUIRE(some);
  REQUIRE(some->size() == 3);
  CHECK((*some)[0].name == "NOSPACE");
  CHECK((*some)[1].name == "CORRUPT");
  CHECK((*some)[2].name == "alarm 5");
  const auto status = parse_etcd_snapshot_status(recording("snapshot-status-3.6.json"));
  REQUIRE(status);
  CHECK(status->revision == 570);
  CHECK(status->hash == 2946134617u);
}

TEST_CASE("what is no answer of etcd's is an error that shows it sanitised", "[etcd][S13]") {
  for (const std::string said :
       {"", "null", "[]", "{", R"({"members":[]})", R"([{"Endpoint":"x","Status":{}}])",
        R"({"members":[{"ID":-1}]})", R"({"members":[{"ID":1.5e19}]})", "\x1b[2Jhello"}) {
    CAPTURE(said);
    for (const auto& error :
         {parse_etcd_members(said).error(), parse_etcd_status(said).error(),
          parse_etcd_health(said).error(), parse_etcd_snapshot_status(said).error()}) {
      CHECK(error.kind == ErrorKind::Api);
      CHECK(error.message.find('\x1b') == std::string::npos);
    }
  }
}

}  // namespace drover
