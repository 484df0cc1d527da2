#include "orchestrator/cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <map>
#include <optional>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "orchestrator/state/state_folder.h"

namespace drover::orchestrator {
namespace {

namespace po = boost::program_options;

Error usage(std::string message, std::string remedy) {
  Error error;
  error.kind = ErrorKind::Usage;
  error.message = std::move(message);
  error.remedy = std::move(remedy);
  return error;
}

Error not_yet(const std::string& what) {
  std::vector<std::string> names;
  for (const CommandSpec& command : all_commands()) names.emplace_back(command.name);
  return usage(fmt::format("{} is not supported yet", what),
               fmt::format("this version has {}", join(names, ", ")));
}

std::string hint(const CommandSpec& command) {
  return fmt::format("`drover help {}` explains it", command.name);
}

Error unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const CommandSpec& command : all_commands()) names.emplace_back(command.name);
  for (const std::string_view later : later_commands()) names.emplace_back(later);
  const auto near = nearest(word, names);
  return usage(fmt::format("there is no command {}", quote(sanitise(word))),
               near ? fmt::format("did you mean `drover {}`?", *near)
                    : std::string("`drover help` lists the commands"));
}

Result<const CommandSpec*> command_named(const std::string& word) {
  if (const CommandSpec* command = find_command(word)) return command;
  const auto& later = later_commands();
  if (std::find(later.begin(), later.end(), word) != later.end()) {
    return not_yet(fmt::format("`drover {}`", word));
  }
  return unknown_command(word);
}

