#include "orchestrator/cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/ui/columns.h"

namespace drover::orchestrator {
namespace {

constexpr std::size_t kWidth = 80;

std::string paragraph(std::string_view text) {
  std::string out;
  for (const std::string& line : wrap(text, kWidth)) out += line + '\n';
  return out;
}

std::string options_text(std::string_view title, const std::vector<OptionSpec>& options) {
  std::size_t widest = 0;
  for (const OptionSpec& option : options) widest = std::max(widest, option.shown().size());
  std::string out = fmt::format("\n{}:\n", title);
  for (const OptionSpec& option : options) {
    out += hang("  " + option.shown(), option.about, widest + 4, kWidth);
  }
  return out;
}

std::string actions_text(const CommandSpec& command) {
  if (command.actions.empty()) return "";
  std::string out = "\nWhat it can be told to do:\n";
  for (const ActionSpec& action : command.actions) {
    out += hang(fmt::format("  {} {}", action.name, action.usage), "", 4, kWidth);
    out += hang("", action.about, 6, kWidth);
  }
  return out;
}

std::string examples_text(const std::vector<Example>& examples) {
  if (examples.empty()) return "";
  std::string out = "\nExamples:\n";
  for (const Example& example : examples) {
    out += fmt::format("  {}\n", example.line);
    if (!example.about.empty()) out += fmt::format("      {}\n", example.about);
  }
  return out;
}

}  // namespace

std::string overview_text() {
  std::string out =
      "Usage: drover [OPTIONS] COMMAND ...\n\n" +
      paragraph("Moves a kubeadm cluster to another Kubernetes version, node by node, over SSH.") +
      "\nCommands:\n";
  for (const CommandSpec& command : all_commands()) {
    out += hang(fmt::format("  {}", command.name), command.summary, 12, kWidth);
  }
  out += options_text("Options of every command", global_options());
  out += examples_text({{"drover check upgrade.yaml", "may this cluster be upgraded?"},
                        {"drover plan upgrade.yaml", "what would be done, and why"},
                        {"drover apply upgrade.yaml", "do it"},
                        {"drover status", "where does it stand, and what to type next?"}});
  out += "\nExit codes (any other is a failure):\n";
  for (const ExitCode& exit : kExitCodes) {
    out += hang(fmt::format("  {:>3}", exit.code), exit.when, 7, kWidth);
  }
  return out + "\n`drover help COMMAND` explains a command.\n";
}

std::string command_help(const CommandSpec& command) {
  const std::string usage = fmt::format("Usage: drover [OPTIONS] {} ", command.name);
  std::string out = hang(usage, command.usage, usage.size(), kWidth) + '\n' +
                    paragraph(command.about) + actions_text(command);
  if (!command.options.empty()) out += options_text("Options", command.options);
  out += options_text("Options of every command", command.common_options());
  return out + examples_text(command.examples);
}

std::string help_text(const std::string& topic) {
  const CommandSpec* command = find_command(topic);
  return command == nullptr ? overview_text() : command_help(*command);
}

}  // namespace drover::orchestrator
