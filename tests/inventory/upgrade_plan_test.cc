#include "inventory/upgrade_plan.h"

#include "inventory/base/digest.h"
#include "tests/inventory/reader_cases.h"
#include "tests/support/golden.h"

namespace drover::test {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kUpgradePlanSmall = "inventory: inventory.yaml\ntarget: 1.34.4\n";

UpgradePlan good_plan(const std::string& text) {
  const auto read = upgrade(text);
  INFO(errors(read));
  REQUIRE(std::holds_alternative<UpgradePlan>(read));
  return std::get<UpgradePlan>(read);
}

void check_defaults(const UpgradePlan& plan) {
  CHECK(plan.inventory == "inventory.yaml");
  CHECK(plan.target.str() == "1.34.4");
  CHECK(plan.rollout.max_unavailable.str() == "1");
  CHECK(plan.rollout.canary == 0);
  CHECK(plan.rollout.ramp.empty());
  CHECK_FALSE(plan.rollout.per_domain);
  CHECK(plan.rollout.order == WorkerOrder::Auto);
  CHECK(plan.rollout.on_blocked == OnBlocked::Defer);
  CHECK(plan.rollout.pause == PausePolicy{});
  CHECK_FALSE(plan.rollout.window);
  CHECK(plan.rollout.max_failed_nodes == 0);
  CHECK(plan.excluded.empty());
  CHECK(plan.drain.timeout == minutes(15));
  CHECK(plan.drain.grace_period == -1);
  CHECK(plan.drain.ignore_daemonsets);
  CHECK(plan.drain.delete_emptydir_data);
  CHECK_FALSE(plan.drain.force);
  CHECK(plan.drain.keep_serving);
  CHECK(plan.drain.disable_eviction.empty());
  CHECK_FALSE(plan.drain.skip);
  CHECK(plan.health.settle == seconds(10));
  CHECK(plan.health.interval == seconds(2));
  CHECK(plan.health.consecutive == 2);
  CHECK(plan.health.timeout == minutes(5));
  CHECK(plan.health.workloads);
  CHECK(plan.health.webhooks);
  CHECK_FALSE(plan.health.prometheus);
  CHECK(plan.health.commands.empty());
  CHECK(plan.etcd.snapshot);
  CHECK(plan.etcd.keep == 5);
  CHECK(plan.etcd.directory == "/var/backups/drover");
  CHECK(plan.reboot == Reboot::Never);
  CHECK(plan.prestage);
  CHECK(plan.ignored_checks.empty());
  CHECK(plan.ignored_preflight.empty());
}

}  // namespace

TEST_CASE("target and inventory alone are a complete plan file") {
  const UpgradePlan plan = good_plan(kUpgradePlanSmall);
  check_defaults(plan);
  CHECK(plan.file == "upgrade.yaml");
  CHECK(plan.sha256 == sha256_hex(kUpgradePlanSmall));
}

TEST_CASE("the example plan file holds the defaults") {
  check_defaults(good_plan(example("upgrade.yaml")));
}

