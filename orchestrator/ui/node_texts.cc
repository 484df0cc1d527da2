#include "orchestrator/ui/node_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/json_line.h"
#include "orchestrator/ui/words.h"
#include "plans/plan_file.h"
#include "plans/steps/kind.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::DrainPreview;
using plans::NodeAction;
using plans::StayingPod;
using plans::StepKind;

std::string shown(const std::string& text) { return sanitise(text, 1000); }

/// "node/w1 cordoned" of a step.
std::string_view past_of(StepKind kind) {
  switch (kind) {
    case StepKind::Cordon:
      return "cordoned";
    case StepKind::Drain:
      return "drained";
    case StepKind::Reboot:
      return "rebooted";
    case StepKind::Uncordon:
      return "uncordoned";
    default:
      return "";
  }
}

std::string_view why_it_stays(StayingPod::Why why) {
  switch (why) {
    case StayingPod::OfDaemonSet:
      return "its DaemonSet would start it again at once";
    case StayingPod::Static:
      return "a static pod";
    case StayingPod::Going:
      return "terminating already, it is waited for";
  }
  return "";
}

std::string warning(std::string_view what, const std::vector<std::string>& pods) {
  return pods.empty() ? "" : fmt::format("Warning: {}: {}\n", what, shown(join(pods, ", ")));
}

std::vector<std::string> staying(const DrainPreview& drain, StayingPod::Why why) {
  std::vector<std::string> pods;
  for (const StayingPod& pod : drain.stays) {
    if (pod.why == why) pods.push_back(pod.pod);
  }
  return pods;
}

/// One node's pods, as kubectl drain --dry-run lists them, and why the drain would wait or fail.
std::string drain_text(const DrainPreview& drain, std::string_view mark) {
  std::string out =
      warning("ignoring DaemonSet-managed Pods", staying(drain, StayingPod::OfDaemonSet)) +
      warning("deleting Pods that declare no controller", drain.unmanaged) +
      warning("deleting Pods with local storage", drain.local_data);
  for (const std::string& pod : drain.drain.evicts) {
    out += fmt::format("evicting pod {}{}\n", shown(pod), mark);
  }
  for (const StayingPod& pod : drain.stays) {
    if (pod.why == StayingPod::OfDaemonSet) continue;
    out += fmt::format("  stays: {}: {}\n", shown(pod.pod), why_it_stays(pod.why));
  }
  for (const std::string& line : drain.drain.pending) {
    out += fmt::format("  waits: {}\n", shown(line));
  }
  for (const std::string& line : drain.drain.blocked_by) {
    out += fmt::format("  blocks: {}\n", shown(plans::in_options(line)));
  }
  return out;
}

const DrainPreview* drain_of(const NodePreview& preview, const std::string& host) {
  const auto found = std::find_if(preview.drains.begin(), preview.drains.end(),
                                  [&](const DrainPreview& one) { return one.host == host; });
  return found == preview.drains.end() ? nullptr : &*found;
}

// Without steps something blocks: the drains alone tell which node, and the verdicts why.
std::string blocked_text(const NodePreview& preview, std::string_view mark) {
  std::string out;
  for (const DrainPreview& drain : preview.drains) {
    out += drain_text(drain, mark);
    const bool cannot = !drain.drain.blocked_by.empty();
    out += fmt::format("node/{} {}{}\n", shown(drain.drain.node),
                       cannot ? "cannot be drained" : "drained", mark);
  }
  return out;
}

std::string widths(const plans::Plan& plan, NodeAction action) {
  const int width = action == NodeAction::Drain ? plan.rollout.drains_at_once : plan.rollout.budget;
  return fmt::format("at most {} at a time", width);
}

ordered_json preview_node(const NodePreview& preview, const std::string& host) {
  ordered_json json = {{"node", host}, {"kubernetes_node", host}};
  json["steps"] = ordered_json::array();
  for (const plans::Step& step : preview.plan.steps) {
    if (step.node != host) continue;
    json["kubernetes_node"] = step.param("node").empty() ? host : step.param("node");
    json["steps"].push_back(step.id);
  }
  const DrainPreview* drain = drain_of(preview, host);
  if (drain == nullptr) return json;
  json["kubernetes_node"] = drain->drain.node;
  json["evicts"] = drain->drain.evicts;
  json["stays"] = ordered_json::array();
  for (const StayingPod& pod : drain->stays) {
    json["stays"].push_back({{"pod", pod.pod}, {"why", why_it_stays(pod.why)}});
  }
  json["pending"] = drain->drain.pending;
  json["blocked_by"] = ordered_json::array();
  for (const std::string& line : drain->drain.blocked_by) {
    json["blocked_by"].push_back(plans::in_options(line));
  }
  return json;
}

