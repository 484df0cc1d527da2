#include "plans/etcd/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

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

constexpr std::string_view kAsk = R"sh(printf 'quota %s\n' "$(flag quota-backend-bytes)"
ask status endpoint status
ask health endpoint health
ask members member list
ask alarms alarm list
)sh";

constexpr std::string_view kWatch = R"sh(ask status endpoint status
ask members endpoint health --cluster
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

/// Names and answers; the exit codes say nothing that the answers do not.
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
  return {.script = etcd_shell() + std::string(kAsking) + std::string(kAsk),
          .timeout = std::chrono::seconds(90)};
}

Command watch_etcd() {
  return {.script = etcd_shell() + std::string(kAsking) + std::string(kWatch),
          .timeout = std::chrono::seconds(60)};
}

EtcdSeen read_etcd_look(const std::string& host, const CommandResult& result) {
  EtcdSeen seen{.host = host};
  if (!result.ok()) {
    seen.no_etcd = sanitise(reason_of(result));
    return seen;
  }
  for (const auto& [name, answer] : answers_in(result)) {
    if (name == "quota") seen.quota = number(answer);
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

EtcdWatched read_etcd_watch(const CommandResult& result) {
  EtcdWatched watched;
  if (!result.ok()) {
    watched.missing = sanitise(reason_of(result));
    return watched;
  }
  for (const auto& [name, answer] : answers_in(result)) {
    if (name == "status") keep(watched.status, parse_etcd_status(answer));
    if (name != "members") continue;
    if (auto members = parse_etcd_healths(answer)) watched.members = std::move(*members);
  }
  for (const EtcdEndpointHealth& one : watched.members) {
    if (one.health.healthy) continue;
    watched.missing =
        sanitise(fmt::format("{} is not healthy: {}", one.endpoint,
                             one.health.error.empty() ? "it gives no reason" : one.health.error));
  }
  if (!watched.missing.empty()) return watched;
  if (!watched.status || watched.members.empty()) {
    std::string why = complaint(result, watched.status ? "members" : "status");
    watched.missing = why.empty() ? "it does not say how it is" : sanitise(why);
  } else if (watched.status->leader == 0) {
    watched.missing = "it knows of no leader";
  }
  return watched;
}

}  // namespace drover::plans
