#include "examples/sandbox/world/control_plane.h"

#include <catch2/catch.hpp>

#include "tests/sandbox/make_believe.h"

namespace drover::test {
namespace {

using sandbox::ControlPlane;
using Api = ControlPlane::Api;

class Upgrade : public MakeBelieve {
 public:
  using MakeBelieve::MakeBelieve;
  Api api(const std::string& node = "cp1") const { return world.control_planes.at(node).api(now); }
  sandbox::StaticPod pod(const std::string& component, const std::string& node = "cp1") const {
    return world.control_planes.at(node).pod(component, now);
  }
  void swap(const std::string& component, const std::string& node = "cp1") {
    note(node, "static-pods", component + " v1.34.4");
    pass(0);
  }
  void kubelet(const std::string& version, const std::string& node = "cp1") {
    note(node, "kubelet", version);
    pass(0);
  }
};

TEST_CASE("the API hangs, then is gone, while its etcd is swapped", "[sandbox]") {
  Upgrade upgrade;
  CHECK(upgrade.api() == Api::Answers);
  upgrade.swap("etcd");
  CHECK(upgrade.api() == Api::Hangs);
  upgrade.pass(9.9);
  CHECK(upgrade.api() == Api::Hangs);
  upgrade.pass(0.2);
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(57.8);  // 67.9
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(1.1);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.pod("etcd").version == "v1.34.4");
  CHECK(upgrade.pod("kube-apiserver").version == "v1.33.13");
}

TEST_CASE("while a manifest is away there is no pod, and without etcd's no API", "[sandbox]") {
  Upgrade upgrade;
  const auto kubernetes = upgrade.folders.all().front().root / "etc/kubernetes";
  for (const char* folder : {"manifests", "away"}) {
    std::filesystem::create_directories(kubernetes / folder);
  }
  std::ofstream(kubernetes / "manifests/etcd.yaml") << "x";
  upgrade.pass(1);
  CHECK(upgrade.api() == Api::Answers);
  std::filesystem::rename(kubernetes / "manifests/etcd.yaml", kubernetes / "away/etcd.yaml");
  upgrade.pass(1);
  CHECK(upgrade.api() == Api::Gone);
  CHECK_FALSE(upgrade.pod("etcd").running);
  CHECK(upgrade.pod("kube-scheduler").running);
  std::filesystem::rename(kubernetes / "away/etcd.yaml", kubernetes / "manifests/etcd.yaml");
  upgrade.pass(1);
  CHECK(upgrade.api() == Api::Answers);
}

TEST_CASE("a container that was stopped is soon another, of the same version", "[sandbox]") {
  Upgrade upgrade;
  const auto before = upgrade.pod("kube-apiserver");
  upgrade.note("cp1", "stopped", "kube-apiserver v1.33.13");
  upgrade.pass(0.1);
  CHECK(upgrade.api() == Api::Gone);
  CHECK_FALSE(upgrade.pod("kube-apiserver").running);
  upgrade.pass(33);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.pod("kube-apiserver").started > before.started);
  CHECK(upgrade.pod("kube-apiserver").version == "v1.33.13");
  CHECK(upgrade.pod("kube-scheduler").starts == 0);
}

TEST_CASE("a whole `upgrade apply` takes the API away for about two minutes", "[sandbox]") {
  Upgrade upgrade;
  const auto began = upgrade.now;
  upgrade.swap("etcd");
  upgrade.pass(58);
  upgrade.swap("kube-apiserver");
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(57);
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(2);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.world.version(upgrade.now) == "v1.33.13");  // until kubeadm has come to its end
  upgrade.note("cp1", "control-plane", "v1.34.4");
  upgrade.pass(1);
  CHECK(upgrade.world.version(upgrade.now) == "v1.34.4");
  const sandbox::StaticPod server = upgrade.pod("kube-apiserver");
  CHECK(server.version == "v1.34.4");
  CHECK(server.starts == 1);
  CHECK(server.started > began);
  CHECK(server.started == std::chrono::floor<std::chrono::seconds>(server.started));
}