bool looks_like_option(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

bool takes_value_as_next_word(const std::string& word, const std::vector<OptionSpec>& options) {
  return std::any_of(options.begin(), options.end(), [&](const OptionSpec& option) {
    const bool named = (!option.name.empty() && word == "--" + std::string(option.name)) ||
                       (option.letter != '\0' && word == std::string("-") + option.letter);
    return named && !option.value.empty();
  });
}

/// The arguments, taken apart as far as that goes without knowing the command.
struct Words {
  std::optional<std::string> command;
  bool help = false;
  std::vector<std::string> rest;  ///< all but the command
};

Words split(const std::vector<std::string>& arguments) {
  std::vector<OptionSpec> options = global_options();
  for (const CommandSpec& command : all_commands()) {
    options.insert(options.end(), command.options.begin(), command.options.end());
  }
  Words words;
  bool is_value = false;
  bool only_words = false;  // behind --
  for (const std::string& word : arguments) {
    const bool is_option = !only_words && looks_like_option(word);
    is_value = is_value && !is_option;
    if (!is_option && !is_value && !words.command) {
      words.command = word;
      continue;
    }
    if (is_option && word == "--") only_words = true;
    if (is_option && (word == "-h" || word == "--help")) words.help = true;
    is_value = is_option && takes_value_as_next_word(word, options);
    words.rest.push_back(word);
  }
  return words;
}

/// Options by key ("inventory", "-o"), and the words that are none.
struct Parsed {
  std::map<std::string, std::vector<std::string>> options;
  std::vector<std::string> words;

  bool has(const std::string& key) const { return options.count(key) > 0; }
  std::vector<std::string> values(const std::string& key) const {
    const auto found = options.find(key);
    return found == options.end() ? std::vector<std::string>() : found->second;
  }
  std::string value(const std::string& key) const {
    const auto all = values(key);
    return all.empty() ? "" : all.front();
  }
};

void describe(po::options_description& all, const std::vector<OptionSpec>& options) {
  for (const OptionSpec& option : options) {
    std::string names(option.name);
    if (option.letter != '\0') names += fmt::format(",{}", option.letter);
    constexpr bool kNoValue = true;
    // The description owns the value; Boost has no other way to hand one over.
    all.add_options()(names.c_str(),
                      new po::untyped_value(option.value.empty() ? kNoValue : !kNoValue), "");
  }
}

Error unknown_option(const CommandSpec& command, const std::string& token) {
  const std::string word = token.substr(0, token.find('='));
  const std::string bare = word.substr(std::min(word.find_first_not_of('-'), word.size()));
  // A letter's value may stand right behind it.
  const bool is_letter = word.size() > 1 && word[1] != '-';
  const std::string name = is_letter ? word.substr(1, 1) : bare;
  if (is_later_option(command.id, name)) {
    return not_yet(fmt::format("`drover {} {}{}`", command.name, is_letter ? "-" : "--", name));
  }
  std::vector<std::string> names;
  for (const auto* options : {&command.options, &global_options()}) {
    for (const OptionSpec& option : *options) {
      if (!option.name.empty()) names.push_back(std::string(option.name));
    }
  }
  const auto near = nearest(bare, names);
  return usage(fmt::format("drover {} has no option {}", command.name, quote(sanitise(word))),
               near ? fmt::format("did you mean --{}?", *near) : hint(command));
}

Error needs_value(const CommandSpec& command, const std::string& option) {
  return usage(fmt::format("{} needs a value", sanitise(option)), hint(command));
}

Error bad_syntax(const CommandSpec& command, const po::invalid_command_line_syntax& error) {
  std::string name = error.get_option_name();
  if (name.size() == 3) name.erase(0, 1);  // Boost calls -o "--o"
  if (error.kind() != po::invalid_syntax::extra_parameter) return needs_value(command, name);
  return usage(fmt::format("{} takes no value", name), hint(command));
}

bool is_repeatable(const CommandSpec& command, const std::string& name) {
  return std::any_of(command.options.begin(), command.options.end(), [&](const OptionSpec& option) {
    return option.name == name && option.repeatable;
  });
}

// A value that looks like an option is a forgotten value; "./-x" is the way to such a file.
bool lacks_value(const po::option& option) {
  return !option.value.empty() &&
         (option.value.front().empty() || looks_like_option(option.value.front()));
}

Result<Parsed> parse_options(const CommandSpec& command, const std::vector<std::string>& words) {
  po::options_description all;
  describe(all, command.options);
  describe(all, global_options());
  Parsed parsed;
  try {
    namespace style = po::command_line_style;
    const auto result = po::command_line_parser(words)
                            .options(all)
                            .style(style::unix_style & ~style::allow_guessing)
                            .allow_unregistered()
                            .run();
    for (const po::option& option : result.options) {
      if (option.position_key >= 0) {
        parsed.words.insert(parsed.words.end(), option.value.begin(), option.value.end());
      } else if (option.unregistered) {
        return unknown_option(command, option.original_tokens.front());
      } else if (lacks_value(option)) {
        return needs_value(command, option.original_tokens.front());
      } else if (parsed.has(option.string_key) && !is_repeatable(command, option.string_key)) {
        return usage(fmt::format("{} is given twice", option.original_tokens.front()),
                     hint(command));
      } else {
        parsed.options[option.string_key].push_back(join(option.value, " "));
      }
    }
  } catch (const po::invalid_command_line_syntax& error) {
    return bad_syntax(command, error);
  } catch (const po::error& error) {
    return usage(sanitise(error.what()), hint(command));
  }
  return parsed;
}

Result<bool> wants_json(const Parsed& parsed) {
  const std::string format = parsed.value("output");
  if (format.empty() || format == "text") return false;
  if (format == "json") return true;
  return usage(fmt::format("--output {}: there is no such format", quote(sanitise(format))),
               "text or json");
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

Status check_action(const CommandSpec& command, const Parsed& parsed) {
  const std::string word = parsed.words.empty() ? "" : parsed.words[0];
  const bool known = word == "show" || word == "release";
  if (parsed.words.size() > 1 || !known) {
    return usage(word.empty() ? fmt::format("drover {} wants to be told what to do", command.name)
                 : known      ? fmt::format("drover {} {} takes no argument", command.name, word)
                         : fmt::format("drover {} has no {}", command.name, quote(sanitise(word))),
                 fmt::format("drover {} {}", command.name, command.usage));
  }
  if (word == "show" && parsed.has("yes")) {
    return usage(fmt::format("drover {} show asks nothing: no --yes", command.name), hint(command));
  }
  return {};
}

Status check_words(const CommandSpec& command, const Parsed& parsed) {
  switch (command.id) {
    case CommandId::Lock:
      return check_action(command, parsed);
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
    case CommandId::Help:
      return check_topic(command, parsed);
    case CommandId::Runs:
    case CommandId::Version:
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
    case CommandId::Help:
      return invocation.help_topic;
    case CommandId::Lock:
      return invocation.action;
    default:
      return invocation.run;
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
  DROVER_TRY_ASSIGN(const bool json, wants_json(parsed));
  DROVER_TRY(check_words(*command, parsed));
  DROVER_TRY(check_choices(*command, parsed));

  Invocation invocation;
  invocation.command = command->id;
  if (!parsed.words.empty()) word_of(invocation) = parsed.words[0];
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
  invocation.json = json;
  invocation.verbose = parsed.has("verbose");
  invocation.no_color = parsed.has("no-color");
  return invocation;
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
