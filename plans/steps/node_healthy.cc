#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/cluster/lease.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/hold.h"
#include "plans/steps/reading.h"
#include "plans/timestamp.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;

enum Query : size_t { kNode, kLease, kPods };

constexpr const char* kFirstRenewal = "first_renewal";
constexpr const char* kUnwell = "unwell";  // note: something was missing in the round before
constexpr Seconds kPatience{5};            // with a new kubelet, before its own words are asked for

// A kubelet that does not come up says why only in its journal.
constexpr std::string_view kAskKubelet = R"sh(set -eu
systemctl show kubelet --property=ActiveState --property=NRestarts
said=$(journalctl --unit=kubelet --lines=60 --no-pager --output=cat | grep -E 'err=|Error|failed' | tail -n 1 || :)
printf 'said=%s\n' "$said"
)sh";
constexpr milliseconds kEager{500};

std::optional<std::string> daemonset_of(const Pod& pod) {
  if (!pod.controller || pod.controller->kind != "DaemonSet") return std::nullopt;
  return pod.ns + "/" + pod.controller->name;
}

void judge_node(const Step& step, const Node& node, std::vector<std::string>& missing) {
  const std::string& target = step.param("target");
  if (node.kubelet_version != target) {
    missing.push_back(fmt::format("kubelet {} on {} ({} now)", target, node.name,
                                  sanitise(node.kubelet_version, 40)));
  }
  if (!node.ready) {
    missing.push_back(
        fmt::format("{} to be Ready ({})", node.name, sanitise(node.ready_reason, 120)));
  }
}

// A Ready condition outlives a kubelet by up to 50 s; only a lease renewed since shows a live one.
void judge_lease(const Step& step, const Attempt& attempt, const Lease& lease,
                 std::vector<std::string>& missing, Notes& remember) {
  const auto restarted =
      parse_epoch(attempt.note_of(sibling(step, StepKind::KubeletRestart), "restarted_at"));
  const auto renewed = parse_timestamp(lease.renew_time);
  bool fresh = false;
  if (restarted) {
    fresh = renewed && *renewed > *restarted;
  } else {
    const std::string& first = attempt.note(kFirstRenewal);
    if (first.empty()) remember[kFirstRenewal] = lease.renew_time;
    fresh = renewed && !first.empty() && first != lease.renew_time;
  }
  if (!fresh) missing.push_back(fmt::format("the kubelet's lease of {} to be renewed", lease.name));
}

void judge_daemonsets(const Step& step, const std::vector<Pod>& pods,
                      std::vector<std::string>& missing) {
  const std::vector<std::string> before = split_words(step.param("not_ready_before"));
  std::vector<std::string> names;
  for (const Pod& pod : pods) {
    const auto daemonset = daemonset_of(pod);
    if (!daemonset || (pod.ready && !pod.deleting)) continue;
    if (std::find(before.begin(), before.end(), *daemonset) != before.end()) continue;
    names.push_back(pod.full_name());
  }
  if (!names.empty()) missing.push_back(fmt::format("{} to be Ready", some_of(names)));
}

// What a kubelet that does not stay up last complained of; nothing when it is up.
std::optional<std::string> kubelet_down(const Step& step, const CommandResult& shown) {
  std::map<std::string, std::string> values;
  for (const std::string& line : split_lines(shown.out)) {
    const size_t equals = std::min(line.find('='), line.size());
    values[line.substr(0, equals)] = line.substr(std::min(equals + 1, line.size()));
  }
  if (!shown.ok() || (values["ActiveState"] == "active" && values["NRestarts"] == "0")) {
    return std::nullopt;
  }
  std::string said = values["said"];
  const size_t header = said.find("] ");  // "E1122 21:14:08.123456    4711 run.go:72] "
  if (header != std::string::npos) said = said.substr(header + 2);
  return fmt::format("the kubelet of {} to stay up{}", step.host,
                     said.empty() ? "" : " (it says: " + sanitise(said, 300) + ")");
}

