#include "orchestrator/cli/options.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "orchestrator/cli/arguments.h"
#include "orchestrator/state/state_folder.h"

namespace drover::orchestrator {
namespace {

bool shows_list(const CommandSpec& command, const Parsed& parsed) {
  const ActionSpec* action = command.find_action(parsed.words.empty() ? "" : parsed.words[0]);
  return action == nullptr ? command.is_list : action->is_list;
}

/// --output; wide and yaml are for lists.
Result<OutputFormat> read_format(const CommandSpec& command, const Parsed& parsed) {
  const std::string format = parsed.value("output");
  const bool list = shows_list(command, parsed);
  if (format.empty() || format == "text") return OutputFormat::Text;
  if (format == "json") return OutputFormat::Json;
  if (format == "wide" && list) return OutputFormat::Wide;
  if (format == "yaml" && list) return OutputFormat::Yaml;
  const bool known = format == "wide" || format == "yaml";
  return usage(known ? fmt::format("--output {} is for lists, and this is none", format)
                     : fmt::format("--output {}: there is no such format", quote(sanitise(format))),
               list ? "text, wide, json or yaml" : "text or json");
}

Status check_file(const CommandSpec& command, const Parsed& parsed) {
  const bool listing = command.id == CommandId::Check && parsed.has("list");
  if (listing && (!parsed.words.empty() || parsed.has("inventory"))) {
    return usage("drover check --list takes no file", hint(command));
  }
  if (listing) return {};
  if (parsed.words.empty()) {
    return usage(fmt::format("drover {} wants an upgrade plan file", command.name),
                 fmt::format("drover {} {}", command.name, command.usage));
  }
  if (parsed.words.size() > 1) {
    return usage(fmt::format("drover {} takes one file, and here are {}: {}", command.name,
                             parsed.words.size(), sanitise(join(parsed.words, " "))),
                 hint(command));
  }
  if (parsed.words[0].empty())
    return usage("the name of the upgrade plan file is empty", hint(command));
  return {};
}

Status check_run(const CommandSpec& command, const Parsed& parsed) {
  if (parsed.words.size() > 1) {
    return usage(fmt::format("drover {} takes one run, and here are {}: {}", command.name,
                             parsed.words.size(), sanitise(join(parsed.words, " "))),
                 hint(command));
  }
  if (!parsed.words.empty() && parsed.words[0].empty())
    return usage("the run id is empty", "`drover runs` lists the runs");
  return {};
}

Status check_subject(const CommandSpec& command, const Parsed& parsed, std::string_view what) {
  if (parsed.words.size() > 1) {
    return usage(fmt::format("drover {} takes one {}, and here are {}: {}", command.name, what,
                             parsed.words.size(), sanitise(join(parsed.words, " "))),
                 hint(command));
  }
  const bool named = !parsed.words.empty() && !parsed.words[0].empty();
  if (named || command.id == CommandId::Events || parsed.has("selector")) return {};
  return usage(fmt::format("drover {} wants a {}", command.name, what), hint(command));
}

/// What `--retry`, `--skip` and `--reason` say together.
Status check_choices(const CommandSpec& command, const Parsed& parsed) {
  if (parsed.has("skip") != parsed.has("reason")) {
    return usage(parsed.has("skip") ? "--skip wants a --reason" : "--reason is for --skip",
                 "say why the step may be left out: --skip STEP --reason TEXT");
  }
  const std::vector<std::string> retry = parsed.values("retry");
  for (const std::string& step : parsed.values("skip")) {
    if (std::find(retry.begin(), retry.end(), step) == retry.end()) continue;
    return usage(fmt::format("{} cannot be both tried again and skipped", sanitise(step)),
                 hint(command));
  }
  return {};
}

/// `HOST,HOST`.
Result<std::vector<std::string>> read_limit(const CommandSpec& command, const Parsed& parsed) {
  std::vector<std::string> hosts;
  if (!parsed.has("limit")) return hosts;
  const std::string list = parsed.value("limit");
  for (size_t from = 0; from <= list.size();) {
    const size_t end = std::min(list.find(',', from), list.size());
    if (end == from) {
      return usage(fmt::format("--limit {}: a name between commas is empty", sanitise(list)),
                   hint(command));
    }
    hosts.push_back(list.substr(from, end - from));
    from = end + 1;
  }
  return hosts;
}

Status check_topic(const CommandSpec& command, const Parsed& parsed) {
  if (parsed.words.size() > 1) {
    return usage("drover help explains one command at a time", hint(command));
  }
  if (parsed.words.empty()) return {};
  if (const auto topic = command_named(parsed.words[0]); !topic) return topic.error();
  return {};
}

Error no_action(const CommandSpec& command, const std::string& word) {
  std::vector<std::string> names;
  for (const ActionSpec& action : command.actions) names.emplace_back(action.name);
  const auto near = nearest(word, names);
  return usage(word.empty()
                   ? fmt::format("drover {} wants to be told what to do", command.name)
                   : fmt::format("drover {} has no {}", command.name, quote(sanitise(word))),
               near ? fmt::format("did you mean `drover {} {}`?", command.name, *near)
                    : fmt::format("drover {} {}", command.name, command.usage));
}

Status check_count(const CommandSpec& command, const ActionSpec& action, size_t count) {
  if (count >= action.least && count <= action.most) return {};
  const char* wants = count < action.least ? "wants more arguments" : "takes fewer arguments";
  if (action.most == 0) wants = "takes no argument";
  return usage(fmt::format("drover {} {} {}", command.name, action.name, wants),
               fmt::format("drover {} {} {}", command.name, action.name, action.usage));
}

/// The options that the command has and this action of it does not take.
Status check_action_options(const CommandSpec& command, const ActionSpec& action,
                            const Parsed& parsed) {
  for (const OptionSpec& option : command.options) {
    const std::string_view name = option.name;
    const bool taken =
        std::find(action.options.begin(), action.options.end(), name) != action.options.end();
    if (taken || !parsed.has(std::string(name))) continue;
    return usage(fmt::format("drover {} {} has no option --{}", command.name, action.name, name),
                 hint(command));
  }
  return {};
}

/// A command of several actions: the first word names one, the others are its arguments.
Status check_action(const CommandSpec& command, const Parsed& parsed) {
  const std::string word = parsed.words.empty() ? "" : parsed.words[0];
  const ActionSpec* action = command.find_action(word);
  if (action == nullptr) return no_action(command, word);
  DROVER_TRY(check_count(command, *action, parsed.words.size() - 1));
  DROVER_TRY(check_action_options(command, *action, parsed));
  const bool line = parsed.command_line && !parsed.command_line->empty();
  if (action->command_line == line) return {};
  return usage(
      line ? fmt::format("drover {} {} runs no command", command.name, action->name)
           : fmt::format("drover {} {} wants a command behind --", command.name, action->name),
      fmt::format("drover {} {} {}", command.name, action->name, action->usage));
}

Status check_words(const CommandSpec& command, const Parsed& parsed) {
  if (!command.actions.empty()) return check_action(command, parsed);
  switch (command.id) {
    case CommandId::Plan:
    case CommandId::Check:
    case CommandId::Apply:
      return check_file(command, parsed);
    case CommandId::Resume:
    case CommandId::Status:
    case CommandId::Report:
    case CommandId::Pause:
    case CommandId::Cancel:
      return check_run(command, parsed);
    case CommandId::Events:
      return check_subject(command, parsed, "node");
    case CommandId::Logs:
    case CommandId::Describe:
      return check_subject(command, parsed, "node or pod");
    case CommandId::Help:
      return check_topic(command, parsed);
    default:
      break;
  }
  if (parsed.words.empty()) return {};
  return usage(fmt::format("drover {} takes no argument", command.name), hint(command));
}

std::string& word_of(Invocation& invocation) {
  switch (invocation.command) {
    case CommandId::Plan:
    case CommandId::Check:
    case CommandId::Apply:
      return invocation.upgrade_file;
    case CommandId::Events:
    case CommandId::Logs:
    case CommandId::Describe:
      return invocation.subject;
    case CommandId::Help:
      return invocation.help_topic;
    default:
      return command_spec(invocation.command).actions.empty() ? invocation.run : invocation.action;
  }
}

Invocation help_on(const std::string& topic) {
  Invocation invocation;
  invocation.command = CommandId::Help;
  invocation.help_topic = topic;
  invocation.state_dir = default_state_dir();
  return invocation;
}

Error no_command(const Words& words) {
  // "drover --version" and the like: the dashes are the only mistake.
  for (const std::string& word : words.rest) {
    const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    if (find_command(bare) != nullptr) {
      return usage(fmt::format("there is no option {}", word),
                   fmt::format("did you mean `drover {}`?", bare));
    }
  }
  return usage("no command is given", "`drover help` lists the commands");
}

}  // namespace

Result<Invocation> parse_command_line(const std::vector<std::string>& arguments) {
  const Words words = split(arguments);
  if (!words.command) {
    if (words.help) return help_on("");
    return no_command(words);
  }
  DROVER_TRY_ASSIGN(const CommandSpec* command, command_named(*words.command));
  if (words.help) return help_on(std::string(command->name));
  DROVER_TRY_ASSIGN(const Parsed parsed, parse_options(*command, words.rest));
  DROVER_TRY(check_words(*command, parsed));
  DROVER_TRY_ASSIGN(const OutputFormat output, read_format(*command, parsed));
  DROVER_TRY(check_choices(*command, parsed));

  Invocation invocation;
  invocation.command = command->id;
  if (!parsed.words.empty()) word_of(invocation) = parsed.words[0];
  if (parsed.words.size() > 1) {
    invocation.arguments.assign(parsed.words.begin() + 1, parsed.words.end());
  }
  invocation.command_line = parsed.command_line.value_or(std::vector<std::string>());
  invocation.options = parsed.options;
  DROVER_TRY_ASSIGN(invocation.limit, read_limit(*command, parsed));
  if (invocation.saved_plan() && !invocation.limit.empty()) {
    return usage("--limit does not go with a saved plan, which is executed as it is",
                 "drover apply UPGRADE --limit HOST,...");
  }
  invocation.retry = parsed.values("retry");
  invocation.skip = parsed.values("skip");
  invocation.reason = parsed.value("reason");
  invocation.inventory_file = parsed.value("inventory");
  invocation.plan_out = parsed.value("-o");
  invocation.commands = parsed.has("commands");
  invocation.detailed_exitcode = parsed.has("detailed-exitcode");
  invocation.list = parsed.has("list");
  invocation.yes = parsed.has("yes");
  invocation.dry_run = parsed.has("dry-run");
  invocation.state_dir = parsed.has("state-dir") ? parsed.value("state-dir") : default_state_dir();
  invocation.output = output;
  invocation.json = output == OutputFormat::Json;
  invocation.verbose = parsed.has("verbose");
  invocation.no_color = parsed.has("no-color");
  return invocation;
}

std::vector<std::string> Invocation::values(const std::string& option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

std::string Invocation::value(const std::string& option) const {
  const auto all = values(option);
  return all.empty() ? "" : all.front();
}

std::string as_typed(const Invocation& invocation, CommandId command) {
  std::vector<std::string> words = {invocation.upgrade_file};
  if (!invocation.inventory_file.empty()) {
    words.insert(words.end(), {"-i", invocation.inventory_file});
  }
  return as_typed(invocation, command, words);
}

std::string as_typed(const Invocation& invocation, CommandId command,
                     const std::vector<std::string>& words) {
  std::string line = "drover";
  if (invocation.state_dir != default_state_dir()) {
    line += " --state-dir " + quote(invocation.state_dir);
  }
  line += fmt::format(" {}", command_spec(command).name);
  for (const std::string& word : words) line += ' ' + quote(word);
  return line;
}

}  // namespace drover::orchestrator
