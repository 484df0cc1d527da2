#include "plans/etcd/look.h"

#include <charconv>

#include "inventory/base/text.h"
#include "plans/etcd/shell.h"

namespace drover::plans {
namespace {

// A line each: name, exit code, answer. What it complains of comes on stderr behind "@name".
constexpr std::string_view kAsk = R"sh(printf 'quota %s\n' "$(flag quota-backend-bytes)"
ask() {
  name=$1
  shift
  echo "@$name" >&2
  answer=$(ctl --command-timeout=10s "$@" -w json) && code=0 || code=$?
  printf '%s %s %s\n' "$name" "$code" "$(printf %s "$answer" | tr '\n' ' ')"
}
ask status endpoint status
ask health endpoint health
ask members member list
ask alarms alarm list
)sh";

/// The last line of stderr behind "@name" and before the next one, etcd's own log left out: there
/// the reason stands that is meant for people.
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

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class T>
void keep(std::optional<T>& into, Result<T> answer) {
  if (answer) into = std::move(*answer);
}

/// "E: no etcd container is running", without the letter.
std::string reason_of(const CommandResult& result) {
  for (const std::string& line : split_lines(result.err)) {
    if (line.starts_with("E: ")) return line.substr(3);
  }
  const auto lines = split_lines(result.err);
  return lines.empty() ? "no reason given" : lines.back();
}

}  // namespace

Command look_at_etcd() {
  return {.script = etcd_shell() + std::string(kAsk), .timeout = std::chrono::seconds(90)};
}

EtcdSeen read_etcd_look(const std::string& host, const CommandResult& result) {
  EtcdSeen seen{.host = host};
  if (!result.ok()) {
    seen.no_etcd = sanitise(reason_of(result));
    return seen;
  }
  for (const std::string& line : split_lines(result.out)) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string_view name = std::string_view(line).substr(0, space);
    const std::string_view rest = trim(std::string_view(line).substr(space));
    if (name == "quota") seen.quota = number(rest);
    const std::string_view answer = trim(rest.substr(std::min(rest.find(' '), rest.size())));
    if (name == "status") keep(seen.status, parse_etcd_status(answer));
    if (name == "health") keep(seen.health, parse_etcd_health(answer));
    if (name == "members") keep(seen.members, parse_etcd_members(answer));
    if (name == "alarms") keep(seen.alarms, parse_etcd_alarms(answer));
  }
  if (!seen.status) {
    const std::string why = complaint(result, "status");
    seen.no_etcd = why.empty() ? "it does not say how it is" : sanitise(why);
  }
  return seen;
}

}  // namespace drover::plans
