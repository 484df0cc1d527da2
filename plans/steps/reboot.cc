#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"
#include "plans/observe/reboot_need.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// The machine goes down when this command's own outcome has been written and read, not in its
// middle: init waits for the shell that runs the command to end, and then for a moment in which
// the answer travels. As a unit of its own it outlives this one and any connection; there is one
// of that name at a time.
constexpr std::string_view kReboot = R"sh(set -eu
if systemctl is-active --quiet drover-reboot; then exit; fi
systemd-run --quiet --collect --unit=drover-reboot --description="Drover reboots this node" sh -c '
  timeout 20 tail --pid="$1" -s 0.1 -f /dev/null || :
  sleep 1
  exec systemctl --no-block reboot' reboot "$PPID"
)sh";

// Machines that are containers may share their host's boot id: the start time of process 1 is
// their own, in clock ticks since the host's boot.
constexpr std::string_view kBoot = R"sh(read -r boot </proc/sys/kernel/random/boot_id
read -r line </proc/1/stat
set -- ${line##*) }
echo "boot $boot/${20}"
printf 'system %s\n' "$(systemctl is-system-running 2>/dev/null || :)"
)sh";

constexpr const char* kBootBefore = "boot_before";  // put on disk before the command is run
constexpr const char* kAsked = "asked_at";
// Units that stop have 90 s each by default, one after the other where they depend on each other.
constexpr Seconds kGoingDown{5 * 60};

/// What the machine says of itself.
struct Machine {
  std::string boot;
  std::string system;  ///< systemd's word: starting, running, degraded, stopping, ...
  RebootNeed need;

  bool up() const { return system == "running" || system == "degraded"; }
};

std::optional<Machine> read_machine(const Result<CommandResult>& answer) {
  if (!answer || !answer->ok()) return std::nullopt;
  const std::vector<std::string> lines = split_lines(answer->out);
  if (lines.empty() || lines.back() != "end") return std::nullopt;
  Machine machine;
  for (const std::string& line : lines) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string key = line.substr(0, space);
    const std::string value = line.substr(std::min(space + 1, line.size()));
    if (key == "boot") machine.boot = value;
    if (key == "system") machine.system = sanitise(value, 40);
    read_reboot_need(key, value, machine.need);
  }
  if (machine.boot.empty()) return std::nullopt;
  return machine;
}

bool always(const Step& step) { return step.param("reboot") == "always"; }

/// The boot in which this step first wanted to reboot: noted in this attempt, or put on disk by an
/// earlier one.
std::string boot_before(const Step& step, const Attempt& attempt) {
  const std::string& own = attempt.note(kBootBefore);
  return own.empty() ? attempt.note_of(step.id, kBootBefore) : own;
}

Decision wait_with(const Step& step, std::string what) {
  Decision decision = wait_for(std::move(what));
  std::get<Wait>(decision.next).remedy =
      fmt::format("see the console of {}; when the machine is up, `drover resume`", step.host);
  return decision;
}

/// A machine that goes down or comes up answers nothing, or half.
Decision no_answer(const Step& step, const Answers& answers, const std::string& before) {
  if (!before.empty()) {
    const auto trouble = any_trouble(answers);
    return wait_with(step, fmt::format("{} to come back from its reboot ({})", step.host,
                                       trouble ? *trouble : "it does not say all yet"));
  }
  const std::string what = "reading whether to reboot";
  if (auto decision = unreadable(step, answers, what)) return *decision;
  return fail(on_host(step, {.kind = ErrorKind::Command,
                             .message = what + " failed: the answer cannot be read",
                             .detail = answers.commands[0]->out}));
}

