#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/sandbox/tools/tool_room.h"

using namespace drover;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using Catch::Matchers::StartsWith;
using test::recording;
using test::ToolRoom;
using test::without_run;

namespace {

/// A node whose kubeadm is of this version, in a cluster of 1.33.13 with these other nodes.
class Node : public ToolRoom {
 public:
  explicit Node(const std::string& kubeadm, const std::string& cluster = "",
                const std::string& name = "cp1")
      : ToolRoom(name[0] == 'c' ? Kind::ControlPlane : Kind::Worker, name) {
    set_state("packages/kubeadm", kubeadm + "-1.1\n");
    set_state("cluster", cluster);
  }
};

constexpr const char* kTwoWorkers = "w1 worker v1.33.13\nw2 worker v1.33.13\n";

std::vector<std::string> components(const std::string& static_pods) {
  std::vector<std::string> names;
  for (const std::string& line : split_lines(static_pods)) {
    names.push_back(line.substr(0, line.rfind(' ')));
  }
  return names;
}

}  // namespace

TEST_CASE("kubeadm upgrade plan prints what it printed on the bed", "[tools][recordings]") {
  const Node one("1.34.4", kTwoWorkers);
  CHECK_THAT(one.out("kubeadm upgrade plan v1.34.4"),
             Equals(recording("kubeadm/upgrade-plan.out")));
  CHECK_THAT(one.out("kubeadm upgrade plan v1.34.4 -o json"),
             Equals(recording("kubeadm/upgrade-plan.json")));
  CHECK_THAT(one.out("kubeadm upgrade plan v1.34.9"),
             Equals(recording("kubeadm/upgrade-plan-newer.out")));
  const Node three("1.34.4",
                   "cp2 control-plane v1.33.13 v1.33.13\n"
                   "cp3 control-plane v1.33.13 v1.33.13\n" +
                       std::string(kTwoWorkers));
  CHECK_THAT(three.out("kubeadm upgrade plan v1.34.4"),
             Equals(recording("kubeadm/upgrade-plan-several.out")));
}

TEST_CASE("kubeadm upgrade apply prints what it printed on the bed", "[tools][recordings]") {
  const Node room("1.34.4", kTwoWorkers);
  CommandResult result = room.run("kubeadm upgrade apply v1.34.4 --yes");
  CHECK(result.exit_code == 0);
  CHECK_THAT(without_run(result.out), Equals(without_run(recording("kubeadm/upgrade-apply.out"))));
  CHECK_THAT(without_run(result.err),
             Equals(without_run(recording("kubeadm/upgrade-images.err") +
                                recording("kubeadm/upgrade-kubelet-config.err"))));

  room.set_state("packages/kubeadm", "1.35.4-1.1\n");
  result = room.run("kubeadm upgrade apply 1.35.4 -y");
  CHECK(result.exit_code == 0);
  CHECK_THAT(without_run(result.out),
             Equals(without_run(recording("kubeadm/upgrade-apply-1.35.out"))));
}

TEST_CASE("kubeadm upgrade leaves the addons to the last control plane", "[tools][recordings]") {
  const Node first("1.34.4",
                   "cp2 control-plane v1.33.13 v1.33.13\n"
                   "cp3 control-plane v1.33.13 v1.33.13\n");
  CHECK_THAT(without_run(first.out("kubeadm upgrade apply v1.34.4 --yes")),
             Equals(without_run(recording("kubeadm/upgrade-apply-several.out"))));
  const Node second("1.34.4",
                    "cp1 control-plane v1.34.4 v1.34.4\n"
                    "cp3 control-plane v1.33.13 v1.33.13\n",
                    "cp2");
  CHECK_THAT(without_run(second.out("kubeadm upgrade node")),
             Equals(without_run(recording("kubeadm/upgrade-node-control-plane.out"))));
  const Node third("1.34.4",
                   "cp1 control-plane v1.34.4 v1.34.4\n"
                   "cp2 control-plane v1.34.4 v1.34.4\n",
                   "cp3");
  CHECK_THAT(third.out("kubeadm upgrade node"),
             Contains("[addons] Applied essential addon: kube-proxy"));
}

TEST_CASE("kubeadm upgrade node prints what it printed on workers", "[tools][recordings]") {
  for (const auto& [version, name] :
       {std::pair("1.34.4", "kubeadm/upgrade-node-worker.out"),
        std::pair("1.35.4", "kubeadm/upgrade-node-worker-1.35.out")}) {
    const Node room(version, "", "w1");
    CHECK_THAT(without_run(room.out("kubeadm upgrade node")), Equals(without_run(recording(name))));
    CHECK(room.state("kubelet-config") == std::string("v") + version + "\n");
    CHECK(room.exists("var/lib/kubelet/config.yaml"));
  }
}

