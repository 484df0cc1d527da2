#pragma once

#include <string>
#include <string_view>
#include <vector>

/// The commands and their options: one table that parsing and help are made from.
namespace drover::orchestrator {

enum class CommandId {
  Plan,
  Check,
  Apply,
  Resume,
  Status,
  Runs,
  Report,
  Pause,
  Cancel,
  Node,
  Events,
  Logs,
  Describe,
  Top,
  Hpa,
  Addon,
  Certs,
  Lock,
  Etcd,
  Version,
  Help,
};

struct OptionSpec {
  std::string_view name;   ///< long name without dashes; "" if there is only a letter
  char letter = '\0';      ///< '\0': none
  std::string_view value;  ///< what stands behind it in help; "": a switch
  std::string_view about;
  bool repeatable = false;  ///< may be given more than once

  std::string shown() const;  ///< "-i, --inventory INV"
};

struct Example {
  std::string_view line;
  std::string_view about;
};

/// What a command of several can be told to do: `show` of `drover lock show`.
struct ActionSpec {
  std::string_view name;
  std::string_view usage;  ///< behind "drover <command> <name> "; "": it takes nothing
  std::string_view about;  ///< one line
  size_t least = 0;        ///< arguments, without the options
  size_t most = 0;
  std::vector<std::string_view> options = {};  ///< names of those of the command that it takes
  bool command_line = false;  ///< a command line of the user's own stands behind `--`
  bool is_list = false;       ///< what it shows is a list: --output knows wide and yaml
};

struct CommandSpec {
  CommandId id;
  std::string_view name;
  std::string_view summary;  ///< one line, for the overview
  std::string_view usage;    ///< behind "drover <name> "
  std::string_view about;    ///< what it does, in a few sentences
  std::vector<OptionSpec> options;
  std::vector<Example> examples;
  std::vector<ActionSpec> actions = {};  ///< empty: the command does one thing
  bool is_list = false;                  ///< as of an action, without one

  /// nullptr when there is none of that name.
  const ActionSpec* find_action(std::string_view action) const;
  /// The global options as this command takes them.
  std::vector<OptionSpec> common_options() const;
};

const std::vector<CommandSpec>& all_commands();
const CommandSpec& command_spec(CommandId id);
/// nullptr when there is none of that name.
const CommandSpec* find_command(std::string_view name);

/// May stand before or after the command.
const std::vector<OptionSpec>& global_options();

/// Commands, and options of commands, that are planned and not built: answered as such.
const std::vector<std::string_view>& later_commands();
bool is_later_option(CommandId command, std::string_view option);

}  // namespace drover::orchestrator
