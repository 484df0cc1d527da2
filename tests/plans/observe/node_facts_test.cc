#include "plans/observe/node_facts.h"

#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"

namespace drover::plans {
namespace {

const std::string kOut =
    "boot 0a1b2c3d-0000-4000-8000-000000000000\n"
    "os \"Debian GNU/Linux 12 (bookworm)\"\n"
    "architecture amd64\n"
    "owner apt\n"
    "package cri-tools install ok installed 1.33.0-1.1\n"
    "package kubeadm hold ok installed 1.33.13-1.1\n"
    "package kubectl unknown ok not-installed \n"
    "package kubelet hold ok installed 1.33.13-1.1\n"
    "kubeadm v1.33.13\n"
    "kubelet Kubernetes v1.33.13\n"
    "source /etc/apt/sources.list 1 # nothing here\n"
    "source /etc/apt/sources.list.d/kubernetes.list 1 \n"
    "source /etc/apt/sources.list.d/kubernetes.list 2 deb [trusted=yes] file:/srv/apt/v1.33/ ./\n"
    "offers    kubeadm | 1.33.13-1.1 | file:/srv/apt/v1.33 ./ Packages\n"
    "control-plane yes\n"
    "etcd 4096\n"
    "free /var/lib/etcd 1000\n"
    "free / 30000000000\n"
    "end\n";

std::string message_of(const std::string& out) {
  const auto facts = parse_node_facts(out, "cp1");
  return facts ? "" : facts.error().message;
}

// A node whose tools are stand-ins; each test leaves some out.
class Node : public test::ScriptRoom {
 public:
  Node() {
    file("proc/sys/kernel/random/boot_id", "0a1b\n");
    file("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    file("etc/apt/sources.list", "");
    file("etc/apt/sources.list.d/kubernetes.list",
         "deb https://ops:s3cret@pkgs.k8s.io/core:/stable:/v1.33/deb/ /\n");
    program("dpkg", "echo amd64\n");
    program("kubeadm", "echo v1.33.13\n");
    program("kubelet", "echo Kubernetes v1.33.13\n");
    program("dpkg-query",
            "case $1 in\n-S) echo \"kubelet: $2\" ;;\n"
            "*) echo 'package kubeadm hold ok installed 1.33.13-1.1'; exit 1 ;;\nesac\n");
    program("apt-cache", ":\n");
  }

  NodeFacts facts() const {
    const CommandResult result = run(node_facts_command().script);
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    const auto read = parse_node_facts(result.out, "cp1");
    INFO((read ? "" : read.error().message));
    REQUIRE(read);
    return *read;
  }
};

}  // namespace

TEST_CASE("S3: the command that reads a node is this one, and changes nothing") {
  const Command command = node_facts_command();
  test::check_golden("commands/node_facts.sh", command.script);
  test::check_golden("commands/control_plane_files.sh", control_plane_files_command().script);
  CHECK(test::syntax_errors(command.script) == "");
  CHECK(test::syntax_errors(control_plane_files_command().script) == "");
  CHECK_FALSE(command.mutates);
  CHECK_FALSE(control_plane_files_command().mutates);
}

TEST_CASE("facts are what the keys say") {
  const auto facts = parse_node_facts(kOut, "cp1");
  REQUIRE(facts);
  CHECK(facts->host == "cp1");
  CHECK(facts->boot_id == "0a1b2c3d-0000-4000-8000-000000000000");
  CHECK(facts->os == "Debian GNU/Linux 12 (bookworm)");
  CHECK(facts->architecture == "amd64");
  CHECK(facts->package_manager == "apt");
  CHECK(facts->installed == std::map<std::string, std::string>{{"cri-tools", "1.33.0-1.1"},
                                                               {"kubeadm", "1.33.13-1.1"},
                                                               {"kubelet", "1.33.13-1.1"}});
  CHECK(facts->held == std::set<std::string>{"kubeadm", "kubelet"});
  CHECK(facts->kubeadm_version == "v1.33.13");
  CHECK(facts->kubelet_binary_version == "v1.33.13");
  CHECK(facts->repository ==
        std::vector<RepositoryLine>{{"/etc/apt/sources.list.d/kubernetes.list", 2,
                                     "deb [trusted=yes] file:/srv/apt/v1.33/ ./"}});
  CHECK(facts->free ==
        std::map<std::string, std::uint64_t>{{"/", 30000000000u}, {"/var/lib/etcd", 1000}});
  CHECK(facts->etcd_bytes == 4096);
  CHECK(facts->static_pods);
  CHECK_FALSE(facts->dpkg_interrupted);
}

TEST_CASE("an interrupted dpkg is seen in its journal and in a package that is not whole") {
  for (const char* line :
       {"interrupted yes\n", "package kubelet hold ok half-configured 1.34.4-1.1\n"}) {
    std::string out = kOut;
    out.insert(0, line);
    INFO(line);
    CHECK(parse_node_facts(out, "cp1")->dpkg_interrupted);
  }
}

TEST_CASE("facts cut at any byte are refused, never half believed") {
  for (size_t size = 0; size < kOut.size(); ++size) {
    CHECK_FALSE(parse_node_facts(kOut.substr(0, size), "cp1"));
  }
}

TEST_CASE("facts that are not understood name the host and what it was") {
  const std::string start = "boot x\n";
  CHECK(message_of("end\n") == "the facts of cp1 cannot be read: no boot id");
  CHECK(message_of(start + "free / much\nend\n") ==
        "the facts of cp1 cannot be read: / has the size \"much\"");
  CHECK(message_of(start + "free / -1\nend\n") != "");
  CHECK(message_of(start + "free / 99999999999999999999999\nend\n") != "");
  CHECK(message_of(start + "etcd \nend\n") != "");
  CHECK(message_of(start + "package kubelet\nend\n") != "");
  CHECK(message_of(start + "source /etc/apt/sources.list x deb\nend\n") != "");
  CHECK(message_of(start + "\x1b[2Jsurprise 1\nend\n") ==
        "the facts of cp1 cannot be read: \"\\x1b[2Jsurprise 1\"");
}

TEST_CASE("a node is read by its own tools") {
  Node node;
  node.file("etc/kubernetes/manifests/kube-apiserver.yaml", "kind: Pod\n");
  node.file("etc/kubernetes/manifests/etcd.yaml",
            "    - etcd\n    - --data-dir=" + node.path() + "/var/lib/etcd\n    - --name=cp1\n");
  node.file("var/lib/etcd/member/snap/db", std::string(5000, 'x'));
  node.file("var/lib/dpkg/updates/0000", "");
  const NodeFacts facts = node.facts();
  CHECK(facts.boot_id == "0a1b");
  CHECK(facts.os == "Debian GNU/Linux 12 (bookworm)");
  CHECK(facts.architecture == "amd64");
  CHECK(facts.package_manager == "apt");
  CHECK(facts.installed == std::map<std::string, std::string>{{"kubeadm", "1.33.13-1.1"}});
  CHECK(facts.held == std::set<std::string>{"kubeadm"});
  CHECK(facts.kubeadm_version == "v1.33.13");
  CHECK(facts.kubelet_binary_version == "v1.33.13");
  CHECK(facts.static_pods);
  CHECK(facts.etcd_bytes >= 5000);
  CHECK(facts.dpkg_interrupted);
  CHECK(facts.free.at("/") > 0);
  CHECK(facts.free.count("/var") == 1);
  REQUIRE(facts.repository.size() == 1);
  CHECK(facts.repository[0].line == 1);
  // S13: no password of a source list leaves the node
  CHECK(facts.repository[0].text == "deb https://***@pkgs.k8s.io/core:/stable:/v1.33/deb/ /");
}

TEST_CASE("a tool that is missing or fails leaves its fact out") {
  Node node;
  for (const char* name : {"dpkg", "kubeadm", "kubelet", "apt-cache"}) {
    node.program(name, "echo 'no such thing' >&2\nexit 127\n");
  }
  node.program("dpkg-query", "exit 2\n");
  node.program("stat", "exit 1\n");
  const NodeFacts facts = node.facts();
  CHECK(facts.package_manager.empty());
  CHECK(facts.installed.empty());
  CHECK(facts.kubeadm_version.empty());
  CHECK(facts.kubelet_binary_version.empty());
  CHECK_FALSE(facts.architecture.empty());  // uname's word
  CHECK(facts.free.empty());
  CHECK_FALSE(facts.static_pods);
  CHECK(facts.repository.size() == 1);
}

TEST_CASE("a kubelet that another package manager owns is named so") {
  Node node;
  node.program("dpkg-query", "exit 1\n");
  node.program("rpm", "exit 0\n");
  CHECK(node.facts().package_manager == "rpm");
  node.program("rpm", "echo 'file /usr/bin/kubelet is not owned by any package'\nexit 1\n");
  CHECK(node.facts().package_manager.empty());
}

TEST_CASE("S19: nothing that stands in a file or a name passes for another fact") {
  Node node;
  node.file("etc/os-release", "PRETTY_NAME=x\nowner rpm\nend\n");
  node.file("etc/apt/sources.list.d/evil.list",
            "deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /\r\nowner rpm\nend\nfree / 1\n"
            "$(touch \"$ROOM/pwned\")`touch \"$ROOM/pwned\"`\n\\n\\033 %s \x1b[2J");
  node.file("etc/apt/sources.list.d/bad name.list",
            "deb https://pkgs.k8s.io/core:/stable:/v1.30/deb/ /\n");
  node.file("etc/apt/sources.list.d/$(touch pwned).list",
            "deb https://pkgs.k8s.io/core:/stable:/v1.31/deb/ /\n");
  node.program("kubeadm", "printf 'v1.33.13\\nowner rpm\\nend'\n");
  const NodeFacts facts = node.facts();
  CHECK(facts.package_manager == "apt");
  CHECK(facts.kubeadm_version == "v1.33.13");
  CHECK(facts.free.at("/") > 1);
  REQUIRE(facts.repository.size() == 2);
  CHECK(facts.repository[0].file == node.path() + "/etc/apt/sources.list.d/evil.list");
  CHECK(facts.repository[0].text == "deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /");
  CHECK_FALSE(node.exists("pwned"));
}

TEST_CASE("admin.conf and the manifest come as they are") {
  test::ScriptRoom room;
  const std::string conf = "apiVersion: v1\nend\nfile x y\n\r\n\t\"'";
  room.file("etc/kubernetes/admin.conf", conf);
  room.file("etc/kubernetes/manifests/kube-apiserver.yaml", std::string(100000, 'm') + "\n");
  CommandResult result = room.run(control_plane_files_command().script);
  REQUIRE(result.exit_code == 0);
  // the frame carries the paths of the machine, not those of the room
  for (size_t at = 0; (at = result.out.find(room.path())) != std::string::npos;) {
    result.out.erase(at, room.path().size());
  }
  const auto files = parse_control_plane_files(result.out);
  REQUIRE(files);
  CHECK(files->admin_conf == conf);
  CHECK(files->api_server_manifest == std::string(100000, 'm') + "\n");
}

TEST_CASE("a control plane whose files cannot be read is named by the file") {
  const std::string conf = "file /etc/kubernetes/admin.conf " + base64_encode("conf") + "\n";
  const std::string manifest =
      "file /etc/kubernetes/manifests/kube-apiserver.yaml " + base64_encode("pod") + "\n";
  const auto without_conf = parse_control_plane_files(manifest + "end\n");
  REQUIRE_FALSE(without_conf);
  CHECK(without_conf.error().kind == ErrorKind::Authentication);
  CHECK(without_conf.error().message == "/etc/kubernetes/admin.conf cannot be read");
  const auto without_manifest = parse_control_plane_files(conf + "end\n");
  REQUIRE_FALSE(without_manifest);
  CHECK(without_manifest.error().message ==
        "/etc/kubernetes/manifests/kube-apiserver.yaml cannot be read");
  const std::string whole = conf + manifest + "end\n";
  REQUIRE(parse_control_plane_files(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(parse_control_plane_files(whole.substr(0, size)));
  }
}

}  // namespace drover::plans