std::vector<std::string> hosts_of(const NodePreview& preview) {
  std::vector<std::string> hosts;
  const auto add = [&](const std::string& host) {
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
  };
  for (const plans::Step& step : preview.plan.steps) add(step.node);
  for (const DrainPreview& drain : preview.drains) add(drain.host);
  return hosts;
}

ordered_json verdicts_json(const plans::Plan& plan) {
  ordered_json list = ordered_json::array();
  for (const plans::Verdict& verdict : plan.verdicts) {
    list.push_back({{"check", verdict.check},
                    {"severity", plans::severity_name(verdict.severity)},
                    {"subject", verdict.subject},
                    {"message", verdict.message},
                    {"remedy", verdict.remedy}});
  }
  return list;
}

ordered_json head(NodeAction action, const plans::Plan& plan, bool dry_run) {
  return {{"v", 1},
          {"kind", "Node"},
          {"action", plans::action_name(action)},
          {"cluster", plan.cluster},
          {"dry_run", dry_run}};
}

// ASCII only: names and messages may be text that acts on a terminal, and need not be UTF-8 (S13).
}  // namespace

std::string node_preview_text(const NodePreview& preview, const TextStyle& style) {
  std::string out;
  const std::size_t nodes = hosts_of(preview).size();
  const bool drains = !preview.drains.empty();
  if (drains && nodes > 1) {
    out += fmt::format("{} of cluster {}, {}, in this order:\n", plural(nodes, "node"),
                       shown(preview.plan.cluster), widths(preview.plan, preview.action));
  }
  const std::string_view mark = preview.dry_run ? " (dry run)" : " (planned)";
  if (preview.plan.steps.empty()) out += blocked_text(preview, mark);
  for (const plans::Step& step : preview.plan.steps) {
    const DrainPreview* drain =
        step.kind == StepKind::Drain ? drain_of(preview, step.node) : nullptr;
    if (drain != nullptr) out += drain_text(*drain, mark);
    const std::string_view past = past_of(step.kind);
    const std::string& node = step.param("node").empty() ? step.node : step.param("node");
    if (!past.empty()) out += fmt::format("node/{} {}{}\n", shown(node), past, mark);
  }
  const std::string verdicts = verdicts_text(preview.plan.verdicts, style);
  if (!verdicts.empty() && !out.empty()) out += '\n';
  return out + verdicts;
}

std::string node_preview_json(const NodePreview& preview, int exit_code) {
  ordered_json json = head(preview.action, preview.plan, true);
  json["exit_code"] = exit_code;
  json["nodes"] = ordered_json::array();
  for (const std::string& host : hosts_of(preview)) {
    json["nodes"].push_back(preview_node(preview, host));
  }
  json["verdicts"] = verdicts_json(preview.plan);
  return json_line(json);
}

std::string node_result_json(NodeAction action, const plans::Plan& plan, const NodeReport& report,
                             const std::string& run, int exit_code) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? ordered_json() : ordered_json(text);
  };
  ordered_json json = head(action, plan, false);
  json["run"] = or_null(run);
  json["status"] = status_name(report.end().status);
  json["exit_code"] = exit_code;
  json["nodes"] = ordered_json::array();
  for (const NodeResult& result : report.results()) {
    json["nodes"].push_back({{"node", result.host},
                             {"kubernetes_node", result.node},
                             {"status", result.status},
                             {"evicted", result.evicted},
                             {"error", or_null(plans::in_options(result.error.message))},
                             {"remedy", or_null(plans::in_options(result.error.remedy))}});
  }
  json["left"] = report.end().left;
  json["message"] = report.end().message;
  json["verdicts"] = verdicts_json(plan);
  return json_line(json);
}

}  // namespace drover::orchestrator