Decision come_back(const Step& step, const Machine& machine) {
  if (!machine.up()) {
    return wait_with(step, fmt::format("{} to be up after its reboot (systemd: {})", step.host,
                                       machine.system.empty() ? "no answer" : machine.system));
  }
  Decision decision = done(fmt::format(
      "{} was rebooted{}", step.host,
      machine.system == "running" ? "" : "; some units failed, see `systemctl --failed` there"));
  const std::string still = why_reboot(machine.need);
  if (!still.empty()) {
    decision.notices.push_back(
        {"reboot-still-required",
         fmt::format("{} was rebooted and still asks for it: {}", step.host, still),
         {}});
  }
  return decision;
}

/// After the command, in the old boot.
Decision go_down(const Step& step, const Attempt& attempt) {
  double asked = attempt.elapsed.count();
  const std::string& note = attempt.note(kAsked);
  std::from_chars(note.data(), note.data() + note.size(), asked);
  if (attempt.elapsed - Seconds{asked} > kGoingDown) {
    Error error;
    error.kind = ErrorKind::Timeout;
    error.host = step.host;
    error.message = fmt::format(
        "{}: the reboot did not happen: the boot id is still the same {:.0f} "
        "s after it was asked for",
        step.host, kGoingDown.count());
    error.remedy = fmt::format(
        "see `systemctl list-jobs` and `journalctl -b` on {} for what holds it up; reboot it, or "
        "mend it, then `drover resume`",
        step.host);
    return fail(std::move(error));
  }
  Decision decision = wait_with(step, fmt::format("{} to go down", step.host));
  decision.remember[kAsked] = fmt::format("{:.3f}", asked);
  return decision;
}

Decision begin(const Step& step, const Attempt& attempt, const Machine& machine) {
  const std::string need = why_reboot(machine.need);
  if (!always(step) && need.empty()) return done(step.host + " does not ask for a reboot");
  Decision decision = run_unless_lost(attempt, 0, {{kBootBefore, machine.boot}});
  decision.remember[kBootBefore] = machine.boot;
  return decision;
}

}  // namespace

Step make_reboot(const Scope& scope, const Host& host) {
  const std::string need = why_reboot(scope.node_facts(host).reboot);
  const bool anyhow = scope.file.reboot == Reboot::Always;
  std::string title = "reboot " + host.name;
  std::string why = need.empty() ? "it does not now" : need;
  if (anyhow) {
    why = "os.reboot is always: what is new is in use before the node gets pods again";
    if (!need.empty()) why += "; the node asks for it, too: " + need;
  } else {
    title += need.empty() ? ", if it asks for it by then" : ", which asks for it";
  }
  Step step = scope.step(StepKind::Reboot, &host, std::move(title), std::move(why));
  step.commands = {{.script = std::string(kReboot), .mutates = true}};
  step.params = {{"reboot", anyhow ? "always" : "if-required"}};
  step.timeout = std::chrono::minutes(20);
  step.estimate = std::chrono::seconds(anyhow || !need.empty() ? 60 : 1);
  return step;
}

Queries look_reboot(const Step&, const Attempt&) {
  const std::string text =
      "set -eu\n" + keyed_function() + std::string(kBoot) + reboot_need_rows() + "echo end\n";
  return {{{.script = text, .timeout = std::chrono::seconds{20}}}, {}};
}

// Done is a boot id other than before, whoever brought that about.
Decision decide_reboot(const Step& step, const Attempt& attempt, const Answers& answers) {
  const std::string before = boot_before(step, attempt);
  const auto machine = read_machine(answers.commands.at(0));
  if (machine && !before.empty() && machine->boot != before) {
    Decision decision = come_back(step, *machine);
    decision.remember[kBootBefore] = before;  // so that a later look sees that it is done
    return decision;
  }
  const CommandResult* last = ended(attempt, 0);
  if (last != nullptr && !last->ok()) {
    return fail(step_failed(step, "asking for a reboot", *last,
                            fmt::format("put right on {} what is said here, or reboot it, then "
                                        "`drover resume`",
                                        step.host)));
  }
  if (!machine) return no_answer(step, answers, before);
  return last == nullptr ? begin(step, attempt, *machine) : go_down(step, attempt);
}

}  // namespace drover::plans