TEST_CASE("a kubelet of another minor restarts all static pods, some seconds after itself",
          "[sandbox]") {
  Upgrade upgrade;
  const auto before = upgrade.pod("etcd").started;
  upgrade.kubelet("v1.34.4");
  CHECK(upgrade.api() == Api::Answers);  // the trap: all looks well
  upgrade.pass(3.9);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.world.find_node("cp1")->ready);
  CHECK(upgrade.pod("etcd").started == before);
  upgrade.pass(0.2);
  CHECK(upgrade.api() == Api::Gone);
  CHECK_FALSE(upgrade.pod("kube-scheduler").running);
  upgrade.pass(45.8);  // 49.9 after the kubelet
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(1.1);
  CHECK(upgrade.api() == Api::Answers);
  for (const char* component : sandbox::kComponents) {
    CHECK(upgrade.pod(component).started > before);
    CHECK(upgrade.pod(component).version == "v1.33.13");
  }
}

TEST_CASE("a kubelet of the same minor, or of a worker, restarts none", "[sandbox]") {
  Upgrade upgrade;
  const auto before = upgrade.pod("etcd").started;
  upgrade.kubelet("v1.33.14");
  upgrade.kubelet("v1.34.4", "w1");
  upgrade.pass(5);
  CHECK(upgrade.api() == Api::Answers);
  upgrade.pass(60);
  CHECK(upgrade.pod("etcd").started == before);
}

TEST_CASE("an API server that is back has not read all permissions at once", "[sandbox]") {
  Upgrade upgrade;
  CHECK_FALSE(upgrade.world.control_planes.at("cp1").half_read(upgrade.now));
  upgrade.swap("kube-apiserver");
  upgrade.pass(59);
  REQUIRE(upgrade.api() == Api::Answers);
  CHECK(upgrade.world.control_planes.at("cp1").half_read(upgrade.now));
  upgrade.pass(3.1);
  CHECK_FALSE(upgrade.world.control_planes.at("cp1").half_read(upgrade.now));
}

TEST_CASE("those that watched ask again one after the other when the API is back", "[sandbox]") {
  Upgrade upgrade;
  const auto watching = [&] {
    return upgrade.world.control_planes.at("cp1").watching_again(3, upgrade.now);
  };
  CHECK(watching() == 3);
  upgrade.swap("kube-apiserver");
  CHECK(watching() == 0);
  upgrade.pass(59);
  REQUIRE(upgrade.api() == Api::Answers);
  CHECK(watching() == 0);
  for (const int back : {1, 2, 3}) {
    upgrade.pass(17);
    CHECK(watching() == back);
  }
}

TEST_CASE("only its own control plane's API goes away", "[sandbox]") {
  Upgrade upgrade({"cp1", "cp2", "cp3", "w1"});
  upgrade.swap("kube-apiserver", "cp2");
  upgrade.pass(10);
  CHECK(upgrade.api("cp1") == Api::Answers);
  CHECK(upgrade.api("cp2") == Api::Gone);
  CHECK(upgrade.api("cp3") == Api::Answers);
  upgrade.note("cp2", "control-plane", "v1.34.4");
  upgrade.pass(60);
  CHECK(upgrade.world.version(upgrade.now) == "v1.34.4");
  CHECK(upgrade.pod("kube-apiserver", "cp1").version == "v1.33.13");
}

TEST_CASE("a machine that boots again has new static pods", "[sandbox]") {
  Upgrade upgrade;
  sandbox::lose(upgrade.world, "cp1", upgrade.now);
  upgrade.pass(2);
  CHECK(upgrade.api() == Api::Gone);
  upgrade.folders.boot("cp1", "another");
  sandbox::regain(upgrade.world, "cp1", true, upgrade.now);
  upgrade.pass(1);
  CHECK(upgrade.api() == Api::Gone);
  upgrade.pass(7);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.pod("etcd").starts == 1);
  CHECK(upgrade.world.find_node("cp1")->boot_id == "another");
}

TEST_CASE("a cable that is mended brings the API back as it was", "[sandbox]") {
  Upgrade upgrade;
  const auto before = upgrade.pod("etcd").started;
  sandbox::lose(upgrade.world, "cp1", upgrade.now);
  upgrade.pass(2);
  CHECK(upgrade.api() == Api::Gone);
  sandbox::regain(upgrade.world, "cp1", false, upgrade.now);
  CHECK(upgrade.api() == Api::Answers);
  CHECK(upgrade.pod("etcd").started == before);
}

}  // namespace
}  // namespace drover::test
