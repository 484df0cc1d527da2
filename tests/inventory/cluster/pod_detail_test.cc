#include "inventory/cluster/pod_detail.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

using Kind = ContainerDetail::Kind;
using State = ContainerDetail::State;

constexpr const char* kPod = R"({"kind":"Pod","metadata":{"namespace":"shop","name":"web-1",
 "uid":"u","creationTimestamp":"2026-11-28T07:00:00Z","deletionTimestamp":"2026-11-28T08:00:30Z",
 "annotations":{"kubectl.kubernetes.io/default-container":"app"}},
"spec":{"nodeName":"w1",
 "containers":[{"name":"app","image":"shop/web:2","livenessProbe":{},"readinessProbe":{}},
               {"name":"proxy","image":"proxy:1","startupProbe":{}}],
 "initContainers":[{"name":"migrate","image":"m:1"},
                   {"name":"mesh","image":"mesh:1","restartPolicy":"Always"}],
 "ephemeralContainers":[{"name":"debug","image":"busybox"}],
 "volumes":[{"name":"tmp","emptyDir":{}},{"name":"data","persistentVolumeClaim":{"claimName":"db"}},
            {"name":"scratch","ephemeral":{}},{"name":"odd","glusterfs":{}}]},
"status":{"phase":"Running","reason":"Odd","message":"as it is",
 "conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"[proxy]",
                "lastTransitionTime":"2026-11-28T07:30:00Z"}],
 "containerStatuses":[
  {"name":"proxy","containerID":"c2","restartCount":4,"ready":false,"started":false,
   "state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 40s"}},
   "lastState":{"terminated":{"exitCode":137,"signal":9,"reason":"OOMKilled","message":"bye",
     "startedAt":"2026-11-28T07:50:00Z","finishedAt":"2026-11-28T07:59:00Z"}}},
  {"name":"app","containerID":"c1","restartCount":0,"ready":true,"started":true,
   "state":{"running":{"startedAt":"2026-11-28T07:00:05Z"}}}],
 "initContainerStatuses":[{"name":"migrate","state":{"terminated":{"exitCode":0,
   "reason":"Completed"}}}]}})";

}  // namespace

TEST_CASE("a pod as somebody looks at it when something is wrong") {
  const auto read = parse_pod_detail(kPod);
  REQUIRE(read);
  CHECK(read->pod.full_name() == "shop/web-1");
  CHECK(read->pod.claims == std::vector<std::string>{"db", "web-1-scratch"});
  CHECK(read->created == "2026-11-28T07:00:00Z");
  CHECK(read->deleted == "2026-11-28T08:00:30Z");
  CHECK(read->reason == "Odd");
  CHECK(read->message == "as it is");
  CHECK(read->default_container == "app");
  REQUIRE(read->conditions.size() == 1);
  CHECK(read->conditions[0].reason == "ContainersNotReady");
  CHECK(read->conditions[0].since == "2026-11-28T07:30:00Z");

  std::string order;
  for (const ContainerDetail& one : read->containers) order += one.name + ' ';
  CHECK(order == "app proxy migrate mesh debug ");
  CHECK(read->find("migrate")->kind == Kind::Init);
  CHECK(read->find("mesh")->kind == Kind::Sidecar);
  CHECK(read->find("debug")->kind == Kind::Ephemeral);
  CHECK(read->find("none") == nullptr);

  const ContainerDetail& app = *read->find("app");
  CHECK(app.state == State::Running);
  CHECK(app.running_since == "2026-11-28T07:00:05Z");
  CHECK((app.liveness_probe && app.readiness_probe && !app.startup_probe));
  CHECK((app.ready && app.started && app.id == "c1"));
  const ContainerDetail& proxy = *read->find("proxy");
  CHECK(proxy.state == State::Waiting);
  CHECK(proxy.reason == "CrashLoopBackOff");
  CHECK(proxy.message == "back-off 40s");
  CHECK(proxy.restarts == 4);
  REQUIRE(proxy.last_end);
  CHECK(proxy.last_end->exit_code == 137);
  CHECK(proxy.last_end->signal == 9);
  CHECK(proxy.last_end->reason == "OOMKilled");
  CHECK(proxy.last_end->finished == "2026-11-28T07:59:00Z");
  CHECK(read->find("migrate")->state == State::Ended);
  CHECK(read->find("debug")->state == State::Unknown);

  std::string volumes;
  for (const PodVolume& volume : read->volumes)
    volumes +=
        volume.name + '=' + volume.kind + (volume.claim.empty() ? "" : ":") + volume.claim + ' ';
  CHECK(volumes ==
        "tmp=emptyDir data=persistentVolumeClaim:db scratch=ephemeral:web-1-scratch odd= ");
}

TEST_CASE("a pod that has nothing yet, and what is no pod") {
  const auto bare = parse_pod_details(R"({"kind":"PodList","items":[{"metadata":{"name":"a"},
      "spec":{"containers":[{"name":"app"}]},"status":{}}]})");
  REQUIRE(bare);
  REQUIRE(bare->size() == 1);
  CHECK(bare->front().containers.front().state == State::Unknown);
  CHECK_FALSE(parse_pod_detail(R"({"kind":"Status"})"));
  CHECK_FALSE(parse_pod_detail("<html>"));
}

}  // namespace drover
