#include <algorithm>
#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "tests/support/control_plane_world.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;
using Catch::Matchers::Contains;

Step restart(bool external_etcd = false) {
  Hop hop;
  hop.facts.kubeadm.external_etcd = external_etcd;
  Scope scope = hop.scope();
  scope.node_command = "certs renew";
  return make_static_pods_restart(scope, hop.host("cp1"));
}

std::string component_of(const Command& command) {
  for (const std::string& line : split_lines(command.script)) {
    if (line.starts_with("name=")) return line.substr(5);
  }
  return "";
}

/// A world whose kubelet starts a stopped container anew after two seconds.
struct Restarting {
  Restarting() {
    world.on_run = [this](const Command& command) {
      const std::string component = component_of(command);
      stopped.push_back(component);
      const bool serves = component == "etcd" || component == "kube-apiserver";
      if (serves) world.api = false;
      const auto moment = ControlPlaneWorld::kEpoch + static_cast<long long>(world.now());
      world.at(world.now() + 2, [this, component] {
        world.restart(component);
        world.api = true;
      });
      return finished(0, "stopped_at " + std::to_string(moment) + "\n");
    };
  }
  ControlPlaneWorld world;
  std::vector<std::string> stopped;
};

/// Answers of etcd's members, and a gate that is met.
CommandResult members(bool healthy) {
  return finished(
      0, std::string("status 0 [{\"Endpoint\":\"e\",\"Status\":{\"header\":{\"member_id\":1},"
                     "\"leader\":1,\"dbSize\":1}}]\nmembers ") +
             (healthy ? "0" : "1") + " [{\"endpoint\":\"https://10.0.0.12:2379\",\"health\":" +
             (healthy ? "true" : "false,\"error\":\"context deadline exceeded\"") + "}]\n");
}

}  // namespace

TEST_CASE("S3: what stops a static pod is this") {
  const Step step = restart();
  CHECK(step.id == "node/cp1/static-pods-restart");
  REQUIRE(step.commands.size() == 4);
  for (const Command& command : step.commands) {
    CHECK(command.mutates);
    CHECK(syntax_errors(command.script) == "");
  }
  check_golden("commands/static_pod_stop.sh", step.commands[1].script);
  CHECK(kind_of(step.kind).unknown == UnknownPolicy::RunAgain);
}

TEST_CASE("static pods are restarted one after the other, each when the one before is back") {
  Restarting bed;
  const Drive end = drive(restart(), {}, bed.world);
  REQUIRE(end.done);
  CHECK(end.done->message ==
        "etcd, kube-apiserver, kube-controller-manager, kube-scheduler restarted");
  CHECK(bed.stopped == std::vector<std::string>{"etcd", "kube-apiserver", "kube-controller-manager",
                                                "kube-scheduler"});
  // What comes after looks for containers that are newer than the first stop.
  CHECK(std::stoll(end.attempt.note("restarted_at")) < ControlPlaneWorld::kEpoch + 110);
  // None of the four is waited for longer than it takes.
  CHECK(bed.world.now() < 100 + 4 * 10);
}

TEST_CASE("an etcd that is elsewhere is not restarted") {
  Restarting bed;
  REQUIRE(drive(restart(true), {}, bed.world).done);
  CHECK(bed.stopped ==
        std::vector<std::string>{"kube-apiserver", "kube-controller-manager", "kube-scheduler"});
}

TEST_CASE("what restarted by itself while the API was away is not stopped again") {
  Restarting bed;
  const auto stops = bed.world.on_run;
  bed.world.on_run = [&](const Command& command) {
    const CommandResult result = stops(command);
    if (component_of(command) == "kube-apiserver")
      bed.world.at(bed.world.now() + 4, [&] { bed.world.restart("kube-scheduler"); });
    return result;
  };
  const Drive end = drive(restart(), {}, bed.world);
  REQUIRE(end.done);
  CHECK(bed.stopped ==
        std::vector<std::string>{"etcd", "kube-apiserver", "kube-controller-manager"});
}