TEST_CASE("every supported key has its effect") {
  const UpgradePlan plan = good_plan(R"(apiVersion: drover/v1
kind: UpgradePlan
inventory: ../prod/hosts.yaml
target: v1.34
workers: {max_unavailable: 20%, exclude: [w3, w9]}
drain: {timeout: 1h30m, grace_period: 0, ignore_daemonsets: false, delete_emptydir_data: false, force: true,
        keep_serving: false, disable_eviction: [w4, cp1]}
health: {settle: 0s, interval: 5s, consecutive: 3, timeout: 20s, workloads: false, webhooks: false}
etcd: {snapshot: false, keep: 1, directory: /srv/etcd backups}
os: {upgrade: none, reboot: if-required}
prestage: {enabled: false}
preflight:
  ignore: [SystemVerification, budget-used, FileExisting-crictl, drain]
)");
  CHECK(plan.inventory == "../prod/hosts.yaml");
  CHECK(plan.target.str() == "1.34");
  CHECK_FALSE(plan.target.patch);
  CHECK(plan.rollout.max_unavailable.str() == "20%");
  REQUIRE(plan.excluded.size() == 2);
  CHECK(plan.excluded[1].name == "w9");
  CHECK(plan.excluded[1].line == 5);
  CHECK(plan.excluded[1].column == 47);
  CHECK(plan.drain.timeout == minutes(90));
  CHECK(plan.drain.grace_period == 0);
  CHECK_FALSE(plan.drain.ignore_daemonsets);
  CHECK_FALSE(plan.drain.delete_emptydir_data);
  CHECK(plan.drain.force);
  CHECK_FALSE(plan.drain.keep_serving);
  REQUIRE(plan.drain.disable_eviction.size() == 2);
  CHECK(plan.drain.disable_eviction[1].name == "cp1");
  CHECK(plan.drain.disable_eviction[1].line == 7);
  CHECK(plan.drain.disables_eviction("w4"));
  CHECK_FALSE(plan.drain.disables_eviction("w5"));
  CHECK(plan.health.settle == seconds(0));
  CHECK(plan.health.interval == seconds(5));
  CHECK(plan.health.consecutive == 3);
  CHECK(plan.health.timeout == seconds(20));
  CHECK_FALSE(plan.health.workloads);
  CHECK_FALSE(plan.health.webhooks);
  CHECK_FALSE(plan.etcd.snapshot);
  CHECK(plan.etcd.keep == 1);
  CHECK(plan.etcd.directory == "/srv/etcd backups");
  CHECK(plan.reboot == Reboot::IfRequired);
  CHECK_FALSE(plan.prestage);
  CHECK(plan.ignored_checks == std::vector<std::string>{"budget-used", "drain"});
  CHECK(plan.ignored_preflight ==
        std::vector<std::string>{"SystemVerification", "FileExisting-crictl"});
}

TEST_CASE("drain.skip leaves nothing for disable_eviction to say") {
  CHECK(good_plan(std::string(kUpgradePlanSmall) + "drain: {skip: true}\n").drain.skip);
  const auto read =
      upgrade(std::string(kUpgradePlanSmall) + "drain: {skip: true, disable_eviction: [w1]}\n");
  CHECK(errors(read).find("drain.disable_eviction: nothing is drained with drain.skip") !=
        std::string::npos);
}

TEST_CASE("alerts and commands that gates ask for") {
  const UpgradePlan plan = good_plan(std::string(kUpgradePlanSmall) + R"(health:
  prometheus:
    url: https://prom.example:9090/base/
    block_on: [ShopDown, "Etcd:slow"]
    token: {file: secrets/prom}
  commands:
    - {name: smoke, run: [curl, -f, "https://shop.example/a b"], timeout: 30s}
    - name: disk
      on: node
      script: |
        df /var
        true
)");
  REQUIRE(plan.health.prometheus);
  CHECK(plan.health.prometheus->url == "https://prom.example:9090/base");
  CHECK(plan.health.prometheus->block_on == std::vector<std::string>{"ShopDown", "Etcd:slow"});
  CHECK(plan.health.prometheus->token.kind == SecretSource::Kind::File);
  CHECK(plan.health.prometheus->token.name == "secrets/prom");
  REQUIRE(plan.health.commands.size() == 2);
  const UserCommand& smoke = plan.health.commands[0];
  CHECK(smoke.name == "smoke");
  CHECK(smoke.run == std::vector<std::string>{"curl", "-f", "https://shop.example/a b"});
  CHECK(smoke.script.empty());
  CHECK(smoke.on == UserCommand::Where::Local);
  CHECK(smoke.timeout == seconds(30));
  const UserCommand& disk = plan.health.commands[1];
  CHECK(disk.run.empty());
  CHECK(disk.script == "df /var\ntrue\n");
  CHECK(disk.on == UserCommand::Where::Node);
  CHECK(disk.timeout == minutes(5));
}

TEST_CASE("S13: a token goes over http to this machine only") {
  const auto read = [](const char* url) {
    return errors(upgrade(
        fmt::format("{}health: {{prometheus: {{url: \"{}\", block_on: [A], token: {{env: T}}}}}}\n",
                    kUpgradePlanSmall, url)));
  };
  for (const char* url :
       {"https://prom", "http://127.0.0.1:9090", "http://localhost", "http://[::1]:9/x"}) {
    CHECK(read(url) == "ok\n");
  }
  for (const char* url :
       {"http://prom", "http://127.0.0.1.evil.example", "http://localhost.example:90"}) {
    CHECK(read(url).find("over http, where others can read it") != std::string::npos);
  }
}

