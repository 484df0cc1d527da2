#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;

constexpr const char* kCreateJob =
    "[preflight] Some fatal errors occurred:\n\t[ERROR CreateJob]: Job \"upgrade-health-check-x\" "
    "in "
    "the namespace \"kube-system\" did not complete in 15s: no condition of type Complete\n";

Step upgrade_apply(const Hop& hop = Hop{}) { return make_upgrade_apply(hop.scope()); }

// kubeadm upgrade apply that does its work and says so.
void will_upgrade(ControlPlaneWorld& world) {
  world.on_run = [&](const Command&) {
    world.upgrade("v1.34.4");
    world.restart_all();
    return finished(0, "started_at=1795381301\n[upgrade] SUCCESS!\n");
  };
}

}  // namespace

TEST_CASE("S3: apply is kubeadm's own command, the time of its start before it") {
  Hop hop;
  CHECK(upgrade_apply(hop).commands[0].script ==
        "echo \"started_at=$(date +%s)\"\nexec kubeadm upgrade apply v1.34.4 --yes\n");
  hop.upgrade.ignored_preflight = {"SystemVerification", "Swap"};
  CHECK_THAT(upgrade_apply(hop).commands[0].script,
             Contains("--yes --ignore-preflight-errors=SystemVerification,Swap\n"));
  CHECK(upgrade_apply(hop).commands[0].mutates);
}

TEST_CASE("a well control plane is upgraded without delay, and seen to be at the hop") {
  ControlPlaneWorld world;
  will_upgrade(world);
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "the control plane of cp1 at v1.34.4");
  CHECK(end.attempt.note("started_at") == "1795381301");
  CHECK(end.attempt.ran.size() == 1);
  CHECK(end.attempt.elapsed <= Seconds{3});
}

TEST_CASE("a control plane that is at the hop already is not touched") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.done);
  CHECK(end.done->message == "already so: the control plane of cp1 at v1.34.4");
  CHECK(end.attempt.ran.empty());
  CHECK(end.attempt.note("started_at").empty());
}

TEST_CASE("done needs every image, kubeadm-config and kube-proxy at the hop") {
  const std::string left = GENERATE("config", "kube-proxy", "kube-scheduler");
  CAPTURE(left);
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  if (left == "config") world.config = "v1.33.13";
  if (left == "kube-proxy") world.kube_proxy = "v1.33.13";
  if (left == "kube-scheduler")
    world.pods[left].images = {"registry.k8s.io/kube-scheduler:v1.33.13"};
  will_upgrade(world);
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.done);
  CHECK(end.attempt.ran.size() == 1);
}

TEST_CASE("after success the API is waited for until it shows the new versions") {
  ControlPlaneWorld world;
  world.on_run = [&](const Command&) {
    world.api = false;
    return finished(0, "started_at=1795381301\n");
  };
  world.at(120, [&] { world.api = true; });
  world.at(125, [&] { world.upgrade("v1.34.4"); });
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.done);
  CHECK(world.now() >= 125);
  CHECK_THAT(end.waits, Catch::VectorContains(std::string(
                            "the API to show kube-apiserver at v1.34.4, kube-controller-manager at "
                            "v1.34.4, kube-scheduler at v1.34.4, kubeadm-config at v1.34.4, "
                            "kube-proxy at v1.34.4")));
}

TEST_CASE("an apply that was killed is run again only behind the gate") {
  ControlPlaneWorld world;  // resumed while etcd is away; what the status shows is old
  world.api = world.renewing = false;
  world.at(168, [&] { world.api = true; });
  world.at(175, [&] { world.restart_all(); });
  world.at(190, [&] { world.renewing = true; });
  double ran_at = 0;
  world.on_run = [&](const Command&) {
    ran_at = world.now();
    world.upgrade("v1.34.4");
    return finished(0, "started_at=1795381301\n");
  };
  Attempt attempt;
  attempt.ran.push_back({0, CommandResult{}});  // its outcome is lost
  const Drive end = drive(upgrade_apply(), attempt, world);
  REQUIRE(end.done);
  CHECK(ran_at >= 200);
  CHECK(ran_at < 204);
}

TEST_CASE(
    "trap 2: after a failed health-check Job the gate is held, then another attempt allowed") {
  ControlPlaneWorld world;
  world.on_run = [&](const Command&) {
    world.renewing = false;
    return finished(1, "started_at=1795381301\n", kCreateJob);
  };
  world.at(130, [&] { world.renewing = true; });
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.fail);
  CHECK(end.fail->again);
  CHECK_THAT(end.fail->error.message, Contains("[CreateJob]"));
  CHECK(world.now() >= 140);
  CHECK(world.now() < 144);
  CHECK(end.attempt.ran.size() == 1);
  CHECK_THAT(end.waits.back(), Contains("the control plane to settle before another attempt"));
}

TEST_CASE("what kubeadm refuses for good fails the step at once, in kubeadm's words") {
  ControlPlaneWorld world;
  world.on_run = [&](const Command&) {
    return finished(1, "", "\t[ERROR SystemVerification]: cgroups v1 support is deprecated\n");
  };
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.fail);
  CHECK_FALSE(end.fail->again);
  CHECK(end.fail->error.message ==
        "kubeadm upgrade apply v1.34.4 on cp1 failed its checks: [SystemVerification] cgroups v1 "
        "support is deprecated");
}

TEST_CASE("S4: a command whose outcome is lost again and again is given up") {
  ControlPlaneWorld world;
  world.on_run = [](const Command&) { return CommandResult{}; };
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.fail);
  CHECK(end.fail->error.kind == ErrorKind::Unknown);
  CHECK(end.attempt.ran.size() == 3);
}

TEST_CASE("S18: a refused look is no reason to run anything") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  world.access = false;
  world.at(150, [&] { world.access = true; });
  const Drive end = drive(upgrade_apply(), {}, world);
  REQUIRE(end.done);
  CHECK(end.attempt.ran.empty());
  CHECK(world.now() >= 150);
}

}  // namespace drover::plans