TEST_CASE("kubeadm certs check-expiration has the shape that was recorded", "[tools][recordings]") {
  const Node room("1.34.4");
  const auto shape = [](const std::string& text) {
    std::string marks;
    for (const char c : text) marks += c >= '0' && c <= '9' ? '0' : c;
    std::vector<std::string> lines = split_lines(marks);
    for (std::string& line : lines) {
      for (const char* month :
           {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}) {
        const size_t at = line.find(month);
        if (at != std::string::npos) line.replace(at, 3, "MMM");
      }
    }
    return join(lines, "\n");
  };
  CHECK_THAT(shape(room.out("kubeadm certs check-expiration")),
             Equals(shape(recording("kubeadm/check-expiration.out"))));
  CHECK_THAT(shape(room.out("kubeadm certs check-expiration -o json")),
             Equals(shape(recording("kubeadm/check-expiration.json"))));
}

TEST_CASE("kubeadm certs renew all says what was recorded, and all are later",
          "[tools][recordings]") {
  const Node room("1.34.4");
  room.set_state("renewed", "1795000000\n");
  CHECK(room.out("kubeadm certs renew all") == recording("kubeadm/certs-renew.out"));
  CHECK(split_lines(room.state("renewed")).size() == 2);
  CHECK(room.run("kubeadm certs renew apiserver").exit_code == 99);
}

TEST_CASE("kubeadm certs goes by its defaults while the API is away", "[tools][recordings]") {
  Node room("1.34.4");
  room.stop_api();
  CHECK_THAT(room.out("kubeadm certs check-expiration"),
             StartsWith(recording("kubeadm/check-expiration-defaults.out")));
  const std::string renewed = room.out("kubeadm certs renew all");
  CHECK_THAT(renewed, StartsWith(recording("kubeadm/certs-renew-defaults.out")) &&
                          Contains("\n\ncertificate embedded in"));
  CHECK_THAT(renewed, !Contains("upload-config kubeadm"));
  CHECK(split_lines(room.state("renewed")).size() == 1);
}

TEST_CASE("an upgrade writes down each manifest that it swaps, and its end", "[tools]") {
  const Node room("1.34.4");
  room.out("kubeadm upgrade apply v1.34.4 --yes");
  CHECK(components(room.state("static-pods")) ==
        std::vector<std::string>{"etcd v1.34.4", "kube-apiserver v1.34.4",
                                 "kube-controller-manager v1.34.4", "kube-scheduler v1.34.4"});
  CHECK(components(room.state("control-plane")) == std::vector<std::string>{"v1.33.13", "v1.34.4"});
  const std::string manifest = room.read("etc/kubernetes/manifests/kube-apiserver.yaml");
  CHECK_THAT(manifest, Contains("--secure-port=") &&
                           Contains("image: registry.k8s.io/kube-apiserver:v1.34.4"));
  CHECK_THAT(room.read("etc/kubernetes/manifests/etcd.yaml"),
             Contains("image: registry.k8s.io/etcd:3.6.5-0"));
  const auto left = room.names("etc/kubernetes/tmp");
  REQUIRE(left.size() == 3);
  CHECK_THAT(left[0], StartsWith("kubeadm-backup-etcd-"));
  CHECK_THAT(left[1], StartsWith("kubeadm-backup-manifests-"));
  CHECK_THAT(left[2], StartsWith("kubeadm-kubelet-config"));

  // Once more: everything is there.
  const std::string again = room.out("kubeadm upgrade apply v1.34.4 --yes");
  CHECK_THAT(again, Contains("the desired etcd version \"3.6.5-0\" is not newer") &&
                        Contains("manifests of kube-scheduler are equal, skipping upgrade") &&
                        Contains("SUCCESS!"));
  CHECK(components(room.state("static-pods")).size() == 4);
}

TEST_CASE("a kubeadm that is killed half-way leaves half of the control plane", "[tools][faults]") {
  const Node room("1.34.4");
  room.fault("kill", 1, "kubeadm upgrade apply");
  CHECK(room.out("kubeadm upgrade apply v1.34.4 --yes >/dev/null 2>&1; echo $?") == "137\n");
  CHECK(components(room.state("static-pods")) ==
        std::vector<std::string>{"etcd v1.34.4", "kube-apiserver v1.34.4"});
  CHECK(components(room.state("control-plane")) == std::vector<std::string>{"v1.33.13"});
  CHECK(room.names("etc/kubernetes/tmp").size() == 3);  // one of them with what was made ready

  const std::string again = room.out("kubeadm upgrade apply v1.34.4 --yes");
  CHECK_THAT(again, Contains("Cluster version: v1.33.13") &&
                        Contains("manifests of kube-apiserver are equal, skipping upgrade") &&
                        Contains("Component \"kube-scheduler\" upgraded successfully!"));
  CHECK(components(room.state("static-pods")).size() == 4);
}