TEST_CASE("a node is rebooted as os.reboot says") {
  const auto reboot = [](const char* os) {
    return good_plan(std::string(kUpgradePlanSmall) + os).reboot;
  };
  CHECK(reboot("os: {reboot: never}\n") == Reboot::Never);
  CHECK(reboot("os: {reboot: if-required}\n") == Reboot::IfRequired);
  CHECK(reboot("os: {reboot: always}\n") == Reboot::Always);
  CHECK(reboot("os: {upgrade: none}\n") == Reboot::Never);
}

TEST_CASE("a target is read as written, not as a number") {
  struct Row {
    const char* text;
    const char* target;
  };
  for (const Row& row : {Row{"1.30", "1.30"}, Row{"\"1.34\"", "1.34"}, Row{"v1.34.4", "1.34.4"},
                         Row{"1.9.0", "1.9.0"}, Row{"1.34.0", "1.34.0"}}) {
    CHECK(good_plan(fmt::format("inventory: i\ntarget: {}\n", row.text)).target.str() ==
          row.target);
  }
}

TEST_CASE("sections without content are the same as none") {
  check_defaults(good_plan(std::string(kUpgradePlanSmall) +
                           "workers:\ndrain:\nhealth: {}\netcd: ~\nos:\nprestage:\npreflight:\n"));
}

TEST_CASE("a share of nodes is rounded down and at least one (S6)") {
  struct Row {
    const char* share;
    int total;
    int nodes;
  };
  for (const Row& row :
       {Row{"1", 50, 1}, Row{"3", 50, 3}, Row{"20%", 50, 10}, Row{"20%", 9, 1}, Row{"20%", 10, 2},
        Row{"20%", 14, 2}, Row{"20%", 4, 1}, Row{"0%", 50, 1}, Row{"100%", 7, 7}, Row{"99%", 7, 6},
        Row{"33%", 3, 1}, Row{"10%", 0, 1}, Row{"100%", 2000000000, 2000000000}}) {
    INFO(row.share << " of " << row.total);
    const UpgradePlan plan = good_plan(
        fmt::format("{}workers: {{max_unavailable: {}}}\n", kUpgradePlanSmall, row.share));
    CHECK(plan.rollout.max_unavailable.str() == row.share);
    CHECK(plan.rollout.max_unavailable.of_floor(row.total) == row.nodes);
  }
}

