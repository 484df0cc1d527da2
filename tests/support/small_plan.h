#pragma once

#include <string>

#include "plans/plan.h"

namespace drover::test {

/// A plan of bare steps, for tests of the loop around them: `cp` in one chain, then the workers,
/// each with cordon .. settled, then verify. Kinds are real, commands and requests are not.
inline plans::Step bare(plans::StepKind kind, const std::string& node, const std::string& name,
                        std::vector<std::string> needs) {
  plans::Step step;
  step.id = "v1.34/" + (node.empty() ? std::string("cluster") : node) + "/" + name;
  step.kind = kind;
  step.node = node;
  step.host = node;
  step.needs = std::move(needs);
  using enum plans::StepKind;
  if (kind == UpgradeApply || kind == KubeletRestart || kind == UpgradeNode) {
    step.commands = {{.script = "true\n", .mutates = true}};
  }
  if (kind == Cordon || kind == Drain || kind == Uncordon) {
    step.requests = {{.verb = Verb::Patch, .path = "/" + step.id, .body = "{}"}};
  }
  return step;
}

inline plans::Plan small_plan(int workers) {
  using enum plans::StepKind;
  plans::Plan plan;
  plan.cluster = "test";
  plan.target = "1.34.4";
  const auto add = [&](plans::Step step) {
    plan.steps.push_back(std::move(step));
    return plan.steps.back().id;
  };
  const std::string preflight = add(bare(Preflight, "", "preflight", {}));
  std::string last = preflight;
  for (const auto& [kind, name] : {std::pair{UpgradeApply, "upgrade-apply"},
                                   {Cordon, "cordon"},
                                   {KubeletRestart, "kubelet-restart"},
                                   {StaticPodsHealthy, "static-pods-healthy"},
                                   {Uncordon, "uncordon"},
                                   {Settled, "settled"}}) {
    last = add(bare(kind, "cp1", name, {last}));
  }
  const std::string addons = add(bare(AddonsHealthy, "", "addons-healthy", {last}));
  std::vector<std::string> ends = {addons};
  for (int i = 1; i <= workers; ++i) {
    const std::string node = "w" + std::to_string(i);
    last = addons;
    for (const auto& [kind, name] : {std::pair{Cordon, "cordon"},
                                     {Drain, "drain"},
                                     {UpgradeNode, "upgrade-node"},
                                     {Uncordon, "uncordon"},
                                     {Settled, "settled"}}) {
      last = add(bare(kind, node, name, {last}));
    }
    ends.push_back(last);
  }
  add(bare(Verify, "", "verify", ends));
  return plan;
}

}  // namespace drover::test
