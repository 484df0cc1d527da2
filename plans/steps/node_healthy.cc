#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inventory/base/text.h"
#include "plans/gates/baseline.h"
#include "plans/gates/daemonset_marks.h"
#include "plans/gates/gate.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kUnwell = "unwell";  // note: something was missing in the round before
constexpr Seconds kKubeletPatience{5};     // with a new kubelet, before its own words are asked for

// A kubelet that does not come up says why only in its journal.
constexpr std::string_view kAskKubelet = R"sh(set -eu
systemctl show kubelet --property=ActiveState --property=NRestarts
said=$(journalctl --unit=kubelet --lines=60 --no-pager --output=cat | grep -E 'err=|Error|failed' | tail -n 1 || :)
printf 'said=%s\n' "$said"
)sh";
constexpr std::chrono::milliseconds kEager{500};

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

Marks planned_marks(const Scope& scope, const Host& host) {
  const Node* node = scope.facts.find_node(host.node);
  return node == nullptr ? Marks{} : daemonset_marks(scope.facts.pods, *node);
}

}  // namespace

Step make_node_healthy(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::NodeHealthy, &host,
                 fmt::format("wait until {} is well at {}", host.name, scope.target.tag()),
                 "the node gets pods again only when its new kubelet has shown that it lives");
  step.params = {{"node", host.node},
                 {"target", scope.target.tag()},
                 {marks_note("daemonsets"), marks_text(planned_marks(scope, host))}};
  judge_by_marks_before(step, host);
  configure_gate(step, scope.file);
  step.estimate = std::chrono::seconds{8};
  return step;
}

Queries look_node_healthy(const Step& step, const Attempt& attempt) {
  Queries queries = gate_queries(step, attempt);
  if (!attempt.note(kUnwell).empty() && attempt.elapsed >= kKubeletPatience) {
    queries.commands = {{.script = std::string(kAskKubelet), .timeout = std::chrono::seconds{20}}};
  }
  return queries;
}

Decision decide_node_healthy(const Step& step, const Attempt& attempt, const Answers& answers) {
  GateRound round = judge_gate_round(step, attempt, answers);
  // Refusals pass too while a control plane comes back.
  if (round.refused) round.missing.push_back(round.refused->message);
  if (!round.missing.empty() && !answers.commands.empty() && answers.commands[0]) {
    if (auto down = kubelet_down(step, *answers.commands[0]))
      round.missing.insert(round.missing.begin(), *down);
  }
  const bool unwell = !round.missing.empty();
  Decision decision = decide_round(
      step, attempt, std::move(round),
      fmt::format("{} Ready with kubelet {}", step.param("node"), step.param("target")), kEager);
  decision.remember[kUnwell] = unwell ? "yes" : "";
  if (auto* wait = std::get_if<Wait>(&decision.next)) {
    wait->remedy = fmt::format(
        "see `systemctl status kubelet` and `journalctl -u kubelet` on {}; when the node is well, "
        "`drover resume`",
        step.host);
  }
  return decision;
}

}  // namespace drover::plans
