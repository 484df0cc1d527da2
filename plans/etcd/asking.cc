#include "plans/etcd/asking.h"

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/etcd/shell.h"

namespace drover::plans {
namespace {

// A line each: name, exit code, answer. What it complains of comes on stderr behind "@name".
constexpr std::string_view kAsking = R"sh(ask() {
  name=$1
  shift
  echo "@$name" >&2
  answer=$(ctl --command-timeout=10s "$@" -w json) && code=0 || code=$?
  printf '%s %s %s\n' "$name" "$code" "$(printf %s "$answer" | tr '\n' ' ')"
}
)sh";

}  // namespace

std::string asking_shell() { return etcd_shell() + std::string(kAsking); }

// The last line behind "@name" and before the next one: there the reason stands that is meant for
// people.
std::string complaint(const CommandResult& result, std::string_view name) {
  std::string found;
  bool inside = false;
  for (const std::string& line : split_lines(result.err)) {
    if (!line.empty() && line.front() == '@') {
      inside = std::string_view(line).substr(1) == name;
    } else if (inside && !line.empty() && line.front() != '{') {
      found = line;
    }
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> answers_in(const CommandResult& result) {
  std::vector<std::pair<std::string, std::string>> answers;
  for (const std::string& line : split_lines(result.out)) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string name = line.substr(0, space);
    std::string_view rest = trim(std::string_view(line).substr(space));
    if (name != "quota") rest = trim(rest.substr(std::min(rest.find(' '), rest.size())));
    answers.emplace_back(name, std::string(rest));
  }
  return answers;
}

std::string reason_of(const CommandResult& result) {
  for (const std::string& line : split_lines(result.err)) {
    if (line.starts_with("E: ")) return line.substr(3);
  }
  const auto lines = split_lines(result.err);
  return lines.empty() ? "no reason given" : lines.back();
}

}  // namespace drover::plans
