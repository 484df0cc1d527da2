#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::told;

// A machine on which kubeadm's package is in the archive already, as stage-packages leaves it.
class StageImagesMachine : public test::ScriptRoom {
 public:
  StageImagesMachine() {
    file("proc/uptime", "1000.00 1\n");
    file("etc/apt/sources.list.d/kubernetes.list", "deb [trusted=yes] file:/srv/apt/v1.33/ ./\n");
    file("var/cache/apt/archives/kubeadm_1.34.4-1.1_amd64.deb",
         "#!/bin/sh\necho \"$*\" >>\"$ROOM/calls\"\n"
         "if [ \"$3\" = pull ]; then echo '[config/images] Pulled x'; exit 0; fi\n"
         "for i in kube-apiserver:v1.34.4 kube-proxy:v1.34.4 coredns/coredns:v1.12.1 pause:3.10.1 "
         "etcd:3.6.5-0; do echo registry.k8s.io/$i; done\necho '*'\n");
    program("apt-config", "echo \"archives='$ROOM/var/cache/apt/archives/'\"\n");
    program("dpkg", "echo amd64\n");
    program("dpkg-deb",
            "mkdir -p \"$3/usr/bin\"\ncp \"$2\" \"$3/usr/bin/kubeadm\"\n"
            "chmod 700 \"$3/usr/bin/kubeadm\"\n");
    program("crictl",
            "echo \"$*\" >>\"$ROOM/calls\"\n"
            "case $* in *inspecti*pause*) exit 0 ;; *inspecti*) exit 1 ;; esac\n"
            "echo 'Image is up to date for x'\n");
  }
};

const std::string kStageImagesList =
    "config images list --kubernetes-version v1.34.4 --image-repository registry.k8s.io\n";

std::string cri(const std::string& words) {
  return "-r unix:///run/containerd/containerd.sock " + words + "\n";
}

std::string asked(const std::string& image) { return cri("inspecti -q " + image); }
std::string pulled(const std::string& image) { return asked(image) + cri("pull " + image); }

// Programs of the machine the test runs on are not to be found.
std::string without_crictl(std::string script) {
  const std::string name = "command -v crictl";
  return script.replace(script.find(name), name.size(), "command -v crictl-that-is-not-there");
}

}  // namespace

TEST_CASE("S3: what pulls the images is this") {
  test::Hop hop;
  const Step control_plane = make_stage_images(hop.scope(), hop.host("cp1"));
  const Step worker = make_stage_images(hop.scope(), hop.host("w1"));
  CHECK(control_plane.title == "pull the images of v1.34.4");
  CHECK(worker.title == "pull the images of v1.34.4 that run on workers");
  for (const Step& step : {control_plane, worker}) {
    REQUIRE(step.commands.size() == 1);
    CHECK(step.commands[0].mutates);
    CHECK(step.timeout > step.commands[0].timeout);
    CHECK(test::syntax_errors(step.commands[0].script) == "");
  }
  test::check_golden("commands/stage_images_control_plane.sh", control_plane.commands[0].script);
  test::check_golden("commands/stage_images_worker.sh", worker.commands[0].script);
}

TEST_CASE("a worker pulls what runs on workers, and only what is missing") {
  test::Hop hop;
  StageImagesMachine machine;
  const Step step = make_stage_images(hop.scope(), hop.host("w1"));
  const CommandResult result = machine.run(step.commands[0].script);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(machine.read("calls") == kStageImagesList + pulled("registry.k8s.io/kube-proxy:v1.34.4") +
                                     pulled("registry.k8s.io/coredns/coredns:v1.12.1") +
                                     asked("registry.k8s.io/pause:3.10.1"));
  CHECK(told(decide_stage_images(step, after(result), {})) == "done: 2 pulled, 1 there already");
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("a control plane pulls all that the target's kubeadm lists") {
  test::Hop hop;
  StageImagesMachine machine;
  const Step step = make_stage_images(hop.scope(), hop.host("cp1"));
  const CommandResult result = machine.run(step.commands[0].script);
  CHECK(result.exit_code == 0);
  CHECK(machine.read("calls") == kStageImagesList +
                                     pulled("registry.k8s.io/kube-apiserver:v1.34.4") +
                                     pulled("registry.k8s.io/kube-proxy:v1.34.4") +
                                     pulled("registry.k8s.io/coredns/coredns:v1.12.1") +
                                     asked("registry.k8s.io/pause:3.10.1") +
                                     pulled("registry.k8s.io/etcd:3.6.5-0") + pulled("*"));
}

TEST_CASE("without crictl a control plane leaves it to kubeadm, a worker to the kubelet") {
  test::Hop hop;
  StageImagesMachine machine;
  const Step control_plane = make_stage_images(hop.scope(), hop.host("cp1"));
  CommandResult result = machine.run(without_crictl(control_plane.commands[0].script));
  CHECK(result.exit_code == 0);
  CHECK(machine.read("calls").find("config images pull --cri-socket "
                                   "unix:///run/containerd/containerd.sock --kubernetes-version "
                                   "v1.34.4") != std::string::npos);
  const Step worker = make_stage_images(hop.scope(), hop.host("w1"));
  result = machine.run(without_crictl(worker.commands[0].script));
  CHECK(result.exit_code == 0);
  CHECK(told(decide_stage_images(worker, after(result), {})) ==
        "done: no crictl: pulled when the pods start");
}

TEST_CASE("the container runtime is the one that kubeadm wrote on the node") {
  test::Hop hop;
  struct Row {
    std::string annotation;
    std::string call;
  };
  for (const Row& row :
       std::vector<Row>{{"/run/crio/crio.sock", "crictl -r unix:///run/crio/crio.sock \"$@\""},
                        {"unix:///x y", "crictl -r 'unix:///x y' \"$@\""},
                        {"", "crictl \"$@\""}}) {
    for (Node& node : hop.facts.nodes) {
      node.annotations["kubeadm.alpha.kubernetes.io/cri-socket"] = row.annotation;
    }
    INFO(row.annotation);
    const Step step = make_stage_images(hop.scope(), hop.host("w1"));
    CHECK(step.commands[0].script.find(row.call) != std::string::npos);
  }
}

TEST_CASE("a pull that fails ends the script with the runtime's words and may be tried again") {
  test::Hop hop;
  StageImagesMachine machine;
  machine.program("crictl",
                  "case $* in *inspecti*) exit 1 ;; esac\necho 'dial tcp: refused' >&2\nexit 1\n");
  const Step step = make_stage_images(hop.scope(), hop.host("w1"));
  const Decision decision =
      decide_stage_images(step, after(machine.run(step.commands[0].script)), {});
  CHECK(told(decision) ==
        "fail again: w1: pulling images failed with exit code 1: dial tcp: refused");
  CHECK(std::get<Fail>(decision.next).error.remedy.find("registry") != std::string::npos);
  CHECK(machine.list("tmp").empty());
}

TEST_CASE("pulling images is run once an attempt") {
  test::Hop hop;
  const Step step = make_stage_images(hop.scope(), hop.host("w1"));
  CHECK(look_stage_images(step, {}).commands.empty());
  CHECK(told(decide_stage_images(step, {}, {})) == "run 0");
  CHECK(told(decide_stage_images(step, after(CommandResult{}), {})) == "run 0");
  const Decision apt =
      decide_stage_images(step, after(finished(100, "", "E: Failed to fetch x\n")), {});
  CHECK(std::get<Fail>(apt.next).error.remedy.find("package repository") != std::string::npos);
}

}  // namespace drover::plans