TEST_CASE("a scheduler that is not well is no reason to restart nothing: it may be cured by that") {
  Restarting bed;
  Pod& scheduler = bed.world.pods.at("kube-scheduler");
  scheduler.ready = false;
  const auto stops = bed.world.on_run;
  bed.world.on_run = [&](const Command& command) {
    const CommandResult result = stops(command);
    if (component_of(command) == "kube-scheduler")
      bed.world.at(bed.world.now() + 3, [&] { scheduler.ready = true; });
    return result;
  };
  REQUIRE(drive(restart(), {}, bed.world).done);
  CHECK(bed.stopped.size() == 4);
}

TEST_CASE("S7: without an API server that is well nothing is stopped") {
  Restarting bed;
  bed.world.pods.at("kube-apiserver").ready = false;
  CHECK_FALSE(drive(restart(), {}, bed.world).done);
  CHECK(bed.stopped.empty());
}

TEST_CASE("one that does not come back keeps the others from being stopped") {
  Restarting bed;
  const auto stops = bed.world.on_run;
  bed.world.on_run = [&](const Command& command) {
    const CommandResult result = stops(command);
    if (component_of(command) == "kube-apiserver")
      bed.world.at(bed.world.now() + 1, [&] { bed.world.ready = false; });
    return result;
  };
  const Drive end = drive(restart(), {}, bed.world);
  CHECK_FALSE(end.done);
  CHECK(bed.stopped == std::vector<std::string>{"etcd", "kube-apiserver"});
}

TEST_CASE("S7: nothing is stopped while a member of etcd is not well") {
  ControlPlaneWorld world;
  const Step step = restart();
  Attempt attempt;
  std::string text;
  for (int i = 0; i < 100 && !text.starts_with("run"); ++i) {
    Answers answers;
    const Queries queries = look_static_pods_restart(step, attempt);
    REQUIRE(queries.commands.size() == 1);
    answers.commands.push_back(members(i >= 50));
    for (const ApiRequest& request : queries.requests)
      answers.responses.push_back(world.get(request));
    const Decision decision = decide_static_pods_restart(step, attempt, answers);
    text = told(decision);
    for (const auto& [name, value] : decision.remember) attempt.notes[name] = value;
    if (i == 49)
      CHECK_THAT(text, Contains("wait: all members of etcd to be well: https://10.0.0.12:2379 is "
                                "not healthy: context deadline exceeded"));
    world.pass(std::chrono::milliseconds(500));
    attempt.elapsed += Seconds{0.5};
  }
  CHECK(text == "run 0");
}

TEST_CASE("with the API away nothing is asked, and nothing waited for") {
  Hop hop;
  Scope scope = hop.scope();
  scope.node_command = "certs renew";
  const Step step = make_static_pods_restart_unseen(scope, hop.host("cp1"));
  REQUIRE(step.commands.size() == 4);
  CHECK(restarts_unseen(step));
  CHECK_FALSE(restarts_unseen(restart()));
  Restarting bed;
  bed.world.api = false;
  bed.world.on_run = [&](const Command& command) {
    bed.stopped.push_back(component_of(command));
    return finished(0, "stopped_at " + std::to_string(ControlPlaneWorld::kEpoch) + "\n");
  };
  const Attempt none;
  CHECK(look_static_pods_restart(step, none).requests.empty());
  CHECK(look_static_pods_restart(step, none).commands.empty());
  const Drive end = drive(step, {}, bed.world);
  REQUIRE(end.done);
  CHECK(bed.stopped == std::vector<std::string>{"etcd", "kube-apiserver", "kube-controller-manager",
                                                "kube-scheduler"});
  CHECK_THAT(told(decide_static_pods_restart(step, after(finished(1, "", "E: no\n")), {})),
             Contains("fail: cp1: stopping etcd"));
}

TEST_CASE("a stop that fails is told with what crictl said") {
  const Step step = restart();
  const Attempt failed = after(finished(1, "", "E: no such container\n"));
  CHECK_THAT(told(decide_static_pods_restart(step, failed, {})),
             Contains("fail: cp1: stopping etcd") && Contains("no such container"));
}

}  // namespace drover::plans
