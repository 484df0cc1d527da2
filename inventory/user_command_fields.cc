#include "inventory/user_command_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace drover {
namespace {

// It stands in waits and in journals: no blanks, nothing to quote.
bool speakable(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 60 && std::all_of(name.begin(), name.end(), allowed);
}

void read_name(const YamlField& field, UserCommand& command) {
  field.require("write a name to call it by");
  const auto text = field.text();
  if (!text) return;
  command.name = *text;
  if (speakable(*text)) return;
  field.refuse(fmt::format("{} is not a name", shown(*text)),
               "allowed: at most 60 letters, digits, '-', '_' and '.'");
}

void read_run(const YamlField& field, UserCommand& command) {
  const std::vector<YamlField> items = field.items();
  for (const YamlField& item : items) {
    const auto text = item.text();
    if (!text) continue;
    if (text->find('\0') != std::string::npos) {
      item.refuse("no argument of a program", "leave the null byte out");
    }
    command.run.push_back(*text);
  }
  const bool nameless = items.empty() || (!command.run.empty() && command.run[0].empty());
  if (field.is_list() && nameless)
    field.refuse("no program is named", "write [PROGRAM, ARGUMENT, ...]");
}

void read_script(const YamlField& field, UserCommand& command) {
  const auto text = field.text();
  if (!text) return;
  command.script = *text;
  if (text->find_first_not_of(" \t\n") == std::string::npos) {
    field.refuse("there is nothing in it", "write the text of a script for sh");
  } else if (text->find('\0') != std::string::npos) {
    field.refuse("no text for sh", "leave the null byte out");
  }
}

void read_on(const YamlField& field, UserCommand& command) {
  const auto text = field.text();
  if (!text || *text == "local") return;
  command.on = UserCommand::Where::Node;
  if (*text == "node") return;
  field.refuse(fmt::format("{} says not where it runs", shown(*text)), "allowed: local, node");
}

UserCommand read_one(const YamlField& item, std::string_view map) {
  UserCommand command;
  item.check_keys(map);
  if (!item.is_map()) return command;
  read_name(item["name"], command);
  read_run(item["run"], command);
  read_script(item["script"], command);
  read_on(item["on"], command);
  set(command.timeout, item["timeout"].duration(std::chrono::seconds(1)));
  const bool both = item["run"].written() && item["script"].written();
  if (both) item["script"].refuse("a second thing to run", "write either run or script");
  if (!item["run"].written() && !item["script"].written()) {
    item.refuse("nothing to run", "write run: [PROGRAM, ARGUMENT, ...] or script: TEXT");
  }
  return command;
}

}  // namespace

std::vector<UserCommand> read_user_commands(const YamlField& field, std::string_view map) {
  std::vector<UserCommand> commands;
  std::set<std::string> names;
  for (const YamlField& item : field.items()) {
    UserCommand command = read_one(item, map);
    if (!command.name.empty() && !names.insert(command.name).second) {
      item["name"].refuse(fmt::format("{} stands in the list twice", shown(command.name)),
                          "give it a name of its own");
    }
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace drover
