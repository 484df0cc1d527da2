#include "plans/describe/trouble.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using ContainerKind = ContainerDetail::Kind;
using State = ContainerDetail::State;

ContainerDetail running(const std::string& name = "app") {
  return {.name = name,
          .id = "id",
          .state = State::Running,
          .running_since = "2026-11-28T07:00:00Z",
          .ready = true,
          .started = true};
}

PodDetail pod(std::vector<ContainerDetail> containers) {
  PodDetail pod;
  pod.pod.ns = "shop";
  pod.pod.name = "web-1";
  pod.pod.phase = "Running";
  pod.conditions = {{.type = "Ready", .status = "True"}};
  pod.containers = std::move(containers);
  return pod;
}

ContainerDetail ended(int code, const std::string& reason = "",
                      ContainerKind kind = ContainerKind::App) {
  return {
      .name = "app",
      .kind = kind,
      .state = State::Ended,
      .end = ContainerEnd{.exit_code = code, .reason = reason, .finished = "2026-11-28T07:30:00Z"}};
}

ContainerDetail waiting(const std::string& reason, ContainerKind kind = ContainerKind::App) {
  return {.name = "app", .kind = kind, .state = State::Waiting, .reason = reason};
}

ClusterEvent unhealthy(const std::string& message, const std::string& last,
                       const std::string& container = "app") {
  ClusterEvent event;
  event.type = "Warning";
  event.reason = "Unhealthy";
  event.message = message;
  event.object = {"Pod", "shop", "web-1", "spec.containers{" + container + "}"};
  event.last = last;
  return event;
}

std::string texts(const std::vector<Trouble>& troubles) {
  std::string text;
  for (const Trouble& one : troubles)
    text += one.text + (one.since.empty() ? "" : " @" + one.since.substr(11, 5)) + '\n';
  return text;
}

std::string troubles(const PodDetail& of, const std::vector<ClusterEvent>& events = {},
                     const Node* node = nullptr) {
  return texts(pod_troubles(of, events, node));
}

}  // namespace

TEST_CASE("a pod's status as kubectl prints it") {
  CHECK(pod_status(pod({running()})) == "Running");
  CHECK(pod_status(pod({running(), waiting("CrashLoopBackOff")})) == "CrashLoopBackOff");
  CHECK(pod_status(pod({waiting("ImagePullBackOff"), running()})) == "ImagePullBackOff");
  CHECK(pod_status(pod({ended(1, "Error")})) == "Error");
  CHECK(pod_status(pod({ended(3)})) == "ExitCode:3");
  CHECK(pod_status(pod({ended(0, "Completed")})) == "Completed");
  CHECK(pod_status(pod({ended(0, "Completed"), running()})) == "Running");

  PodDetail killed = pod({ended(0)});
  killed.containers[0].end->signal = 9;
  CHECK(pod_status(killed) == "Signal:9");

  const ContainerDetail fresh{.name = "app", .state = State::Waiting, .reason = "PodInitializing"};
  CHECK(pod_status(pod({fresh, waiting("PodInitializing", ContainerKind::Init),
                        ended(0, "Completed", ContainerKind::Init)})) == "Init:0/2");
  CHECK(pod_status(pod({fresh, ended(0, "Completed", ContainerKind::Init),
                        waiting("", ContainerKind::Init)})) == "Init:1/2");
  CHECK(pod_status(pod({fresh, ended(2, "Error", ContainerKind::Init)})) == "Init:Error");
  CHECK(pod_status(pod({fresh, waiting("ErrImagePull", ContainerKind::Init)})) ==
        "Init:ErrImagePull");
  ContainerDetail mesh = running("mesh");
  mesh.kind = ContainerKind::Sidecar;
  CHECK(pod_status(pod({running(), mesh})) == "Running");

  PodDetail evicted = pod({});
  evicted.pod.phase = "Failed";
  evicted.reason = "Evicted";
  CHECK(pod_status(evicted) == "Evicted");
  evicted.deleted = "2026-11-28T08:00:00Z";
  CHECK(pod_status(evicted) == "Terminating");
  evicted.reason = "NodeLost";
  CHECK(pod_status(evicted) == "Unknown");
  PodDetail pending = pod({{.name = "app"}});
  pending.pod.phase = "Pending";
  CHECK(pod_status(pending) == "Pending");
}

TEST_CASE("a pod that is well has no trouble") {
  CHECK(troubles(pod({running()})).empty());
  ContainerDetail init = ended(0, "Completed", ContainerKind::Init);
  CHECK(troubles(pod({running(), init})).empty());
  CHECK(troubles(pod({ended(0, "Completed")})).empty());  // a Job's
  CHECK(troubles(pod({waiting("ContainerCreating")})).empty());
}

TEST_CASE("how containers ended") {
  ContainerDetail app = running();
  app.restarts = 4;
  app.last_end =
      ContainerEnd{.exit_code = 137, .reason = "OOMKilled", .finished = "2026-11-28T07:59:00Z"};
  CHECK(troubles(pod({app})) ==
        "container app was killed for using more memory than it may (OOMKilled, exit code 137); it "
        "was started again 4 times @07:59\n");
  app.last_end = ContainerEnd{.exit_code = 1, .reason = "Error", .message = "no\n\x1b[31mdb"};
  app.restarts = 1;
  CHECK(troubles(pod({app})) ==
        "container app ended with exit code 1: no\\n\\x1b[31mdb; it was started again once\n");
  app.last_end = ContainerEnd{.exit_code = 0, .reason = "Completed"};
  CHECK(troubles(pod({app})) ==
        "container app ended with exit code 0 (Completed); it was started again once\n");
  CHECK(troubles(pod({running(), ended(2, "Error", ContainerKind::Init)})) ==
        "container app ended with exit code 2 @07:30\n");
}

