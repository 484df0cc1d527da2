#include "plans/etcd/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "inventory/base/text.h"
#include "plans/etcd/asking.h"

namespace drover::plans {
namespace {

constexpr std::string_view kAskStatus = R"sh(printf 'quota %s\n' "$(flag quota-backend-bytes)"
ask status endpoint status
ask health endpoint health
ask members member list
ask alarms alarm list
)sh";

constexpr std::string_view kWatch = R"sh(ask status endpoint status
ask members endpoint health --cluster
)sh";

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <class T>
void keep(std::optional<T>& into, Result<T> answer) {
  if (answer) into = std::move(*answer);
}

}  // namespace

Command look_at_etcd() {
  return {.script = asking_shell() + std::string(kAskStatus), .timeout = std::chrono::seconds(90)};
}

Command watch_etcd() {
  return {.script = asking_shell() + std::string(kWatch), .timeout = std::chrono::seconds(60)};
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
