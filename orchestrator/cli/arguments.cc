#include "orchestrator/cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

namespace po = boost::program_options;

Error not_yet(const std::string& what) {
  std::vector<std::string> names;
  for (const CommandSpec& command : all_commands()) names.emplace_back(command.name);
  return usage(fmt::format("{} is not supported yet", what),
               fmt::format("this version has {}", join(names, ", ")));
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

/// No option is a number, and some values are below zero.
bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

bool takes_value_as_next_word(const std::string& word, const std::vector<OptionSpec>& options) {
  return std::any_of(options.begin(), options.end(), [&](const OptionSpec& option) {
    const bool named = (!option.name.empty() && word == "--" + std::string(option.name)) ||
                       (option.letter != '\0' && word == std::string("-") + option.letter);
    return named && !option.value.empty();
  });
}

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
  // kubectl's letter for it.
  const auto near =
      is_letter && name == "o" ? std::optional<std::string>("output") : nearest(bare, names);
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

bool takes_command_line(const CommandSpec& command) {
  return std::any_of(command.actions.begin(), command.actions.end(),
                     [](const ActionSpec& action) { return action.command_line; });
}

// A value that looks like an option is a forgotten value; "./-x" is the way to such a file.
bool lacks_value(const po::option& option) {
  return !option.value.empty() &&
         (option.value.front().empty() || looks_like_option(option.value.front()));
}

}  // namespace

Error usage(std::string message, std::string remedy) {
  Error error;
  error.kind = ErrorKind::Usage;
  error.message = std::move(message);
  error.remedy = std::move(remedy);
  return error;
}

std::string hint(const CommandSpec& command) {
  return fmt::format("`drover help {}` explains it", command.name);
}

Result<const CommandSpec*> command_named(const std::string& word) {
  if (const CommandSpec* command = find_command(word)) return command;
  const auto& later = later_commands();
  if (std::find(later.begin(), later.end(), word) != later.end()) {
    return not_yet(fmt::format("`drover {}`", word));
  }
  return unknown_command(word);
}

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

std::vector<std::string> Parsed::values(const std::string& key) const {
  const auto found = options.find(key);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

std::string Parsed::value(const std::string& key) const {
  const auto all = values(key);
  return all.empty() ? "" : all.front();
}

Result<Parsed> parse_options(const CommandSpec& command, const std::vector<std::string>& words) {
  po::options_description all;
  describe(all, command.options);
  describe(all, global_options());
  Parsed parsed;
  std::vector<std::string> own = words;
  if (takes_command_line(command)) {
    const auto dashes = std::find(own.begin(), own.end(), "--");
    if (dashes != own.end()) {
      parsed.command_line.emplace(dashes + 1, own.end());
      own.erase(dashes, own.end());
    }
  }
  try {
    namespace style = po::command_line_style;
    const auto result = po::command_line_parser(own)
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

}  // namespace drover::orchestrator
