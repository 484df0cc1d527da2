#include "plans/maintenance_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/graph.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/cordon_mark.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

bool is_chosen(const MaintenanceInput& input, const std::string& node) {
  return std::any_of(input.nodes.begin(), input.nodes.end(),
                     [&](const ChosenNode& one) { return one.host->node == node; });
}

const EarlierRun* find_run(const MaintenanceInput& input, const std::string& id) {
  const auto run = std::find_if(input.runs.begin(), input.runs.end(),
                                [&](const EarlierRun& one) { return one.id == id; });
  return run == input.runs.end() ? nullptr : &*run;
}

bool reboots(const MaintenanceInput& input) { return input.action == NodeAction::Reboot; }

/// Appends its verdicts one check after the other.
class Judges {
 public:
  Judges(const MaintenanceInput& input, const std::vector<ForeseenDrain>& drains)
      : input_(input), drains_(drains) {}

  std::vector<Verdict> all() && {
    locked();
    unfinished_runs();
    missing_nodes();
    if (reboots(input_)) wrong_machines();
    if (reboots(input_)) control_planes();
    if (reboots(input_)) budget();
    if (!drains_.empty()) not_ready();
    blocked_drains();
    if (reboots(input_)) kubelets();
    if (reboots(input_)) kept_cordons();
    if (input_.action == NodeAction::Uncordon) foreign_cordons();
    std::stable_sort(verdicts_.begin(), verdicts_.end(),
                     [](const Verdict& a, const Verdict& b) { return a.severity < b.severity; });
    return std::move(verdicts_);
  }

 private:
  void add(std::string check, Severity severity, std::string subject, std::string message,
           std::string remedy = "") {
    verdicts_.push_back(
        {std::move(check), severity, std::move(subject), std::move(message), std::move(remedy)});
  }

  const Node* node_of(const ChosenNode& node) const {
    return input_.facts.find_node(node.host->node);
  }

  CheckInput for_checks() const {
    return {input_.inventory, input_.file, input_.facts, {}, {}, drains_, false, input_.self};
  }

  void locked() {
    for (Verdict& verdict : check_locked(for_checks())) {
      add("locked", verdict.severity, verdict.subject, std::move(verdict.message),
          "`drover lock show` tells whether its holder lives");
    }
  }

  void unfinished_runs() {
    if (input_.action == NodeAction::Uncordon) return;  // foreign_cordons() says it, of its nodes
    for (const EarlierRun& run : input_.runs) {
      if (!run.unfinished || !run.upgrade) continue;
      add("unfinished-run", Severity::Warning, "cluster",
          fmt::format("run {} is an upgrade that is unfinished; it finds the nodes as this leaves "
                      "them",
                      run.id));
    }
  }

  void missing_nodes() {
    for (const ChosenNode& node : input_.nodes) {
      if (node_of(node) != nullptr) continue;
      add("not-in-cluster", Severity::Blocker, node.host->name,
          fmt::format("host {} ({}): the cluster has no node {}", node.host->name,
                      node.host->address, node.host->node),
          fmt::format("set `node` of {} to its Kubernetes node name", node.host->name));
    }
  }

  /// The others reach no machine but the control plane's, and that for the API alone.
  void wrong_machines() {
    for (const ChosenNode& node : input_.nodes) {
      if (const auto verdict = judge_machine(for_checks(), *node.host)) {
        add("wrong-machine", verdict->severity, verdict->subject, verdict->message,
            verdict->remedy);
      }
    }
  }

  void control_planes() {
    const auto all = std::count_if(input_.facts.nodes.begin(), input_.facts.nodes.end(),
                                   [](const Node& node) { return node.is_control_plane(); });
    for (const ChosenNode& node : input_.nodes) {
      if (!node.host->has(Role::ControlPlane)) continue;
      if (!node.named) {
        add("control-planes", Severity::Blocker, node.host->name,
            fmt::format("{} is a control plane, and only the selector takes it", node.host->name),
            "name it, or leave it out: -l '...,!node-role.kubernetes.io/control-plane'");
      } else if (all > 1) {
        add("control-planes", Severity::Blocker, node.host->name,
            fmt::format("rebooting {}, one of {} control planes, is not supported yet: nothing "
                        "looks after etcd's quorum",
                        node.host->name, all),
            "drain it, reboot it by hand, and uncordon it");
      } else {
        add("single-etcd", Severity::Info, node.host->name,
            fmt::format("{} is the only control plane: the API is away while it reboots{}",
                        node.host->name,
                        is_emptied(input_, *node.host)
                            ? ""
                            : "; its pods stay, since no other node could take them"));
      }
    }
  }

  void budget() {
    const bool workers =
        std::any_of(input_.nodes.begin(), input_.nodes.end(),
                    [](const auto& node) { return !node.host->has(Role::ControlPlane); });
    const bool all_down =
        std::all_of(input_.nodes.begin(), input_.nodes.end(), [&](const auto& one) {
          const Node* node = node_of(one);
          return node != nullptr && !node->ready;
        });
    if (!workers || all_down || free_budget(input_) > 0) return;
    std::vector<std::string> down;
    for (const Node& node : input_.facts.nodes) {
      if (!node.is_control_plane() && !node.ready) down.push_back(node.name);
    }
    add("budget-used", Severity::Blocker, "workers",
        fmt::format("workers down already use up --max-unavailable {}: {}",
                    input_.file.rollout.max_unavailable.str(), some_of(down, 8)),
        "bring them back first, or allow more");
  }

