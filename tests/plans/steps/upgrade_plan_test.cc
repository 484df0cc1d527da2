#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;

// As kubeadm 1.34.4 prints it for a 1.33.13 cluster, kubelets of one node only.
std::string plan_json(const std::string& manual) {
  return R"({
    "kind": "UpgradePlan",
    "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
    "availableUpgrades": [
        {
            "description": "version in the v1.33 series",
            "components": [
                {"name": "kubelet", "currentVersion": "v1.33.13", "newVersion": "v1.34.4", "nodeName": "cp1"},
                {"name": "kube-apiserver", "currentVersion": "v1.33.13", "newVersion": "v1.34.4", "nodeName": "cp1"},
                {"name": "kube-proxy", "currentVersion": "1.33.13", "newVersion": "v1.34.4"},
                {"name": "CoreDNS", "currentVersion": "v1.12.0", "newVersion": "v1.12.1"},
                {"name": "kubeadm", "currentVersion": "v1.34.4", "newVersion": "v1.34.4"},
                {"name": "etcd", "currentVersion": "3.5.24-0", "newVersion": "3.6.5-0", "nodeName": "cp1"}
            ]
        }
    ],
    "configVersions": [
        {"group": "kubeproxy.config.k8s.io", "currentVersion": "v1alpha1", "preferredVersion": "v1alpha1", "manualUpgradeRequired": false},
        {"group": "kubelet.config.k8s.io", "currentVersion": "v1beta1", "preferredVersion": "v1beta2", "manualUpgradeRequired": )" +
         manual + R"(}
    ]
}
)";
}

Step upgrade_plan(const Hop& hop = Hop{}) { return make_upgrade_plan(hop.scope()); }

std::string decide(CommandResult result) {
  return summary(decide_once(upgrade_plan(), after(std::move(result)), {}));
}

}  // namespace

TEST_CASE("plan names the version and asks for JSON; it changes the cluster") {
  Hop hop;
  hop.upgrade.ignored_preflight = {"SystemVerification"};
  const Step step = upgrade_plan(hop);
  CHECK(step.commands[0].script ==
        "exec kubeadm upgrade plan v1.34.4 -o json --ignore-preflight-errors=SystemVerification\n");
  CHECK(step.commands[0].mutates);
  CHECK(step.id == "v1.34/cp1/upgrade-plan");
  CHECK(step.host == "cp1");
}

TEST_CASE("plan is run, and its components are summed up") {
  CHECK(summary(decide_once(upgrade_plan(), {}, {})) == "run 0");
  const std::string done =
      "done: kubeadm will upgrade kube-apiserver v1.33.13 -> v1.34.4, kube-proxy 1.33.13 -> "
      "v1.34.4, "
      "CoreDNS v1.12.0 -> v1.12.1, etcd 3.5.24-0 -> 3.6.5-0";
  CHECK(decide(finished(0, plan_json("false"))) == done);
  CHECK(decide(finished(0, "[preflight] Running {checks}\n" + plan_json("false") + "W1 {x}\n")) ==
        done);
  CHECK(decide(finished(0, R"({
  "kind": "UpgradePlan"
}
)")) == "done: kubeadm sees nothing to upgrade");
}

TEST_CASE("a configuration that kubeadm cannot carry over fails the step") {
  CHECK(decide(finished(0, plan_json("true"))) ==
        "fail: kubeadm cannot carry over the component configuration of kubelet.config.k8s.io "
        "(v1beta1 to v1beta2)");
}

TEST_CASE("a plan cut anywhere is never taken for a good one") {
  const std::string whole = plan_json("true");
  for (size_t size = 0; size + 2 < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(decide(finished(0, whole.substr(0, size))).rfind("fail: ", 0) == 0);
  }
}

TEST_CASE("trap 2: a health-check Job that did not complete waits for the gate, then tries again") {
  ControlPlaneWorld world;
  world.renewing = false;
  world.on_run = [](const Command&) {
    return finished(1, "", "\t[ERROR CreateJob]: Job \"x\" did not complete in 15s\n");
  };
  world.at(120, [&] { world.renewing = true; });
  const Drive end = drive(upgrade_plan(), {}, world);
  REQUIRE(end.fail);
  CHECK(end.fail->again);
  CHECK(world.now() >= 130);
  CHECK(world.now() < 134);
}

TEST_CASE("what kubeadm refuses for good is not tried again") {
  const std::string fail = decide(
      finished(1, "", "\t[ERROR CoreDNSUnsupportedPlugins]: there are unsupported plugins\n"));
  CHECK(fail ==
        "fail: kubeadm upgrade plan v1.34.4 on cp1 failed its checks: [CoreDNSUnsupportedPlugins] "
        "there are unsupported plugins");
}

TEST_CASE("a plan whose outcome is lost is run again") {
  CHECK(decide(CommandResult{}) == "run 0");
}

}  // namespace drover::plans
