#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "inventory/base/duration.h"
#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/step_kind.h"

/// Golden files of everything that the kinds which talk to the API and to kubeadm show and send,
/// and of what they read.
namespace drover::plans {
namespace {

std::string text_of(const ApiRequest& request) {
  std::string text = fmt::format("{} {}\n", verb_name(request.verb), request.path);
  if (!request.body.empty()) text += fmt::format("    {}\n", request.body);
  return text;
}

std::string text_of(const Step& step) {
  std::string text =
      fmt::format("{}\n{}\nbecause {}\ntimeout {}, about {}\n", step.id, step.title, step.why,
                  format_duration(step.timeout), format_duration(step.estimate));
  for (const auto& [name, value] : step.params) text += fmt::format("{}: {}\n", name, value);
  for (const Command& command : step.commands) {
    text +=
        fmt::format("\nrun, for {} at most:\n{}", format_duration(command.timeout), command.script);
  }
  for (const ApiRequest& request : step.requests) text += "\nsend " + text_of(request);
  const Kind& kind = kind_of(step.kind);
  Attempt attempt;
  // Notes with which a gate, and a drain, ask for everything.
  attempt.notes = {{"readyz", "ok"},
                   {"budgets", "yes"},
                   {"serving", "ReplicaSet/default ReplicationController/old StatefulSet/default"},
                   {"detach", "yes"},
                   {"volumes", "pv-1"}};
  text += "\n";
  for (const ApiRequest& request : kind.look(step, attempt).requests) {
    text += "read " + text_of(request);
  }
  return text;
}

}  // namespace

TEST_CASE("S3: what a step shows, sends and reads is as its golden file has it") {
  test::Hop hop;
  hop.upgrade.ignored_preflight = {"SystemVerification"};
  hop.upgrade.drain.grace_period = 30;
  const Scope scope = hop.scope();
  const Host& cp1 = hop.host("cp1");
  const Host& w1 = hop.host("w1");
  const std::vector<Step> steps = {
      make_preflight(scope),        make_upgrade_plan(scope),
      make_upgrade_apply(scope),    make_control_plane_healthy(scope, cp1),
      make_upgrade_node(scope, w1), make_cordon(scope, w1),
      make_drain(scope, w1),        make_node_healthy(scope, w1),
      make_uncordon(scope, w1),     make_static_pods_healthy(scope, cp1),
      make_settled(scope, w1),      make_addons_healthy(scope),
      make_verify(scope),
  };
  for (const Step& step : steps) {
    CAPTURE(step.id);
    test::check_golden(fmt::format("requests/{}.txt", kind_of(step.kind).name), text_of(step));
  }
}

}  // namespace drover::plans
