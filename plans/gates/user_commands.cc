#include "plans/gates/user_commands.h"

#include <fmt/format.h>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::plans {
namespace {

constexpr std::string_view kPrefix = "command.";

std::string text_of(const UserCommand& command) {
  if (command.run.empty()) return command.script;
  std::vector<std::string> words;
  for (const std::string& word : command.run) words.push_back(quote(word));
  return join(words, " ");
}

std::string key(size_t number, const char* field) {
  return fmt::format("{}{:02}.{}", kPrefix, number, field);
}

}  // namespace

void put_commands(Step& step, const std::vector<UserCommand>& commands) {
  std::erase_if(step.params, [](const auto& param) { return param.first.starts_with(kPrefix); });
  size_t number = 0;
  for (const UserCommand& command : commands) {
    ++number;
    step.params[key(number, "name")] = command.name;
    step.params[key(number, "on")] = command.on == UserCommand::Where::Node ? "node" : "local";
    step.params[key(number, "timeout")] = format_duration(command.timeout);
    step.params[key(number, "text")] = text_of(command);
  }
}

std::vector<UserCommand> commands_of(const Step& step) {
  std::vector<UserCommand> commands;
  for (size_t number = 1; !step.param(key(number, "name")).empty(); ++number) {
    UserCommand command;
    command.name = step.param(key(number, "name"));
    command.script = step.param(key(number, "text"));
    const bool node = step.param(key(number, "on")) == "node";
    command.on = node ? UserCommand::Where::Node : UserCommand::Where::Local;
    command.timeout = parse_duration(step.param(key(number, "timeout"))).value_or(command.timeout);
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace drover::plans
