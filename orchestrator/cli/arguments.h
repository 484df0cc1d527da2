#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/cli/command_table.h"

/// The arguments of the program taken apart by the table of commands, before anybody asks what they
/// mean together.
namespace drover::orchestrator {

/// As far as that goes without knowing the command.
struct Words {
  std::optional<std::string> command;
  bool help = false;
  std::vector<std::string> rest;  ///< all but the command
};
Words split(const std::vector<std::string>& arguments);

/// Options by key ("inventory", "-o"), and the words that are none.
struct Parsed {
  std::map<std::string, std::vector<std::string>> options;
  std::vector<std::string> words;
  std::optional<std::vector<std::string>> command_line;  ///< what stands behind `--`

  bool has(const std::string& key) const { return options.count(key) > 0; }
  std::vector<std::string> values(const std::string& key) const;
  std::string value(const std::string& key) const;  ///< the first; "" when there is none
};
/// A Usage error for an option that the command lacks, that stands twice or without its value.
Result<Parsed> parse_options(const CommandSpec& command, const std::vector<std::string>& words);

/// A Usage error names the nearest one, or that it is not supported yet.
Result<const CommandSpec*> command_named(const std::string& word);

Error usage(std::string message, std::string remedy);
/// "`drover help lock` explains it".
std::string hint(const CommandSpec& command);

}  // namespace drover::orchestrator
