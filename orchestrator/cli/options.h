#pragma once

#include <map>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/cli/command_table.h"
#include "orchestrator/ui/output_format.h"

namespace drover::orchestrator {

/// A valid command line.
struct Invocation {
  CommandId command = CommandId::Help;
  std::string upgrade_file;  ///< plan, check, apply; apply: a PLAN.json too
  std::string subject;       ///< events: a node; logs, describe: a node or a pod; "": none
  std::string run;           ///< resume, status, report, pause, cancel; "": not named
  std::string action;        ///< of a command of several: "show" of `drover lock show`
  std::vector<std::string> arguments;     ///< of the action
  std::vector<std::string> command_line;  ///< behind `--`
  std::string inventory_file;             ///< -i; "": the one that the upgrade file names
  std::string plan_out;                   ///< plan -o
  bool commands = false;                  ///< plan
  bool detailed_exitcode = false;         ///< plan
  bool list = false;                      ///< check
  bool yes = false;                       ///< apply, resume, lock
  bool dry_run = false;                   ///< apply
  std::vector<std::string> limit;         ///< apply: hosts; empty: all
  std::vector<std::string> retry;         ///< resume: step ids
  std::vector<std::string> skip;          ///< resume: step ids
  std::string reason;                     ///< resume: why steps are skipped; "" without `skip`
  std::string help_topic;                 ///< help, and any command with --help; "": the overview
  std::string state_dir;                  ///< never empty
  OutputFormat output = OutputFormat::Text;
  bool json = false;  ///< --output json
  bool verbose = false;
  bool no_color = false;

  std::map<std::string, std::vector<std::string>> options;  ///< as given, by long name

  bool has(const std::string& option) const { return options.count(option) > 0; }
  std::vector<std::string> values(const std::string& option) const;
  std::string value(const std::string& option) const;  ///< the first; "" when not given

  /// apply: the file is a PLAN.json.
  bool saved_plan() const { return upgrade_file.ends_with(".json"); }
};

/// Reads the arguments behind the program's name. A Usage error says what is wrong in one line and
/// hints at the way out.
Result<Invocation> parse_command_line(const std::vector<std::string>& arguments);

/// The command line that does `command` with the files and the state folder of `invocation`, quoted
/// to be typed.
std::string as_typed(const Invocation& invocation, CommandId command);

/// The command line `drover COMMAND WORDS...` on the state folder of `invocation`, likewise.
std::string as_typed(const Invocation& invocation, CommandId command,
                     const std::vector<std::string>& words);

}  // namespace drover::orchestrator
