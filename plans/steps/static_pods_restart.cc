#include <fmt/format.h>

#include <algorithm>
#include <array>

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

constexpr std::string_view kEtcd = "etcd";
constexpr std::string_view kKey = "stopped_at ";
constexpr const char* kFirst = "restarted_at";  // a note: before anything was stopped
constexpr Seconds kReadyzFor{3};
constexpr std::chrono::seconds kCommandTimeout{2 * 60};
constexpr std::chrono::seconds kEach{4 * 60};

// The kubelet starts a container anew that has ended: nothing is to be put back, whatever dies
// meanwhile. The moment is taken before the stop, so that the new container is newer.
constexpr std::string_view kStop = R"sh(containers=$(cri ps --name "^$name\$" --state Running -q)
container=$(printf '%s\n' "$containers" | head -n 1)
moment=$(date +%s)
if [ -n "$container" ]; then
  cri stop --timeout 30 "$container" >/dev/null
fi
echo "stopped_at $moment"
)sh";

Command stop_command(const std::string& component) {
  return {.script = fmt::format("{}{}name={}\n{}", script_head(), cri_shell(), component, kStop),
          .mutates = true,
          .timeout = kCommandTimeout};
}

std::string moment_of(const CommandResult& result) {
  for (const std::string& line : split_lines(result.out)) {
    if (line.starts_with(kKey)) return line.substr(kKey.size());
  }
  return "";
}

/// The place of the component whose turn it is: the last one that was stopped, until all is well
/// again, and the one after it then.
struct Turn {
  std::vector<std::string> components;
  const CommandResult* last = nullptr;  ///< of the newest that was stopped
  size_t stopped = 0;                   ///< how many were

  bool any() const { return last != nullptr; }
  bool all() const { return stopped == components.size(); }
  const std::string& component() const { return components.at(any() ? stopped - 1 : 0); }
};

Turn turn_of(const Step& step, const Attempt& attempt) {
  Turn turn{.components = gate_of(step).components};
  for (size_t i = 0; i < step.commands.size(); ++i) {
    const CommandResult* result = ended(attempt, i);
    if (result == nullptr) break;
    turn.last = result;
    turn.stopped = i + 1;
  }
  return turn;
}

/// What is waited for before the next one is stopped, or before the first.
Gate gate_now(const Step& step, const Turn& turn) {
  Gate gate = gate_of(step);
  gate.readyz_for = kReadyzFor;
  if (!turn.any()) return gate;
  gate.components = {turn.component()};
  gate.restarted = true;
  gate.since = parse_epoch(moment_of(*turn.last));
  return gate;
}

bool has_etcd(const Turn& turn) {
  return std::find(turn.components.begin(), turn.components.end(), kEtcd) != turn.components.end();
}

/// Of a cluster of several members no other may be away while this one is.
std::string etcd_trouble(const Answers& answers) {
  if (answers.commands.empty()) return "";
  const Result<CommandResult>& answer = answers.commands.front();
  if (!answer) return fmt::format("etcd to be asked ({})", sanitise(answer.error().message, 120));
  const std::string missing = read_etcd_watch(*answer).missing;
  return missing.empty() ? "" : "all members of etcd to be well: " + missing;
}

Decision stop_next(const Attempt& attempt, const Turn& turn) {
  Decision decision = run_unless_lost(attempt, turn.stopped);
  // The gate is to look at the new containers: what it remembers of the old ones is over.
  decision.remember = forget_gate();
  if (turn.any() && attempt.note(kFirst).empty()) decision.remember[kFirst] = moment_of(*turn.last);
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
    step.commands.push_back(stop_command(component));
  step.timeout = kEach * static_cast<int>(step.commands.size());
  step.estimate = std::chrono::seconds{60};
  return step;
}

Queries look_static_pods_restart(const Step& step, const Attempt& attempt) {
  const Turn turn = turn_of(step, attempt);
  if (turn.any() && !turn.last->ok()) return {};
  Queries queries = gate_queries(gate_now(step, turn), attempt);
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
  GateView view = judge_gate(gate_now(step, turn), attempt, answers);
  if (const std::string trouble = etcd_trouble(answers); !trouble.empty())
    view.missing.push_back(trouble);
  if (view.missing.empty() && !turn.all()) return stop_next(attempt, turn);
  Decision decision = view.missing.empty()
                          ? done(fmt::format("{} restarted", join(turn.components, ", ")))
                          : wait_for(join(view.missing, ", "), view.pause);
  decision.remember = std::move(view.remember);
  if (turn.any() && attempt.note(kFirst).empty()) decision.remember[kFirst] = moment_of(*turn.last);
  return decision;
}

}  // namespace drover::plans