TEST_CASE("a control plane that has not settled fails kubeadm's health check", "[tools]") {
  const Node room("1.34.4");
  room.set_state("speed", "30\n");
  const std::string swapped = "kube-apiserver v1.34.4 ";
  const std::string hours_later = swapped + "9999999999\n";  // whatever the machine's load
  room.set_state("static-pods", hours_later);
  for (const char* verb : {"plan v1.34.4 -o json", "apply v1.34.4 --yes"}) {
    CAPTURE(verb);
    const CommandResult result = room.run(std::string("kubeadm upgrade ") + verb);
    CHECK(result.exit_code == 1);
    CHECK_THAT(without_run(result.err), Equals(without_run(recording("kubeadm/create-job.err"))));
  }
  CHECK(room.state("static-pods") == hours_later);
  CHECK(room.run("kubeadm upgrade plan v1.34.4 --ignore-preflight-errors=CreateJob").exit_code ==
        0);

  const std::string now = room.out("date +%s");
  const auto ago = [&](int seconds) {
    return swapped + std::to_string(std::stol(now) - seconds) + "\n";
  };
  room.set_state("speed", "1\n");
  room.set_state("static-pods", ago(40));  // 41 s away, and 12 s until there are leaders
  CHECK(room.run("timeout 3 kubeadm upgrade plan v1.34.4").exit_code == 124);
  room.set_state("static-pods", ago(54));
  CHECK(room.run("kubeadm upgrade plan v1.34.4").exit_code == 0);
}

TEST_CASE("kubeadm's rules about versions", "[tools]") {
  struct Row {
    const char* kubeadm;
    const char* target;
    const char* says;
  };
  const Row row = GENERATE(values<Row>({
      {"1.33.13", "v1.34.4",
       "these fatal errors:\n\n\t- Specified version to upgrade to \"v1.34.4\" is at least one "
       "minor "
       "release higher than the kubeadm minor release (34 > 33). Such an upgrade is not supported\n"
       "\nPlease fix the misalignments"},
      {"1.35.4", "v1.35.4",
       "\t- Specified version to upgrade to \"v1.35.4\" is too high; kubeadm can upgrade only 1 "
       "minor version at a time\n"},
      {"1.34.1", "v1.34.4",
       "these errors:\n\n\t- Specified version to upgrade to \"v1.34.4\" is higher than the "
       "kubeadm "
       "version \"v1.34.1\". Upgrade kubeadm first using the tool you used to install "
       "kubeadm\n\nCan "
       "be bypassed if you pass the --force flag\n"},
  }));
  const Node room(row.kubeadm);
  const CommandResult result = room.run(std::string("kubeadm upgrade apply --yes ") + row.target);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("error: error execution phase preflight: the version argument is "
                                  "invalid due to ") &&
                             Contains(row.says));
  CHECK(room.state("static-pods").empty());
}

TEST_CASE("kubeadm says so when the API server does not listen", "[tools]") {
  Node room("1.34.4");
  room.stop_api();
  for (const char* verb : {"plan v1.34.4", "apply v1.34.4 --yes", "node"}) {
    CAPTURE(verb);
    const CommandResult result = room.run(std::string("kubeadm upgrade ") + verb);
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("error: failed to get config map: Get \"https://127.0.0.1:") &&
                               Contains("connect: connection refused\n"));
  }
  CHECK(room.state("static-pods").empty());
}

TEST_CASE("versions, as each program tells its own", "[tools]") {
  const Node room("1.34.4");
  CHECK(room.out("kubeadm version -o short") == "v1.34.4\n");
  CHECK_THAT(room.out("kubeadm version"), Contains("GitVersion:\"v1.34.4\""));
  CHECK(room.out("kubelet --version") == "Kubernetes v1.33.13\n");
  CHECK(room.out("kubectl version --client") == "Client Version: v1.33.13\n");
  CHECK(room.run("rm /var/lib/sandbox/packages/kubectl; kubectl version --client").exit_code ==
        127);
}

TEST_CASE("a kubeadm that was unpacked speaks for its own version", "[tools]") {
  const ToolRoom room;
  room.point_to("v1.34");
  const std::string unpacked = room.out(
      "cd /tmp && apt-get -q download kubeadm=1.34.4-1.1 >/dev/null && dpkg-deb -x kubeadm_*.deb x "
      "&& "
      "x/usr/bin/kubeadm version -o short && x/usr/bin/kubeadm config images list "
      "--kubernetes-version v1.34.4 --image-repository registry.k8s.io && kubeadm version -o "
      "short");
  CHECK(unpacked ==
        "v1.34.4\nregistry.k8s.io/kube-apiserver:v1.34.4\n"
        "registry.k8s.io/kube-controller-manager:v1.34.4\nregistry.k8s.io/kube-scheduler:v1.34.4\n"
        "registry.k8s.io/kube-proxy:v1.34.4\nregistry.k8s.io/coredns/coredns:v1.12.1\n"
        "registry.k8s.io/pause:3.10.1\nregistry.k8s.io/etcd:3.6.5-0\nv1.33.13\n");
}
