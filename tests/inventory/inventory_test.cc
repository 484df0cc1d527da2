#include "inventory/inventory.h"

#include "inventory/base/digest.h"
#include "tests/inventory/reader_cases.h"
#include "tests/support/golden.h"

namespace drover::test {
namespace {

constexpr const char* kSmall =
    "cluster: prod\nhosts:\n  cp1: {address: 10.0.0.11, roles: [control-plane]}\n";

Inventory good(const std::string& text) {
  const auto read = inventory(text);
  INFO(errors(read));
  REQUIRE(std::holds_alternative<Inventory>(read));
  return std::get<Inventory>(read);
}

std::string with_host(const std::string& host) { return kSmall + ("  w1: " + host + "\n"); }

}  // namespace

TEST_CASE("the smallest inventory has all defaults") {
  const Inventory inventory = good(kSmall);
  CHECK(inventory.file == "inventory.yaml");
  CHECK(inventory.sha256 == sha256_hex(kSmall));
  CHECK(inventory.cluster == "prod");
  REQUIRE(inventory.hosts.size() == 1);
  const Host& host = inventory.hosts[0];
  CHECK(host.name == "cp1");
  CHECK(host.address == "10.0.0.11");
  CHECK(host.node == "cp1");
  CHECK(host.has(Role::ControlPlane));
  CHECK_FALSE(host.has(Role::Worker));
  CHECK(host.ssh.user == "ops");
  CHECK(host.ssh.port == 22);
  CHECK(host.ssh.identity_files == std::vector<std::string>{"/home/ops/.ssh/id_ed25519",
                                                            "/home/ops/.ssh/id_ecdsa",
                                                            "/home/ops/.ssh/id_rsa"});
  CHECK(host.ssh.known_hosts_files ==
        std::vector<std::string>{"/home/ops/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"});
  CHECK(host.ssh.connect_timeout == std::chrono::seconds(10));
}

TEST_CASE("the example inventory is read in the order of the file") {
  const Inventory inventory = good(example("inventory.yaml"));
  CHECK(inventory.cluster == "prod");
  REQUIRE(inventory.hosts.size() == 4);
  CHECK(inventory.hosts[0].name == "cp1");
  CHECK(inventory.hosts[3].name == "w3");
  CHECK(inventory.hosts[1].ssh.user == "ops");
  CHECK(inventory.hosts[1].ssh.identity_files ==
        std::vector<std::string>{"/home/ops/.ssh/id_ed25519"});
  CHECK(inventory.find("w2")->node == "worker-2.example");
  CHECK(inventory.find_node("worker-2.example") == inventory.find("w2"));
  CHECK(inventory.find_node("w2") == nullptr);
  CHECK(inventory.find("w9") == nullptr);
  CHECK(inventory.find("w3")->ssh.port == 2222);
  CHECK(inventory.find("w3")->ssh.user == "root");
}

TEST_CASE("the way to the API is by SSH, or as a kubeconfig says") {
  const ApiSettings by_ssh = good(kSmall).api;
  CHECK(by_ssh.via == ApiVia::Ssh);
  CHECK(good(std::string("api: {via: ssh}\n") + kSmall).api.via == ApiVia::Ssh);
  const ApiSettings usual = good(std::string("api: {via: kubeconfig}\n") + kSmall).api;
  CHECK(usual.via == ApiVia::Kubeconfig);
  CHECK(usual.kubeconfig == "/home/ops/.kube/config");
  CHECK(usual.context.empty());
  for (const auto& [written, meant] : {std::pair("~/prod", "/home/ops/prod"),
                                       {"/etc/prod.conf", "/etc/prod.conf"},
                                       {"conf/prod", "conf/prod"}}) {
    const ApiSettings api = good(std::string("api: {via: kubeconfig, context: admin@prod, "
                                             "kubeconfig: ") +
                                 written + "}\n" + kSmall)
                                .api;
    CHECK(api.kubeconfig == meant);
    CHECK(api.context == "admin@prod");
  }
}

TEST_CASE("a host's own SSH settings go over those of ssh, wherever they stand") {
  const std::string ssh =
      "ssh: {user: admin, port: 2200, identity_file: [~/a, /b], known_hosts: /k, connect_timeout: "
      "1m}\n";
  const Inventory inventory =
      good(ssh + kSmall +
           "  w1: {address: a, roles: [worker], user: root, port: 1, identity_file: /c, "
           "known_hosts: [/x, ~/y], connect_timeout: 5s}\n"
           "  w2: {address: b, roles: [worker], ssh: {user: root, port: 65535}}\n"
           "  w3: {address: b, roles: [worker], ssh: {port: 2}, user: own}\n");
  const SshSettings& common = inventory.find("cp1")->ssh;
  CHECK(common.user == "admin");
  CHECK(common.port == 2200);
  CHECK(common.identity_files == std::vector<std::string>{"/home/ops/a", "/b"});
  CHECK(common.known_hosts_files == std::vector<std::string>{"/k"});
  CHECK(common.connect_timeout == std::chrono::seconds(60));
  const SshSettings& own = inventory.find("w1")->ssh;
  CHECK(own.user == "root");
  CHECK(own.port == 1);
  CHECK(own.identity_files == std::vector<std::string>{"/c"});
  CHECK(own.known_hosts_files == std::vector<std::string>{"/x", "/home/ops/y"});
  CHECK(own.connect_timeout == std::chrono::seconds(5));
  CHECK(inventory.find("w2")->ssh.user == "root");
  CHECK(inventory.find("w2")->ssh.port == 65535);
  CHECK(inventory.find("w2")->ssh.known_hosts_files == std::vector<std::string>{"/k"});
  CHECK(inventory.find("w3")->ssh.user == "own");
  CHECK(inventory.find("w3")->ssh.port == 2);
}

TEST_CASE("sudo says how commands become root's, and where its password is kept") {
  const auto sudo = [](const std::string& text, const std::string& file = "inventory.yaml") {
    const auto read = read_inventory("sudo: " + text + "\n" + kSmall, file, "/home/ops", "ops");
    INFO(errors(read));
    REQUIRE(std::holds_alternative<Inventory>(read));
    return std::get<Inventory>(read).sudo;
  };
  CHECK(good(kSmall).sudo.method == SudoMethod::Auto);
  CHECK_FALSE(good(kSmall).sudo.password.named());
  CHECK(sudo("").method == SudoMethod::Auto);
  CHECK(sudo("{method: none}").method == SudoMethod::None);
  CHECK(sudo("{method: sudo, password: {env: A_1}}").method == SudoMethod::Sudo);
  CHECK(sudo("{method: auto, password: {env: A_1}}").password.name == "A_1");
  CHECK(sudo("{password: {env: A_1}}").password.kind == SecretSource::Kind::Env);
  CHECK(sudo("{password: {env: A_1}}").password.key == "sudo.password");
  CHECK(sudo("{password: {file: pw}}").password.name == "pw");
  CHECK(sudo("{password: {file: pw}}", "/etc/drover/prod.yaml").password.name == "/etc/drover/pw");
  CHECK(sudo("{password: {file: ../pw}}", "clusters/prod.yaml").password.name == "pw");
  CHECK(sudo("{password: {file: ~/pw}}", "a/b.yaml").password.name == "/home/ops/pw");
  CHECK(sudo("{password: {file: /run/pw}}", "a/b.yaml").password.name == "/run/pw");
  const SecretSource command = sudo("{password: {command: [pass, show, 'a b']}}").password;
  CHECK(command.kind == SecretSource::Kind::Command);
  CHECK(command.command == std::vector<std::string>{"pass", "show", "a b"});
  CHECK(sudo("{password: {prompt: true}}").password.kind == SecretSource::Kind::Prompt);
}

TEST_CASE("a host's credentials and host keys go over those of ssh") {
  const Inventory inventory = good(
      "ssh: {certificate_file: ~/c, agent: true, host_keys: accept-new, password: {env: A}, "
      "passphrase: {prompt: true}}\n" +
      std::string(kSmall) +
      "  w1: {address: a, roles: [worker], certificate_file: [/c, ~/d], agent: false, "
      "host_keys: off, password: {file: pw}}\n"
      "  w2: {address: b, roles: [worker], ssh: {host_keys: strict, passphrase: {command: "
      "[p]}}}\n");
  const SshSettings& common = inventory.find("cp1")->ssh;
  CHECK(common.certificate_files == std::vector<std::string>{"/home/ops/c"});
  CHECK(common.agent);
  CHECK(common.host_keys == HostKeyCheck::AcceptNew);
  CHECK(common.password.name == "A");
  CHECK(common.passphrase.kind == SecretSource::Kind::Prompt);
  const SshSettings& own = inventory.find("w1")->ssh;
  CHECK(own.certificate_files == std::vector<std::string>{"/c", "/home/ops/d"});
  CHECK_FALSE(own.agent);
  CHECK(own.host_keys == HostKeyCheck::Off);
  CHECK(own.password.name == "pw");
  CHECK(own.password.key == "hosts.w1.password");
  CHECK(same_secret(own.passphrase, common.passphrase));
  const SshSettings& within = inventory.find("w2")->ssh;
  CHECK(within.host_keys == HostKeyCheck::Strict);
  CHECK(within.passphrase.key == "hosts.w2.ssh.passphrase");
  CHECK_FALSE(same_secret(within.passphrase, common.passphrase));
  const SshSettings defaults = good(kSmall).hosts[0].ssh;
  CHECK(defaults.host_keys == HostKeyCheck::Strict);
  CHECK_FALSE(defaults.agent);
  CHECK_FALSE(defaults.password.named());
}

TEST_CASE("who needs sudo") {
  CHECK_FALSE(uses_sudo(SudoMethod::Auto, "root"));
  CHECK(uses_sudo(SudoMethod::Auto, "ops"));
  CHECK(uses_sudo(SudoMethod::Sudo, "root"));
  CHECK_FALSE(uses_sudo(SudoMethod::None, "ops"));
}

TEST_CASE("S13: what is wrong with a password is said without showing it") {
  for (const char* text : {"s3cr%t", "{env: s3cr%t}", "{file: ~s3cr%t}", "[s3cr%t]"}) {
    const auto read = inventory(fmt::format("sudo: {{password: {}}}\n{}", text, kSmall));
    CHECK(std::holds_alternative<Diagnostics>(read));
    CHECK(errors(read).find("s3cr") == std::string::npos);
  }
}

TEST_CASE("what inventories may look like") {
  for (const char* host : {"{address: w1.example, roles: [worker]}",
                           "{address: 'w1', roles: [worker], node: w1.sub.example}",
                           "{address: \"2001:db8::1\", roles: [worker]}",
                           "{address: 'fe80::1%eth0', roles: [control-plane, worker]}",
                           "{address: 10.0.0.11, roles: [worker], port: 2222}",
                           "{address: W1_a.example, roles: [worker], ssh: }",
                           "{address: w1, roles: [worker], user: ops@corp.example}",
                           "{address: w1, roles: [worker], user: CORP\\ops}"}) {
    good(with_host(host));
  }
  good(std::string("\xEF\xBB\xBF") + kSmall);
  good(
      "cluster: prod\r\nhosts:\r\n  cp1:\r\n    address: a\r\n    roles:\r\n    - "
      "control-plane\r\n");
  good(std::string("---\n") + kSmall + "...\n");
  good("{cluster: 1.30, hosts: {cp1: {address: a, roles: [control-plane]}}}");
  CHECK(good(std::string("ssh:\n") + kSmall).cluster == "prod");
  CHECK(good("cluster: 1.30\nhosts: {cp1: {address: a, roles: [control-plane]}}").cluster ==
        "1.30");
  const Inventory several = good(with_host("{address: 10.0.0.12, roles: [control-plane, worker]}"));
  CHECK(several.find("w1")->has(Role::ControlPlane));
  CHECK(several.find("w1")->has(Role::Worker));
}

TEST_CASE("errors of an inventory name line, column, key and remedy") {
  std::vector<std::string> cases = {
      "",
      "# nothing\n",
      "hosts\n",
      "- a\n",
      "cluster: prod\n",
      "cluster: prod\nhosts:\n",
      "cluster: prod\nhosts: {}\n",
      "cluster: prod\nhosts: [a]\n",
      "cluster: prod\nhosts: none\n",
      "cluster: prod\nhosts: {w1: {address: a, roles: [worker]}}\n",
      std::string("apiVersion: drover/v2\nkind: UpgradePlan\nclutser: x\nnode: y\n") + kSmall,
      std::string("ssh:\n  prot: 22\n  hots_keys: strict\n  identityFile: x\n  agent: true\n  "
                  "cluster: c\n") +
          kSmall,
      std::string("groups: {}\nssh: {jump: [a]}\n") + kSmall,
      "hosts:\n  cp1: {address: a, roles: [control-plane]}\ncluster: a/b\n",
      "cluster: ..\nhosts: {cp1: {address: a, roles: [control-plane]}}\n",
      "cluster:\nhosts: {cp1: {address: a, roles: [control-plane]}}\n",
      "cluster: [a]\nhosts: {cp1: {address: a, roles: [control-plane]}}\n",
      std::string("cluster: again\n") + kSmall + "hosts: {}\n",
      std::string("ssh: {user: a, user: b}\n") + kSmall,
      with_host(""),
      with_host("a"),
      with_host("{}"),
      with_host("{address: , roles: }"),
      with_host("{address: [a], roles: worker}"),
      with_host("{address: '', roles: []}"),
      with_host("{address: a, roles: [wroker]}"),
      with_host("{address: a, roles: [etcd]}"),
      with_host("{address: a, roles: [worker, worker]}"),
      with_host("{address: a, roles: [worker, {a: b}, ]}"),
      with_host("{address: a, roles: {worker: true}}"),
      with_host(
          "{address: a, roles: [worker], domain: rack-a, vars: {a: b}, role: worker, adress: b}"),
      with_host(
          "{address: a, roles: [worker], Port: 2222, ssh: {Port: 2222, address: b, jump: []}}"),
      with_host("{address: a, roles: [worker], port: 2222, ssh: {port: 2222}}"),
      with_host("{address: a, roles: [worker], ssh: [a]}"),
      with_host("{address: a, roles: [worker], node: Worker_1}"),
      with_host("{address: a, roles: [worker], node: ''}"),
      with_host("{address: a, roles: [worker], node: }"),
      with_host("{address: a, roles: [worker], node: -a}"),
      with_host("{address: a, roles: [worker], node: a-.b}"),
      with_host("{address: 10.0.0.11, roles: [worker]}"),
      with_host("{address: b, roles: [worker], node: cp1}"),
      with_host("{address: a, roles: [worker]}\n  W1: {address: A, roles: [worker], node: w1}"),
      kSmall + std::string(
                   "  W1: {address: a, roles: [worker]}\n  w_2: {address: b, roles: [worker]}\n"),
      kSmall + std::string("  w 1: {address: a, roles: [worker]}\n  -w: {address: b, roles: "
                           "[worker], node: w2}\n"
                           "  $(reboot): {address: c, roles: [worker], node: w3}\n  cluster: "
                           "{address: d, roles: [worker]}\n"
                           "  ../x: {address: e, roles: [worker], node: w4}\n"),
      kSmall +
          std::string("  w1: {address: a, roles: [worker]}\n  w1: {address: b, roles: [worker]}\n"),
  };
  for (const char* address :
       {"a b", "'10.0.0.1; reboot'", "10.0.0.1:22", "'[::1]'", "ops@a", "10.0.0.256", "10.0.1",
        "'::g'", "-oProxyCommand=x", "'$(id)'", "\"a\\nb\"", "a/b", ".a"}) {
    cases.push_back(with_host(fmt::format("{{address: {}, roles: [worker]}}", address)));
  }
  for (const char* key : {"port: 0",
                          "port: 65536",
                          "port: -1",
                          "port: 99999999999999999999",
                          "port: ssh",
                          "port: '22'",
                          "port: 022",
                          "port: 0x16",
                          "port: 22.0",
                          "port: 2_2",
                          "port: [22]",
                          "port: {a: b}",
                          "port:",
                          "port: ~",
                          "user: ''",
                          "user: a b",
                          "user: -l",
                          "user: [a]",
                          "identity_file: key",
                          "identity_file: ~root/key",
                          "identity_file: []",
                          "identity_file: [/a, b, ~]",
                          "identity_file: ''",
                          "identity_file: {a: b}",
                          "identity_file: [[/a]]",
                          "known_hosts: \"/a\\n/b\"",
                          "known_hosts: []",
                          "certificate_file: c",
                          "agent: yes",
                          "host_keys: no",
                          "host_keys: accept_new",
                          "password: hunter2",
                          "passphrase: {env: A, file: b}",
                          "connect_timeout: 10",
                          "connect_timeout: 0s",
                          "connect_timeout: 10 s",
                          "connect_timeout: 1d",
                          "connect_timeout: [10s]"}) {
    cases.push_back(std::string("ssh:\n  ") + key + "\n" + kSmall);
  }
  for (const char* api :
       {"ssh", "{via: proxy}", "{via: [ssh]}", "{vai: ssh}", "{kubeconfig: ~/.kube/config}",
        "{via: ssh, context: prod}", "{via: kubeconfig, kubeconfig: ''}",
        "{via: kubeconfig, kubeconfig: ~ops/config}", "{via: kubeconfig, kubeconfig: [a, b]}",
        "{via: kubeconfig, kubeconfig: \"a\\nb\"}", "{via: kubeconfig, context: ''}",
        "{via: kubeconfig, contxt: a}"}) {
    cases.push_back(std::string("api: ") + api + "\n" + kSmall);
  }
  for (const char* sudo : {"always",
                           "[]",
                           "{method: su}",
                           "{method: [auto]}",
                           "{method: }",
                           "{metod: auto}",
                           "{password: hunter2}",
                           "{password: []}",
                           "{password: }",
                           "{password: {}}",
                           "{password: {env: A, file: b}}",
                           "{password: {env: ''}}",
                           "{password: {env: 1A}}",
                           "{password: {env: $A}}",
                           "{password: {file: ''}}",
                           "{password: {file: ~ops/a}}",
                           "{password: {file: ~/}}",
                           "{password: {file: \"a\\nb\"}}",
                           "{password: {fil: a}}",
                           "{method: none, password: {env: A}}",
                           "{password: {env: A, prompt: true}}",
                           "{password: {prompt: false}}",
                           "{password: {prompt: please}}",
                           "{password: {command: pass}}",
                           "{password: {command: []}}",
                           "{password: {command: ['']}}",
                           "{password: {command: [[a]]}}"}) {
    cases.push_back(std::string("sudo: ") + sudo + "\n" + kSmall);
  }
  check_golden("inventory/inventory_errors.txt", transcript<Inventory>(cases, inventory));
}

}  // namespace drover::test
