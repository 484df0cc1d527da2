#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/cri_shell.h"
#include "plans/etcd/look.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::string_view kEtcdPod = "etcd";
constexpr std::string_view kApiServer = "kube-apiserver";
constexpr std::string_view kStoppedAt = "stopped_at ";
constexpr const char* kFirstStop = "restarted_at";  // a note: before anything was stopped
constexpr const char* kUnseen = "unseen";           // a parameter: the API is away
const std::string kNew = "new:";                    // and of a component that restarted by itself
constexpr Seconds kReadyzBetween{3};
constexpr std::chrono::seconds kStopTimeout{2 * 60};
constexpr std::chrono::seconds kEach{4 * 60};

// The kubelet starts a container anew that has ended: nothing is to be put back, whatever dies
// meanwhile. The moment is taken before the stop, so that the new container is newer. Other pods
// may have containers of the same name.
constexpr std::string_view kStopOne =
    R"sh(containers=$(cri ps --label io.kubernetes.pod.namespace=kube-system \
  --label "io.kubernetes.pod.name=$pod" --label "io.kubernetes.container.name=$name" --state Running -q)
container=$(printf '%s\n' "$containers" | head -n 1)
moment=$(date +%s)
if [ -n "$container" ]; then
  cri stop --timeout 30 "$container" >/dev/null
fi
echo "stopped_at $moment"
)sh";

Command stop_command(const std::string& component, const Host& host) {
  return {.script = fmt::format("{}{}name={}\npod={}\n{}", script_head(), cri_shell(), component,
                                quote(component + '-' + host.node), kStopOne),
          .mutates = true,
          .timeout = kStopTimeout};
}

std::string moment_of(const CommandResult& result) {
  for (const std::string& line : split_lines(result.out)) {
    if (line.starts_with(kStoppedAt)) return line.substr(kStoppedAt.size());
  }
  return "";
}

/// How far it has come, component by component.
struct Turn {
  std::vector<std::string> components;
  const CommandResult* first = nullptr;  ///< of the one that was stopped first
  const CommandResult* last = nullptr;   ///< of the newest
  size_t through = 0;                    ///< so many were stopped, or need not be

  bool any() const { return last != nullptr; }
  bool all() const { return through == components.size(); }
  /// The one that is waited for, or that is to be stopped first.
  const std::string& component() const { return components.at(any() ? through - 1 : 0); }
  std::optional<Timestamp> began() const {
    return any() ? parse_epoch(moment_of(*first)) : std::nullopt;
  }
};

Turn turn_of(const Step& step, const Attempt& attempt) {
  Turn turn{.components = gate_of(step).components};
  for (size_t i = 0; i < step.commands.size(); ++i) {
    const CommandResult* result = ended(attempt, i);
    if (result == nullptr && attempt.note(kNew + turn.components[i]).empty()) break;
    turn.through = i + 1;
    if (result == nullptr) continue;
    turn.last = result;
    if (turn.first == nullptr) turn.first = result;
  }
  return turn;
}

bool serves(const std::string& component) {
  return component == kEtcdPod || component == kApiServer;
}

/// What is waited for before the next one is stopped, or before the first: then of what others
/// stand on only. Scheduler and controller manager that were started with certificates that had
/// expired are well again only when they are started anew.
Gate gate_now(const Step& step, const Turn& turn) {
  Gate gate = gate_of(step);
  gate.readyz_for = kReadyzBetween;
  if (!turn.any()) {
    std::erase_if(gate.components, [](const std::string& one) { return !serves(one); });
    return gate;
  }
  gate.components = {turn.component()};
  gate.restarted = true;
  gate.since = turn.began();
  return gate;
}

/// Scheduler and controller manager end by themselves when the API server is away for longer than
/// their lease lasts: then they have read their new certificates already, and to stop them again
/// would only make the kubelet wait before it starts them.
bool restarted_itself(const Turn& turn, const Answers& answers) {
  const auto pods =
      read_answer(answers.responses.at(kStaticPods), "list the static pods", parse_pod_list);
  const auto began = turn.began();
  if (!pods || !began) return false;
  const std::string& next = turn.components.at(turn.through);
  return std::any_of(pods->begin(), pods->end(), [&](const Pod& pod) {
    const auto label = pod.labels.find("component");
    if (label == pod.labels.end() || label->second != next || pod.containers.empty()) return false;
    return std::all_of(pod.containers.begin(), pod.containers.end(),
                       [&](const ContainerStatus& container) {
                         const auto started = parse_timestamp(container.started_at);
                         return started && *started > *began;
                       });
  });
}