  void not_ready() {
    for (const ChosenNode& chosen : input_.nodes) {
      const Node* node = node_of(chosen);
      if (node == nullptr || node->ready) continue;
      add("node-ready", Severity::Warning, node->name,
          fmt::format("node {} is not Ready: {}", node->name, sanitise(node->ready_reason)),
          "its pods may stay Terminating until its kubelet is back");
    }
  }

  void blocked_drains() {
    for (Verdict& verdict : check_drain(for_checks())) {
      verdict.check = "drain";
      verdict.message = in_options(verdict.message);
      verdict.remedy = in_options(verdict.remedy);
      if (verdict.severity == Severity::Blocker) {
        const bool filter = verdict.message.find(" overrides)") != std::string::npos;
        verdict.remedy = filter ? "move or delete what is named, or give the option"
                                : "change the budget or the workload meanwhile";
        verdict.override_.clear();
      }
      verdicts_.push_back(std::move(verdict));
    }
  }

  void kubelets() {
    for (const ChosenNode& chosen : input_.nodes) {
      const Node* node = node_of(chosen);
      const std::string after = kubelet_after_boot(input_.facts, *chosen.host);
      if (node == nullptr || after == node->kubelet_version) continue;
      add("package-versions", Severity::Warning, chosen.host->name,
          fmt::format("{} runs kubelet {} and will come up with {}, which is installed",
                      chosen.host->name, sanitise(node->kubelet_version, 40), sanitise(after, 40)));
    }
  }

  void kept_cordons() {
    for (const ChosenNode& chosen : input_.nodes) {
      const Node* node = node_of(chosen);
      if (node == nullptr || !node->unschedulable) continue;
      const std::string run = cordoned_by_run(*node);
      const EarlierRun* earlier = find_run(input_, run);
      const bool adopted = earlier != nullptr && earlier->unfinished && !earlier->upgrade;
      if (adopted) continue;
      add("cordoned-by-others", Severity::Info, node->name,
          fmt::format("node {} is cordoned already: it is rebooted and left cordoned", node->name));
    }
  }

  void foreign_cordons() {
    for (const ChosenNode& chosen : input_.nodes) {
      const UncordonChoice choice = uncordon_choice(input_, chosen);
      if (!choice.leave) continue;
      const std::string& name = chosen.host->node;
      const bool held = !choice.held_by.empty();
      const std::string anyway =
          chosen.named ? "uncordon it anyway: --others" : "uncordon it too: --others";
      add(held ? "unfinished-run" : "cordoned-by-others",
          chosen.named ? Severity::Blocker : Severity::Warning, name,
          fmt::format("node {} was cordoned by {}{}", name, choice.whose,
                      chosen.named ? "" : ", and is left so"),
          held
              ? fmt::format("`drover resume {0}` goes on with it, `drover cancel {0}` ends it; {1}",
                            choice.held_by, anyway)
              : anyway);
    }
  }

  const MaintenanceInput& input_;
  const std::vector<ForeseenDrain>& drains_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Verdict> judge_maintenance(const MaintenanceInput& input,
                                       const std::vector<ForeseenDrain>& drains) {
  return Judges(input, drains).all();
}

bool is_emptied(const MaintenanceInput& input, const Host& host) {
  if (input.action == NodeAction::Drain) return true;
  if (!reboots(input)) return false;
  return is_drained(input.facts, host);
}

UncordonChoice uncordon_choice(const MaintenanceInput& input, const ChosenNode& chosen) {
  const Node* node = input.facts.find_node(chosen.host->node);
  if (node == nullptr) return {};
  const auto mark = cordon_mark(*node);
  if (!mark) {
    if (!node->unschedulable) return {};
    const std::string any(kAnyCordon);
    if (chosen.named || input.others) return {.cordon_of = any, .whose = "somebody else"};
    return {.leave = true, .whose = "somebody else"};
  }
  const EarlierRun* run = find_run(input, mark->run);
  const bool known = run != nullptr || !mark->purpose.empty();
  const bool held = run != nullptr && run->unfinished && run->upgrade;
  UncordonChoice choice{.cordon_of = mark->run == "?" ? std::string(kAnyCordon) : mark->run};
  if (known && !held) return choice;
  const std::string id = sanitise(mark->run, 60);
  choice.whose = held ? fmt::format("run {}, which is unfinished", id)
                      : fmt::format("run {}, of which nothing is known here", id);
  choice.held_by = held ? run->id : "";
  choice.leave = !input.others;
  return choice;
}

int budget_of(const MaintenanceInput& input) {
  const auto workers = std::count_if(input.facts.nodes.begin(), input.facts.nodes.end(),
                                     [](const Node& node) { return !node.is_control_plane(); });
  return input.file.rollout.max_unavailable.of_floor(static_cast<int>(workers));
}

int free_budget(const MaintenanceInput& input) {
  const auto down =
      std::count_if(input.facts.nodes.begin(), input.facts.nodes.end(), [&](const Node& node) {
        return !node.is_control_plane() && !node.ready && !is_chosen(input, node.name);
      });
  return budget_of(input) - static_cast<int>(down);
}

std::string kubelet_after_boot(const ClusterFacts& facts, const Host& host) {
  const auto machine = facts.hosts.find(host.name);
  if (machine != facts.hosts.end() && !machine->second.kubelet_binary_version.empty()) {
    return machine->second.kubelet_binary_version;
  }
  const Node* node = facts.find_node(host.node);
  return node == nullptr ? "" : node->kubelet_version;
}

}  // namespace drover::plans
