#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

Step upgrade_node(const Hop& hop = Hop{}) { return make_upgrade_node(hop.scope(), hop.host("w1")); }

}  // namespace

TEST_CASE("a worker's configuration is always written, once") {
  Hop hop;
  CHECK(upgrade_node(hop).commands[0].script == "exec kubeadm upgrade node\n");
  hop.upgrade.ignored_preflight = {"Swap"};
  CHECK(upgrade_node(hop).commands[0].script ==
        "exec kubeadm upgrade node --ignore-preflight-errors=Swap\n");
  CHECK(look_upgrade_node(upgrade_node(), {}).requests.empty());
  CHECK(summary(decide_once(upgrade_node(), {}, {})) == "run 0");
  CHECK(summary(decide_once(upgrade_node(), after(finished(0)), {})) ==
        "done: kubelet configuration of w1 written");
}

TEST_CASE("trap 1: a worker that meets a control plane on its way back waits for it, then again") {
  const std::string said = GENERATE(
      "error: error execution phase preflight: dial tcp 10.77.0.11:6443: connect: connection "
      "refused\n",
      "error: error execution phase preflight: configmaps \"kubeadm-config\" is forbidden: User "
      "\"system:node:w1\" cannot get resource: no relationship found between node 'w1' and this "
      "object\n");
  ControlPlaneWorld world;
  world.api = false;
  world.on_run = [&](const Command&) { return finished(1, "", said); };
  world.at(130, [&] { world.api = true; });
  const Drive end = drive(upgrade_node(), {}, world);
  REQUIRE(end.fail);
  CHECK(end.fail->again);
  CHECK(world.now() >= 140);
  CHECK(world.now() < 146);
  CHECK(end.attempt.ran.size() == 1);
}

TEST_CASE("what kubeadm refuses on the worker is said in its words") {
  const Decision decision = decide_once(
      upgrade_node(),
      after(finished(1, "", "error: error execution phase kubelet-config: no space\n")), {});
  CHECK(summary(decision) ==
        "fail: kubeadm upgrade node on w1 failed: error: error execution phase kubelet-config: no "
        "space");
}

}  // namespace drover::plans