TEST_CASE("errors of a plan file name line, column, key and remedy") {
  std::vector<std::string> cases = {
      "",
      "target: 1.34.4\n",
      "inventory: i\n",
      "apiVersion: v1\nkind: Inventory\ninventory: ''\ntarget: latest\n",
      "inventory: [a]\ntarget: {a: b}\n",
      "inventory:\ntarget:\n",
      "inventory: \"a\\nb\"\ntarget: 1.34.4\n",
      // All errors of a file at once, in its order.
      "target: 1.34.x\nworkers: {max_unavailable: 120%, cannary: 1, canary: 2}\ndrain:\n  timeout: "
      "15\n  force: yes\n"
      "  keep_serving: true\nheatlh: {}\ndrain: {}\npreflight: {ignore: [budget-usde, \"a b\", 3, "
      "drain, drain]}\n",
      std::string(kUpgradePlanSmall) +
          "via: []\ncontrol_plane: {}\npackages: {}\nkubeadm: {}\nhooks: {}\n"
          "addons: []\nnotify: []\n",
      std::string(kUpgradePlanSmall) +
          "workers: {canary: 1, ramp: [1], per_domain: 1, order: auto, every_hop: auto, "
          "on_blocked: fail, exlude: []}\npause:\nfailure: {}\n",
      std::string(kUpgradePlanSmall) + "workers: {exclude: [w1, w2, w1, [w3], ]}\n",
      std::string(kUpgradePlanSmall) + "workers: {exclude: w1}\n",
      std::string(kUpgradePlanSmall) +
          "drain: {disable_eviction: [w1, w1, {}], keep_serving: 1, skip: no}\n",
      // Each wrong key of the gates.
      std::string(kUpgradePlanSmall) +
          "health:\n  workloads: yes\n  webhooks: 1\n  prometheus: {}\n  commands: {}\n",
      std::string(kUpgradePlanSmall) +
          "health:\n  prometheus: {url: ftp://p, block_on: [], token: {env: 1T}, alerts: [a]}\n",
      std::string(kUpgradePlanSmall) +
          "health:\n  prometheus: {url: \"https://u:pw@p?x=1\", block_on: [a, a, \"b c\", [d]], "
          "token: {}}\n",
      std::string(kUpgradePlanSmall) +
          "health:\n  prometheus: {url: http://p, block_on: A, token: {env: T}}\n",
      std::string(kUpgradePlanSmall) +
          "health:\n  commands:\n  - {}\n  - a\n  - {name: \"a b\", run: [], on: here, timeout: "
          "0s}\n"
          "  - {name: x, run: [a], script: b, on_failure: stop}\n  - {name: x, script: \"  \"}\n"
          "  - {run: [\"\"], name: y}\n",
      std::string(kUpgradePlanSmall) +
          "etcd: {copy_to: ./b, verify: true}\nprestage: {parallel: 10}\npreflight: {on_warning: "
          "continue}\n",
      std::string(kUpgradePlanSmall) +
          "max_unavailable: 1\ntimeout: 5m\nworkers: {timeout: 1m, max-unavailable: 2}\nhosts: "
          "{}\n",
      std::string(kUpgradePlanSmall) + "workers: [1]\ndrain: 15m\nprestage: true\npreflight: [a]\n",
      std::string(kUpgradePlanSmall) + "health: {timeout: 10s, interval: 5s, consecutive: 3}\n",
      std::string(kUpgradePlanSmall) + "health:\n  timeout: 1s\n",
  };
  for (const char* target : {"1", "1.34.", "1.34.4.1", "1.34.4-rc.1", "1.34.4 ", "'1.34.4 '",
                             "01.34", "-1.34", "1,34", "[1.34]", "1.34.99999", "v", "''"}) {
    cases.push_back(fmt::format("inventory: i\ntarget: {}\n", target));
  }
  for (const char* share : {"0", "-1", "101%", "1.5", "20.5%", "-5%", "%", "20 %", "all", "''", "",
                            "[1]", "99999999999", "1%%", "0x10"}) {
    cases.push_back(fmt::format("{}workers:\n  max_unavailable: {}\n", kUpgradePlanSmall, share));
  }
  for (const char* keys : {"drain: {timeout: 0s}",
                           "drain: {timeout: forever}",
                           "drain: {timeout: -1s}",
                           "drain: {timeout: 9000h}",
                           "drain: {grace_period: -2}",
                           "drain: {grace_period: 30s}",
                           "drain: {force: 'true'}",
                           "drain: {force: True}",
                           "drain: {force: 1}",
                           "drain: {force: [true]}",
                           "drain: {force: }",
                           "health: {consecutive: 0}",
                           "health: {consecutive: 1001}",
                           "health: {interval: 0s}",
                           "health: {settle: -1s}",
                           "etcd: {keep: 0}",
                           "etcd: {keep: '5'}",
                           "etcd: {directory: backups}",
                           "etcd: {directory: ''}",
                           "etcd: {directory: /}",
                           "etcd: {directory: ~/backups}",
                           "etcd: {directory: \"/a\\nb\"}",
                           "etcd: {snapshot: off}",
                           "os: {upgrade: security}",
                           "os: {upgrade: some, reboot: yes}",
                           "os: {reboot: [always], rebot: never}",
                           "health: {prometheus: {url: 'https://p:0', block_on: [A]}}",
                           "health: {prometheus: {url: 'https://p:90x/y', block_on: [A]}}",
                           "health: {prometheus: {url: 'https://:90', block_on: [A]}}",
                           "health: {prometheus: {url: 'https://[::1]:90', block_on: [A]}}",
                           "prestage: {enabled: no}",
                           "preflight: {ignore: drain}",
                           "preflight: {ignore: [nonsense, all, -x, Drain]}",
                           "preflight: {ignore: ['a,b', 'X;Y', '', ~, [a]]}"}) {
    cases.push_back(std::string(kUpgradePlanSmall) + keys + "\n");
  }
  check_golden("inventory/upgrade_errors.txt", transcript<UpgradePlan>(cases, upgrade));
}

}  // namespace drover::test
