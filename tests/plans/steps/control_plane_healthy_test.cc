#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

Step control_plane_healthy(const Hop& hop = Hop{}) {
  return make_control_plane_healthy(hop.scope(), hop.host("cp1"));
}

Attempt apply_started_at(double second) {
  Attempt attempt;
  attempt.run = "run";
  const auto moment = ControlPlaneWorld::kEpoch + static_cast<long long>(second);
  attempt.earlier["v1.34/cp1/upgrade-apply"] = {{"started_at", std::to_string(moment)}};
  return attempt;
}

}  // namespace

TEST_CASE("a control plane that kubeadm has just restarted is well after /readyz held") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  world.restart_all();
  const Drive end = drive(control_plane_healthy(), apply_started_at(20), world);
  REQUIRE(end.done);
  CHECK(end.done->message == "control plane of cp1 well at v1.34.4");
  CHECK(end.attempt.elapsed >= Seconds{10});
  CHECK(end.attempt.elapsed < Seconds{12});
}

TEST_CASE("an image that is not at the hop is named") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  world.restart_all();
  world.pods["kube-scheduler"].images = {"registry.k8s.io/kube-scheduler:v1.33.13"};
  Step step = control_plane_healthy();
  step.timeout = std::chrono::seconds{30};
  const Drive end = drive(step, apply_started_at(20), world);
  CHECK_FALSE(end.done);
  CHECK(end.waits.back() == "kube-scheduler at v1.34.4");
}

TEST_CASE("parts that kubeadm left as they were need not restart") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  world.restart("kube-apiserver");
  const Drive end = drive(control_plane_healthy(), apply_started_at(20), world);
  REQUIRE(end.done);
  CHECK(end.attempt.elapsed >= Seconds{20});
  CHECK(end.attempt.elapsed < Seconds{22});
}

TEST_CASE("a control plane without leader election or CoreDNS is well without them") {
  ControlPlaneWorld world;
  world.upgrade("v1.34.4");
  world.restart_all();
  const Step step = control_plane_healthy();
  Attempt attempt = apply_started_at(20);
  attempt.notes = {{"readyz", "ok"}, {"readyz_since", "0.000"}};
  attempt.elapsed = Seconds{30};
  std::vector<Result<ApiResponse>> answers;
  for (const ApiRequest& request : look_control_plane_healthy(step, attempt).requests) {
    const bool absent = request.path.find("/leases/") != std::string::npos ||
                        request.path.find("coredns") != std::string::npos;
    answers.push_back(absent ? refusal(404, "NotFound", "none") : world.get(request));
  }
  CHECK(summary(decide_once(step, attempt, answers)) ==
        "done: control plane of cp1 well at v1.34.4");
}

TEST_CASE("S18: answers that make no sense and refusals are outlasted, each by its name") {
  const Step step = control_plane_healthy();
  Attempt attempt = apply_started_at(20);
  attempt.notes = {{"readyz", "ok"}, {"readyz_since", "0.000"}};
  attempt.elapsed = Seconds{30};
  const Result<ApiResponse> forbidden = refusal(403, "Forbidden", "no");
  CHECK(
      summary(
          decide_once(step, attempt,
                      {ok("ok"), ok("<html>"), forbidden, no_answer(), forbidden, no_answer()})) ==
      "wait: access to configmaps/coredns, the static pods of cp1 to be shown, "
      "kube-scheduler's lease to be renewed, kube-controller-manager's lease to be renewed, access "
      "to configmaps/kubeadm-config (HTTP 403)");
}

TEST_CASE("external etcd is no static pod of the node") {
  Hop hop;
  CHECK(control_plane_healthy(hop).param("static_pods") ==
        "etcd kube-apiserver kube-controller-manager kube-scheduler");
  hop.facts.kubeadm.external_etcd = true;
  CHECK(control_plane_healthy(hop).param("static_pods") ==
        "kube-apiserver kube-controller-manager kube-scheduler");
}

TEST_CASE("trap 3: a control plane gets at least five minutes, and some for its API") {
  Hop hop;
  hop.upgrade.health.timeout = std::chrono::seconds{30};
  CHECK(control_plane_healthy(hop).timeout == std::chrono::minutes{7});
  hop.upgrade.health.timeout = std::chrono::minutes{10};
  CHECK(control_plane_healthy(hop).timeout == std::chrono::minutes{12});
}

}  // namespace drover::plans
