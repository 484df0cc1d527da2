#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/gates/condition.h"
#include "plans/gates/user_commands.h"
#include "plans/steps/reading.h"

/// The user's own health commands. They are reads: they run as often as the gate looks, at the node
/// by the same way as every other read, so that nothing of them is journalled as an effect (S4).
namespace drover::plans {
namespace {

using Where = UserCommand::Where;

// A step of the cluster has no node to run on.
bool runs_here(const Step& step, const UserCommand& command) {
  return command.on == Where::Local || !step.host.empty();
}

// Not beyond the step's own time: a gate ends when its time is up (S16).
std::chrono::seconds patience(const Step& step, const Attempt& attempt,
                              const UserCommand& command) {
  const auto left =
      std::chrono::ceil<std::chrono::seconds>(Seconds(step.timeout) - attempt.elapsed);
  return std::clamp(left, std::chrono::seconds{1},
                    std::max(command.timeout, std::chrono::seconds{1}));
}

Command on_node(const Step& step, const Attempt& attempt, const UserCommand& command) {
  const std::string script =
      fmt::format("DROVER_HOST={} DROVER_NODE={}; export DROVER_HOST DROVER_NODE\n{}\n",
                  quote(step.node), quote(step.param("node")), command.script);
  return {.script = script, .mutates = false, .timeout = patience(step, attempt, command)};
}

LocalProgram here(const Step& step, const Attempt& attempt, const UserCommand& command) {
  return {.argv = {"sh", "-c", command.script},
          .env = {{"DROVER_HOST", step.node}, {"DROVER_NODE", step.param("node")}},
          .timeout = patience(step, attempt, command)};
}

std::string last_line(const CommandResult& result) {
  for (const std::string* text : {&result.err, &result.out}) {
    std::vector<std::string> lines = split_lines(*text);
    std::erase_if(lines, [](const std::string& line) { return trim(line).empty(); });
    if (!lines.empty()) return ": " + sanitise(trim(lines.back()), 120);
  }
  return "";
}

// What is wrong with it; nothing when it is content.
std::optional<std::string> complaint(const Result<CommandResult>& result) {
  if (!result) return sanitise(result.error().message, 160);
  if (result->ok()) return std::nullopt;
  if (!result->exit_code) return "ended by a signal";
  return fmt::format("exit code {}{}", *result->exit_code, last_line(*result));
}

}  // namespace

Queries look_at_commands(const Step& step, const Attempt& attempt) {
  Queries queries;
  for (const UserCommand& command : commands_of(step)) {
    if (!runs_here(step, command)) continue;
    if (command.on == Where::Node) {
      queries.commands.push_back(on_node(step, attempt, command));
    } else {
      queries.programs.push_back(here(step, attempt, command));
    }
  }
  return queries;
}

Result<Findings> judge_commands(const GateInput& input) {
  const auto& [step, attempt, seen, before] = input;
  Findings findings;
  for (const UserCommand& command : commands_of(step)) {
    if (!runs_here(step, command)) continue;
    const auto wrong = command.on == Where::Node
                           ? complaint(seen.of(on_node(step, attempt, command)))
                           : complaint(seen.of(here(step, attempt, command)));
    if (!wrong) continue;
    findings.unwell.push_back(
        {command.name, fmt::format("health command {} to succeed ({})", command.name, *wrong)});
  }
  return findings;
}

}  // namespace drover::plans