bool has_etcd(const Turn& turn) {
  return std::find(turn.components.begin(), turn.components.end(), kEtcdPod) !=
         turn.components.end();
}

/// Of a cluster of several members no other may be away while this one is.
std::string etcd_trouble(const Answers& answers) {
  if (answers.commands.empty()) return "";
  const Result<CommandResult>& answer = answers.commands.front();
  if (!answer) return fmt::format("etcd to be asked ({})", sanitise(answer.error().message, 120));
  const std::string missing = read_etcd_watch(*answer).missing;
  return missing.empty() ? "" : "all members of etcd to be well: " + missing;
}

Decision next_one(const Attempt& attempt, const Turn& turn, const Answers& answers) {
  if (turn.any() && restarted_itself(turn, answers)) {
    Decision decision = wait_for("the next static pod", std::chrono::milliseconds{0});
    decision.remember = {{kNew + turn.components.at(turn.through), "1"}};
    return decision;
  }
  Decision decision = run_unless_lost(attempt, turn.through);
  // The gate is to look at the new container: what it remembers of the old one is over.
  decision.remember = forget_gate();
  return decision;
}

Decision decide_unseen(const Attempt& attempt, const Turn& turn) {
  Decision decision = turn.all() ? done(fmt::format("{} stopped, for the kubelet to start anew",
                                                    join(turn.components, ", ")))
                                 : run_unless_lost(attempt, turn.through);
  if (turn.any()) decision.remember[kFirstStop] = moment_of(*turn.first);
  return decision;
}

}  // namespace

Step make_static_pods_restart(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::StaticPodsRestart, &host,
                 fmt::format("restart the static pods of {}, one after the other", host.name),
                 "they read their certificates when they start; each is stopped only when the one "
                 "before it is back and all members of etcd are well");
  describe_gate(step, scope, host);
  step.params["target"] = "";  // whatever they were before
  for (const std::string& component : gate_of(step).components)
    step.commands.push_back(stop_command(component, host));
  step.timeout = kEach * static_cast<int>(step.commands.size());
  step.estimate = std::chrono::seconds{110};
  return step;
}

Step make_static_pods_restart_unseen(const Scope& scope, const Host& host) {
  Step step = make_static_pods_restart(scope, host);
  step.title = fmt::format("restart the static pods of {} without waiting in between", host.name);
  step.why =
      "they read their certificates when they start, and with those that have expired none of "
      "them is of use to another";
  step.params[kUnseen] = "yes";
  return step;
}

bool restarts_unseen(const Step& step) {
  return step.kind == StepKind::StaticPodsRestart && !step.param(kUnseen).empty();
}

Queries look_static_pods_restart(const Step& step, const Attempt& attempt) {
  const Turn turn = turn_of(step, attempt);
  if (restarts_unseen(step) || (turn.any() && !turn.last->ok())) return {};
  // Of all components, whichever it is that is waited for.
  Queries queries = gate_queries(gate_of(step), attempt);
  if (has_etcd(turn)) queries.commands = {watch_etcd()};
  return queries;
}

Decision decide_static_pods_restart(const Step& step, const Attempt& attempt,
                                    const Answers& answers) {
  const Turn turn = turn_of(step, attempt);
  if (turn.any() && !turn.last->ok()) {
    return fail(step_failed(step, "stopping " + turn.component(), *turn.last,
                            fmt::format("see `crictl ps -a` on {}, then `drover resume`, which "
                                        "restarts them again",
                                        step.host)),
                passing(*turn.last));
  }
  if (restarts_unseen(step)) return decide_unseen(attempt, turn);
  GateView view = judge_gate(gate_now(step, turn), attempt, answers);
  if (const std::string trouble = etcd_trouble(answers); !trouble.empty())
    view.missing.push_back(trouble);
  if (view.missing.empty() && !turn.all()) return next_one(attempt, turn, answers);
  Decision decision = view.missing.empty()
                          ? done(fmt::format("{} restarted", join(turn.components, ", ")))
                          : wait_for(join(view.missing, ", "), view.pause);
  decision.remember = std::move(view.remember);
  if (turn.any()) decision.remember[kFirstStop] = moment_of(*turn.first);
  return decision;
}

}  // namespace drover::plans
