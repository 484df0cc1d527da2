#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// The moment is taken before the restart: whatever the new kubelet does is newer.
constexpr std::string_view kRestart = R"sh(set -eu
systemctl daemon-reload
moment=$(date +%s)
if ! said=$(systemctl restart kubelet 2>&1); then
  systemctl status kubelet --no-pager --lines=0 >&2 || :
  journal=$(journalctl --unit=kubelet --lines=20 --no-pager --output=cat 2>&1 || :)
  printf '%s\n' "$journal" >&2
  printf 'E: %s\n' "$said" "$(printf '%s\n' "$journal" | tail -n 1)" >&2
  exit 1
fi
echo "restarted_at $moment"
)sh";

constexpr std::string_view kKey = "restarted_at ";

}  // namespace

Step make_kubelet_restart(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::KubeletRestart, &host, "restart the kubelet",
                         "the package leaves the old kubelet running");
  step.commands = {Command{
      .script = std::string(kRestart), .mutates = true, .timeout = std::chrono::minutes(3)}};
  step.timeout = std::chrono::minutes(4);
  return step;
}

Queries look_kubelet_restart(const Step& step, const Attempt& attempt) {
  return look_at_nothing(step, attempt);
}

Decision decide_kubelet_restart(const Step& step, const Attempt& attempt, const Answers&) {
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0);
  if (!last->ok()) {
    return fail(
        step_failed(step, "restarting the kubelet", *last,
                    fmt::format("see `journalctl -u kubelet` on {}, mend what keeps it from "
                                "starting, then `drover resume`",
                                step.host)),
        passing(*last));
  }
  Decision decision = done("kubelet restarted");
  for (const std::string& line : split_lines(last->out)) {
    if (line.starts_with(kKey)) decision.remember["restarted_at"] = line.substr(kKey.size());
  }
  return decision;
}

}  // namespace drover::plans
