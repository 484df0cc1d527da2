#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;

Step static_pods_healthy() {
  const Hop hop;
  return make_static_pods_healthy(hop.scope(), hop.host("cp1"));
}

Attempt kubelet_restarted_at(double second) {
  Attempt attempt;
  attempt.run = "run";
  const auto moment = ControlPlaneWorld::kEpoch + static_cast<long long>(second);
  attempt.earlier["v1.34/cp1/kubelet-restart"] = {{"restarted_at", std::to_string(moment)}};
  return attempt;
}

bool waited_for(const Drive& end, const std::string& what) {
  for (const std::string& wait : end.waits) {
    if (wait.find(what) != std::string::npos) return true;
  }
  return false;
}

ControlPlaneWorld upgraded() {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  return world;
}

}  // namespace

TEST_CASE("trap 1: static pods that restart seconds after the kubelet are waited for to the end") {
  ControlPlaneWorld world = upgraded();
  world.at(108, [&] {
    world.api = world.renewing = world.access = false;
    world.restart_all();
  });
  world.at(140, [&] { world.api = true; });
  world.at(144, [&] { world.access = true; });
  world.at(156, [&] { world.renewing = true; });
  const Drive end = drive(static_pods_healthy(), kubelet_restarted_at(97), world);
  REQUIRE(end.done);
  CHECK(end.done->message == "static pods of cp1 restarted and well");
  CHECK(waited_for(end, "etcd to restart or stay for 20 s"));
  CHECK(waited_for(end, "/readyz to answer (connection refused)"));
  CHECK(waited_for(end, "/readyz to hold for 10 s"));
  CHECK(waited_for(end, "access to configmaps/coredns (HTTP 403)"));
  CHECK(waited_for(end, "kube-scheduler's lease to be renewed"));
  // The leases come last, two seconds at most after they are taken up; nothing is added to that.
  CHECK(world.now() >= 156);
  CHECK(world.now() < 159);
}

TEST_CASE("static pods that are not restarted are well when they stayed for 20 s") {
  ControlPlaneWorld world = upgraded();
  const Drive end = drive(static_pods_healthy(), kubelet_restarted_at(99), world);
  REQUIRE(end.done);
  CHECK(end.attempt.elapsed >= Seconds{20});
  CHECK(end.attempt.elapsed < Seconds{22});
}

TEST_CASE("a static pod that restarts late starts its 20 s anew unless it is new") {
  ControlPlaneWorld world = upgraded();
  world.at(119, [&] { world.restart("etcd"); });
  const Drive end = drive(static_pods_healthy(), kubelet_restarted_at(99), world);
  REQUIRE(end.done);
  CHECK(end.attempt.elapsed < Seconds{22});

  // Without the moment of the restart, nothing counts as new.
  ControlPlaneWorld other = upgraded();
  other.at(119, [&] { other.restart("etcd"); });
  const Drive later = drive(static_pods_healthy(), {}, other);
  REQUIRE(later.done);
  CHECK(later.attempt.elapsed >= Seconds{39});
}

TEST_CASE("a lease renewed by the process that was there before the restart does not count") {
  ControlPlaneWorld world = upgraded();
  world.at(104, [&] {
    world.restart_all();
    world.renewing = false;
  });
  world.at(130, [&] { world.renewing = true; });
  const Drive end = drive(static_pods_healthy(), kubelet_restarted_at(99), world);
  REQUIRE(end.done);
  CHECK(world.now() >= 130);
}

TEST_CASE("/readyz counts anew after every other answer") {
  ControlPlaneWorld world = upgraded();
  world.at(101, [&] { world.restart_all(); });
  world.at(109, [&] { world.ready = false; });
  world.at(110, [&] { world.ready = true; });
  const Drive end = drive(static_pods_healthy(), kubelet_restarted_at(99), world);
  REQUIRE(end.done);
  CHECK(waited_for(end, "/readyz to say ok (HTTP 500)"));
  CHECK(world.now() >= 120);
}

TEST_CASE("S16: what is missing at the deadline is named, shortest first") {
  ControlPlaneWorld world = upgraded();
  world.pods["etcd"].ready = false;
  world.pods["etcd"].containers[0].waiting_reason = "CrashLoopBackOff";
  world.pods.erase("kube-scheduler");
  world.pods["kube-apiserver"].images = {"registry.k8s.io/kube-apiserver:v1.33.13"};
  Step step = static_pods_healthy();
  step.timeout = std::chrono::seconds{30};
  const Drive end = drive(step, kubelet_restarted_at(99), world);
  CHECK_FALSE(end.done);
  CHECK_FALSE(end.fail);
  CHECK(end.attempt.elapsed > Seconds{30});
  CHECK(end.waits.back() ==
        "kube-scheduler to start, kube-apiserver at v1.34.4, kube-scheduler at v1.34.4, etcd to be "
        "ready (CrashLoopBackOff)");
}

TEST_CASE("S18: an API server that does not answer is asked for nothing but /readyz") {
  ControlPlaneWorld world = upgraded();
  world.api = false;
  Step step = static_pods_healthy();
  step.timeout = std::chrono::seconds{10};
  const Drive end = drive(step, kubelet_restarted_at(99), world);
  CHECK_FALSE(end.fail);
  for (const std::string& path : world.asked) CHECK(path == "/readyz");
}

TEST_CASE("a gate that answers well asks everything in the second round, at once") {
  ControlPlaneWorld world = upgraded();
  const Step step = static_pods_healthy();
  Attempt attempt = kubelet_restarted_at(99);
  CHECK(look_static_pods_healthy(step, attempt).requests.size() == 1);
  const Decision decision = decide_once(step, attempt, {world.get({.path = "/readyz"})});
  CHECK(std::get<Wait>(decision.next).pause == std::chrono::milliseconds{0});
  attempt.notes = decision.remember;
  CHECK(look_static_pods_healthy(step, attempt).requests.size() == 6);
}

}  // namespace drover::plans
