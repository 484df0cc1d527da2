#include "plans/etcd/judge.h"

#include <catch2/catch.hpp>

#include "plans/etcd/look.h"

namespace drover::plans {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

EtcdSeen member(const std::string& host, std::uint64_t id, std::uint64_t leader = 1) {
  EtcdMemberList list{
      .cluster = 99,
      .members = {{.id = 1, .name = "cp1"}, {.id = 2, .name = "cp2"}, {.id = 3, .name = "cp3"}}};
  return {.host = host,
          .status = EtcdStatus{.cluster = 99,
                               .member = id,
                               .leader = leader,
                               .revision = 500,
                               .term = 2,
                               .index = 600,
                               .applied = 600,
                               .version = "3.6.8",
                               .size = 50 * kMiB,
                               .used = 40 * kMiB,
                               .quota = 2048 * kMiB},
          .health = EtcdHealth{.healthy = true, .took = "2ms"},
          .members = list,
          .alarms = std::vector<EtcdAlarm>{}};
}

std::vector<EtcdSeen> three() { return {member("cp1", 1), member("cp2", 2), member("cp3", 3)}; }

/// "GRAVE cp2: is not healthy: ..." of each finding, a line each.
std::string told(const std::vector<EtcdSeen>& seen) {
  std::string text;
  for (const EtcdFinding& one : judge_etcd(seen).findings) {
    text += one.weight == EtcdWeight::Grave   ? "GRAVE "
            : one.weight == EtcdWeight::Blind ? "BLIND "
                                              : "warn ";
    text += one.subject + ": " + one.message + "\n";
  }
  return text;
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("three members that are well give nothing to say", "[etcd]") {
  const EtcdReport report = judge_etcd(three());
  CHECK(told(three()).empty());
  REQUIRE(report.members.size() == 3);
  CHECK(report.members[0].name == "cp1");
  CHECK(report.members[0].leader);
  CHECK_FALSE(report.members[1].leader);
  CHECK(report.healthy() == 3);
  CHECK(report.cluster == 99);
}

TEST_CASE("a member that is not well is told, and what it costs", "[etcd]") {
  auto seen = three();
  seen[1].health = EtcdHealth{.healthy = false, .error = "context deadline exceeded"};
  CHECK(told(seen) == "GRAVE cp2: is not healthy: context deadline exceeded\n");
  seen[2] = {.host = "cp3", .no_etcd = "no etcd container is running"};
  CHECK_THAT(told(seen),
             Contains("GRAVE cp3: its etcd does not answer: no etcd container is running\n") &&
                 Contains("1 of 3 voting members are known to be healthy, a quorum is 2"));
  const EtcdReport report = judge_etcd(seen);
  REQUIRE(report.members.size() == 3);
  CHECK(report.members[2].host.empty());
  CHECK(report.members[2].life == EtcdLife::Unknown);
}

TEST_CASE("a control plane that could not be asked is no verdict on its member", "[etcd]") {
  auto seen = three();
  seen[2] = {.host = "cp3", .no_login = "cp3 (10.0.0.13): connection refused"};
  CHECK(told(seen) == "BLIND cp3: cannot be asked: cp3 (10.0.0.13): connection refused\n");
}

TEST_CASE("members that nobody looks after are told", "[etcd]") {
  std::vector<EtcdSeen> seen = {member("cp1", 1), member("cp2", 2)};
  CHECK(told(seen) ==
        "BLIND cp3: is a member on no control plane of this inventory, and was not asked\n");
  for (EtcdSeen& one : seen) one.members->members[2].name = "";
  CHECK(told(seen) == "GRAVE 3: was added and never started\n");
}

TEST_CASE("alarms, learners, lag, versions and disagreement are told", "[etcd]") {
  struct Row {
    const char* says;
    void (*plant)(std::vector<EtcdSeen>&);
  };
  const std::vector<Row> rows = {
      {"GRAVE cp2: has the alarm NOSPACE\n",
       [](auto& seen) {
         seen[0].alarms = {{2, "NOSPACE"}};
         seen[1].alarms = {{2, "NOSPACE"}};
       }},
      {"GRAVE cp1: has the alarm CORRUPT\n",
       [](auto& seen) {
         seen[2].alarms = {{1, "CORRUPT"}};
       }},
      {"warn cp3: is a learner: it has no vote yet\n",
       [](auto& seen) { seen[2].status->learner = true; }},
      {"warn cp3: is 1500 entries behind\n",
       [](auto& seen) { seen[0].status->applied = seen[1].status->applied = 2100; }},
      {"warn etcd: the members have different versions\n",
       [](auto& seen) { seen[1].status->version = "3.5.33"; }},
      {"GRAVE etcd: the control planes belong to different etcd clusters\n",
       [](auto& seen) { seen[1].status->cluster = 98; }},
      {"GRAVE etcd: the members do not agree who is one\n",
       [](auto& seen) { seen[1].members->members.push_back({.id = 4, .name = "cp2"}); }},
      {"GRAVE etcd: no member knows of a leader: nothing can be written\n",
       [](auto& seen) {
         for (EtcdSeen& one : seen) one.status->leader = 0;
       }},
      {"GRAVE cp1: says: etcdserver: no leader\n",
       [](auto& seen) { seen[0].status->errors = {"etcdserver: no leader"}; }},
      {"warn cp1: 1700.0 MiB are 83 % of its quota",
       [](auto& seen) {
         seen[0].status->size = 1700 * kMiB;
         seen[0].status->used = 1650 * kMiB;
       }},
      {"warn cp1: 360.0 of 400.0 MiB are not in use\n",
       [](auto& seen) { seen[0].status->size = 400 * kMiB; }},
      {"BLIND cp2: does not say whether it is healthy\n",
       [](auto& seen) { seen[1].health.reset(); }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    auto seen = three();
    row.plant(seen);
    CHECK_THAT(told(seen), Contains(row.says));
  }
}

TEST_CASE("the quota is etcd's word, else the manifest's, else etcd's default", "[etcd]") {
  auto seen = three();
  seen[1].quota = seen[2].quota = 8192 * kMiB;
  seen[2].status->quota = 0;
  const EtcdReport report = judge_etcd(seen);
  CHECK(report.members[1].quota == 2048 * kMiB);
  CHECK(report.members[2].quota == 8192 * kMiB);
  seen[2].quota = 0;
  CHECK(judge_etcd(seen).members[2].quota == 2048 * kMiB);
}

TEST_CASE("a snapshot is saved on a follower that is well and up to date", "[etcd]") {
  auto seen = three();
  CHECK(choose_member(judge_etcd(seen)).value() == "cp2");
  seen[1].status->learner = true;
  CHECK(choose_member(judge_etcd(seen)).value() == "cp3");
  seen[0].status->applied = 5000;
  CHECK(choose_member(judge_etcd(seen)).value() == "cp1");
  seen[0].health->healthy = false;
  const auto none = choose_member(judge_etcd(seen));
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Refused);
  CHECK_THAT(none.error().remedy, Contains("--host"));
}

TEST_CASE("S13: hostile names and reasons are shown sanitised", "[etcd]") {
  auto seen = three();
  for (EtcdSeen& one : seen) one.members->members[1].name = "\x1b[31mcp2";
  seen[1].health = EtcdHealth{.healthy = false, .error = "a\nb\x1b[2J"};
  seen[0].alarms = {{1, "\x1b]0;x"}};
  const std::string text = told(seen);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("a\nb") == std::string::npos);
}

}  // namespace drover::plans
