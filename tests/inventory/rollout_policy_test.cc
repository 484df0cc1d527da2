#include "inventory/rollout_policy.h"

#include "tests/inventory/reader_cases.h"
#include "tests/support/golden.h"

namespace drover::test {
namespace {

constexpr const char* kSmallPolicy = "inventory: i\ntarget: 1.34.4\n";

RolloutPolicy policy(const std::string& text) {
  const auto read = upgrade(kSmallPolicy + text);
  INFO(errors(read));
  REQUIRE(std::holds_alternative<UpgradePlan>(read));
  return std::get<UpgradePlan>(read).rollout;
}

}  // namespace

TEST_CASE("every key about the roll-out has its effect") {
  const RolloutPolicy read = policy(R"(workers:
  max_unavailable: 25%
  canary: 2
  ramp: [1, 4, 10%, 30%]
  per_domain: 3
  order: inventory
  on_blocked: wait
pause: {after_canary: true, after_control_plane: true, between_nodes: 1m30s}
window: {days: [mon, sun], start: "22:30", end: 04:00, timezone: America/Argentina/Buenos_Aires}
failure: {max_failed_nodes: 2}
)");
  CHECK(read.max_unavailable == Share{25, true});
  CHECK(read.canary == 2);
  CHECK(read.ramp == std::vector<Share>{{1, false}, {4, false}, {10, true}, {30, true}});
  CHECK(read.per_domain == 3);
  CHECK(read.order == WorkerOrder::Inventory);
  CHECK(read.on_blocked == OnBlocked::Wait);
  CHECK(read.pause == PausePolicy{true, true, std::chrono::seconds(90)});
  REQUIRE(read.window);
  CHECK(read.window->days == std::array{true, false, false, false, false, false, true});
  CHECK(read.window->str() == "mon, sun 22:30-04:00 America/Argentina/Buenos_Aires");
  CHECK(read.window->timezone_line == 11);
  CHECK(read.max_failed_nodes == 2);
}

TEST_CASE("a window without days is open every day, and by UTC") {
  const RolloutPolicy read = policy("window: {start: \"00:00\", end: \"24:00\"}\n");
  CHECK(read.window->str() == "every day 00:00-24:00 UTC");
}

TEST_CASE("every word of order and on_blocked is read back by its name") {
  for (const auto action : {OnBlocked::Defer, OnBlocked::Wait, OnBlocked::Fail}) {
    CHECK(
        policy(fmt::format("workers: {{on_blocked: {}}}\n", on_blocked_name(action))).on_blocked ==
        action);
  }
  for (const auto order : {WorkerOrder::Auto, WorkerOrder::Inventory}) {
    CHECK(policy(fmt::format("workers: {{order: {}}}\n", order_name(order))).order == order);
  }
}

TEST_CASE("a time of day is HH:MM up to 24:00") {
  for (const int minute : {0, 1, 61, 1439, 1440}) {
    CHECK(parse_clock(clock_of(std::chrono::minutes(minute))) == std::chrono::minutes(minute));
  }
  for (const char* text : {"", "1:00", "24:01", "12:60", "ab:cd", "12.30", "012:30", "-1:00"}) {
    CHECK_FALSE(parse_clock(text));
  }
}

TEST_CASE("errors about the roll-out name line, column, key and remedy") {
  std::vector<std::string> cases;
  for (const char* keys :
       {"workers: {canary: -1, ramp: [4, 1], per_domain: 0, order: random, on_blocked: retry}",
        "workers: {canary: 10%, ramp: 4, per_domain: 20%, order: [auto], on_blocked: }",
        "workers: {ramp: [10%, 4, 5%, 0, x, 4]}", "workers: {ramp: [10%, 5%]}",
        "pause: {after_canary: yes, between_nodes: -1s, after_node: 1s}",
        "pause: {between_nodes: 5}", "failure: {max_failed_nodes: -1, max_failed: 2}",
        "failure: {max_failed_nodes: 10%}", "window: {}", "window:", "window: always",
        "window: {start: \"01:00\"}", "window: {days: [], start: \"01:00\", end: \"01:00\"}",
        "window: {days: [mon, monday, mon, Tue, 1], start: \"1:00\", end: \"25:00\"}",
        "window: {days: mon, start: \"24:00\", end: \"01:00\", zone: UTC}",
        "window: {start: \"01:00\", end: \"02:00\", timezone: ../../etc/passwd}",
        "window: {start: \"01:00\", end: \"02:00\", timezone: /etc/localtime}",
        "window: {start: \"01:00\", end: \"02:00\", timezone: \"\"}",
        "window: {start: \"01:00\", end: \"02:00\", timezone: \"CET-1CEST,M3.5.0\"}"}) {
    cases.push_back(std::string(kSmallPolicy) + keys + "\n");
  }
  check_golden("inventory/rollout_errors.txt", transcript<UpgradePlan>(cases, upgrade));
}

TEST_CASE("groups and domains of an inventory") {
  constexpr const char* kHosts =
      "cluster: c\nhosts:\n  cp1: {address: 10.0.0.1, roles: [control-plane]}\n"
      "  w1: {address: 10.0.0.2, roles: [worker], domain: rack-a}\n"
      "  w2: {address: 10.0.0.3, roles: [worker]}\n";
  const auto read = inventory(std::string(kHosts) +
                              "groups:\n  db: {hosts: [w1, w2], max_unavailable: 50%}\n"
                              "  all: {hosts: [w1, cp1]}\n");
  INFO(errors(read));
  const auto& good = std::get<Inventory>(read);
  CHECK(good.hosts[1].domain == "rack-a");
  CHECK(good.hosts[2].domain.empty());
  REQUIRE(good.groups.size() == 2);
  CHECK(good.groups[0].hosts == std::vector<std::string>{"w1", "w2"});
  CHECK(good.groups[0].max_unavailable == Share{50, true});
  CHECK_FALSE(good.groups[1].max_unavailable);

  std::vector<std::string> cases;
  for (const char* groups :
       {"groups: [db]", "groups: {db: }", "groups: {db: {hosts: []}}", "groups: {db: [w1]}",
        "groups: {db: {hosts: [w1, w3, w1, wombat, [w2]], max_unavailable: 0}}",
        "groups: {\"a b\": {hosts: w1, max_down: 1}}"}) {
    cases.push_back(std::string(kHosts) + groups + "\n");
  }
  cases.push_back(
      "cluster: c\nhosts: {cp1: {address: a, roles: [control-plane], domain: \"a b\"}}\n");
  check_golden("inventory/group_errors.txt", transcript<Inventory>(cases, inventory));
}

}  // namespace drover::test