Status judge(const Step& step, const Attempt& attempt, const Answers& answers,
             std::vector<std::string>& missing, Notes& remember) {
  const auto& responses = answers.responses;
  const std::string& name = step.param("node");
  DROVER_TRY_ASSIGN(const Node node,
                    read_answer(responses[kNode], "read node " + name, parse_node));
  judge_node(step, node, missing);
  DROVER_TRY_ASSIGN(const Lease lease,
                    read_answer(responses[kLease], "read the lease of " + name, parse_lease));
  judge_lease(step, attempt, lease, missing, remember);
  DROVER_TRY_ASSIGN(const std::vector<Pod> pods,
                    read_answer(responses[kPods], "list the pods of " + name, parse_pod_list));
  judge_daemonsets(step, pods, missing);
  return {};
}

}  // namespace

Step make_node_healthy(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::NodeHealthy, &host,
                 fmt::format("wait until {} is well at {}", host.name, scope.target.tag()),
                 "the node gets pods again only when its new kubelet has shown that it lives");
  std::set<std::string> not_ready;
  for (const Pod& pod : scope.facts.pods) {
    const auto daemonset = daemonset_of(pod);
    if (pod.node == host.node && daemonset && !pod.ready) not_ready.insert(*daemonset);
  }
  step.params = {{"node", host.node},
                 {"target", scope.target.tag()},
                 {"not_ready_before", join({not_ready.begin(), not_ready.end()}, " ")}};
  configure_node_healthy(step, scope.file);
  step.estimate = std::chrono::seconds{8};
  return step;
}

void configure_node_healthy(Step& step, const UpgradePlan& file) {
  step.params["consecutive"] = std::to_string(file.health.consecutive);
  step.params["interval"] = format_duration(file.health.interval);
  step.timeout = file.health.timeout;
}

Queries look_node_healthy(const Step& step, const Attempt& attempt) {
  const std::string node = percent_encode(step.param("node"));
  Queries queries;
  if (!attempt.note(kUnwell).empty() && attempt.elapsed >= kPatience) {
    queries.commands = {{.script = std::string(kAskKubelet), .timeout = std::chrono::seconds{20}}};
  }
  queries.requests = {
      get("/api/v1/nodes/" + node),
      get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + node),
      get("/api/v1/pods?fieldSelector=" + percent_encode("spec.nodeName=" + step.param("node")))};
  return queries;
}

Decision decide_node_healthy(const Step& step, const Attempt& attempt, const Answers& answers) {
  std::vector<std::string> missing;
  Notes remember;
  if (auto trouble = any_trouble(answers)) {
    missing.push_back(*trouble);
  } else if (const Status judged = judge(step, attempt, answers, missing, remember); !judged) {
    missing.push_back(
        judged.error().message);  // refusals pass too while a control plane comes back
  }
  if (!missing.empty() && !answers.commands.empty() && answers.commands[0]) {
    if (auto down = kubelet_down(step, *answers.commands[0]))
      missing.insert(missing.begin(), *down);
  }
  const milliseconds interval =
      parse_duration(step.param("interval")).value_or(std::chrono::seconds{1});
  Hold gate;
  gate.times = std::max(1, std::atoi(step.param("consecutive").c_str()));
  gate.interval = missing.empty() ? interval : std::min(interval, kEager);
  Decision decision =
      hold(gate, attempt, missing,
           fmt::format("{} Ready with kubelet {}", step.param("node"), step.param("target")));
  decision.remember.merge(remember);
  decision.remember[kUnwell] = missing.empty() ? "" : "yes";
  if (auto* wait = std::get_if<Wait>(&decision.next)) {
    wait->remedy = fmt::format(
        "see `systemctl status kubelet` and `journalctl -u kubelet` on {}; when the node is well, "
        "`drover resume`",
        step.host);
  }
  return decision;
}

}  // namespace drover::plans