TEST_CASE("what containers wait for") {
  ContainerDetail app = waiting("ImagePullBackOff");
  app.message = "Back-off pulling image \"shop/web:3\"";
  CHECK(troubles(pod({app})) ==
        "container app waits: ImagePullBackOff: Back-off pulling image \"shop/web:3\"\n");
  app = waiting("CrashLoopBackOff");
  app.last_end = ContainerEnd{.exit_code = 1, .reason = "Error"};
  app.restarts = 2;
  CHECK(troubles(pod({app})) ==
        "container app waits: CrashLoopBackOff\n"
        "container app ended with exit code 1; it was started again 2 times\n");
}

TEST_CASE("not ready without a probe, and by a gate") {
  ContainerDetail app = running();
  app.ready = false;
  CHECK(troubles(pod({app})) == "container app runs and is not ready: nothing says why @07:00\n");
  PodDetail gated = pod({running()});
  gated.conditions = {
      {.type = "Ready",
       .status = "False",
       .reason = "ReadinessGatesNotReady",
       .message = "corresponding condition of pod readiness gate \"lb\" does not exist.",
       .since = "2026-11-28T07:05:00Z"}};
  CHECK(troubles(gated) ==
        "its readiness gates keep it unready: corresponding condition of pod readiness gate \"lb\" "
        "does not exist. @07:05\n");
}

TEST_CASE("which probe fails, in the words of its newest event") {
  ContainerDetail app = running();
  app.readiness_probe = true;
  app.ready = false;
  CHECK(troubles(pod({app})) ==
        "container app runs and is not ready: its readiness probe fails @07:00\n");
  const std::vector<ClusterEvent> events = {
      unhealthy("Readiness probe failed: old", "2026-11-28T07:10:00Z"),
      unhealthy("Readiness probe failed: 503", "2026-11-28T07:20:00Z"),
      unhealthy("of another one", "2026-11-28T07:30:00Z", "proxy")};
  CHECK(troubles(pod({app}), events) ==
        "container app runs and is not ready: its readiness probe fails: Readiness probe failed: "
        "503 @07:20\n");
  app.startup_probe = true;
  app.started = false;
  CHECK(troubles(pod({app})).find("its startup probe has not passed yet") != std::string::npos);
  // A liveness probe that fails leaves it ready, until it is started again.
  const std::vector<ClusterEvent> alive = {
      unhealthy("Liveness probe failed: timeout", "2026-11-28T07:20:00Z")};
  CHECK(troubles(pod({running()}), alive) ==
        "container app failed a probe: Liveness probe failed: timeout @07:20\n");
  ContainerDetail again = running();
  again.running_since = "2026-11-28T07:25:00Z";
  CHECK(troubles(pod({again}), alive).empty());
}

TEST_CASE("a pod that cannot be placed, is going, or whose node is away") {
  PodDetail pending = pod({{.name = "app"}});
  pending.conditions = {{"PodScheduled", "False", "Unschedulable",
                         "0/3 nodes are available: 3 Insufficient cpu.", "2026-11-28T07:40:00Z"}};
  CHECK(troubles(pending) ==
        "no node takes it (Unschedulable): 0/3 nodes are available: 3 Insufficient cpu. @07:40\n");
  PodDetail going = pod({running()});
  going.deleted = "2026-11-28T07:50:00Z";
  going.pod.finalizers = {"shop.example/keep"};
  CHECK(troubles(going) ==
        "it is being deleted, to be gone by 2026-11-28T07:50:00Z; finalizers keep it: "
        "shop.example/keep\n");
  PodDetail evicted = pod({});
  evicted.reason = "Evicted";
  evicted.message = "The node was low on resource: memory.";
  CHECK(troubles(evicted) == "Evicted: The node was low on resource: memory.\n");
  Node node;
  node.name = "w1";
  node.ready_reason = "NodeStatusUnknown: Kubelet stopped posting node status.";
  CHECK(troubles(pod({running()}), {}, &node) ==
        "its node w1 is not ready: NodeStatusUnknown: Kubelet stopped posting node status.\n");
  node.ready = true;
  CHECK(troubles(pod({running()}), {}, &node).empty());
}

TEST_CASE("what is wrong with a node") {
  NodeDetail node;
  CHECK(texts(node_troubles(node)) ==
        "it has no Ready condition: its kubelet has never told how it is\n");
  node.conditions = {{"MemoryPressure", "False", "", "", ""}, {"Ready", "True", "", "", ""}};
  CHECK(node_troubles(node).empty());
  node.conditions = {{"MemoryPressure", "True", "KubeletHasInsufficientMemory",
                      "kubelet has insufficient memory", "2026-11-28T07:10:00Z"},
                     {"DiskPressure", "Unknown", "NodeStatusUnknown", "", ""},
                     {"Ready", "False", "KubeletNotReady", "no CNI", "2026-11-28T07:00:00Z"}};
  CHECK(texts(node_troubles(node)) ==
        "MemoryPressure is True (KubeletHasInsufficientMemory): kubelet has insufficient memory "
        "@07:10\n"
        "DiskPressure is Unknown (NodeStatusUnknown)\n"
        "Ready is False (KubeletNotReady): no CNI @07:00\n");
}

}  // namespace drover::plans
