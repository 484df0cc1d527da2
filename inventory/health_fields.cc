#include "inventory/health_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "inventory/base/duration.h"
#include "inventory/user_command_fields.h"

namespace drover {
namespace {

using std::chrono::seconds;

bool is_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

// HOST[:PORT][/PATH] of what needs no encoding; `@` would hide a password in it.
bool plain_url(std::string_view rest) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/:[]").find(c) != std::string_view::npos;
  };
  const std::string_view authority = rest.substr(0, rest.find('/'));
  const size_t bracket = authority.rfind(']');  // an IPv6 address has colons of its own
  const size_t colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
  const bool port = colon == authority.npos || is_port(authority.substr(colon + 1));
  return port && !authority.substr(0, colon).empty() &&
         std::all_of(rest.begin(), rest.end(), allowed);
}

void read_url(const YamlField& field, PrometheusPolicy& prometheus) {
  field.require("write the server's address, for example https://prometheus.example:9090");
  const auto text = field.text();
  if (!text) return;
  prometheus.url = *text;
  while (prometheus.url.ends_with('/')) prometheus.url.pop_back();
  const std::string_view url = prometheus.url;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme) && plain_url(url.substr(scheme.size()))) return;
  }
  // What is written may hold a password.
  field.refuse("not an address to use here",
               "write http://HOST[:PORT][/PATH] or https://..., without user, query or fragment");
}

// What leaves this machine must not be read on the way.
bool stays_here(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    if (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/')
      return true;
  }
  return false;
}

bool alert_name(std::string_view name) {
  const auto allowed = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  return !name.empty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), allowed);
}

void read_block_on(const YamlField& field, PrometheusPolicy& prometheus) {
  field.require("write the names of the alerts that hold the roll-out up");
  const std::vector<YamlField> items = field.items();
  std::set<std::string> seen;
  for (const YamlField& item : items) {
    const auto text = item.text();
    if (!text) continue;
    if (!alert_name(*text)) {
      item.refuse(fmt::format("{} is not the name of an alert", shown(*text)),
                  "write it as the label alertname has it");
    } else if (!seen.insert(*text).second) {
      item.refuse(fmt::format("{} stands in the list twice", shown(*text)), "leave one out");
    }
    prometheus.block_on.push_back(*text);
  }
  if (field.is_list() && items.empty()) {
    field.refuse("no alert is named", "name one, or leave prometheus out");
  }
}

void read_prometheus(const YamlField& field, const Folders& folders, HealthPolicy& health) {
  if (!field.written()) return;
  field.check_keys("health.prometheus");
  PrometheusPolicy prometheus;
  read_url(field["url"], prometheus);
  read_block_on(field["block_on"], prometheus);
  read_secret(field["token"], "health.prometheus.token", folders, prometheus.token);
  const bool open = prometheus.url.starts_with("http://") && !stays_here(prometheus.url);
  if (prometheus.token.named() && open) {
    field["token"].refuse("would be sent over http, where others can read it",
                          "write an https address, or leave the token out");
  }
  health.prometheus = std::move(prometheus);
}

}  // namespace

void read_health(const YamlField& field, const Folders& folders, HealthPolicy& health) {
  field.check_keys("health");
  set(health.settle, field["settle"].duration(seconds(0)));
  set(health.interval, field["interval"].duration(seconds(1)));
  set(health.consecutive, field["consecutive"].whole(1, 1000));
  set(health.timeout, field["timeout"].duration(seconds(1)));
  set(health.workloads, field["workloads"].flag());
  set(health.webhooks, field["webhooks"].flag());
  read_prometheus(field["prometheus"], folders, health);
  health.commands = read_user_commands(field["commands"], "health.commands");
  if (health.interval * (health.consecutive - 1) < health.timeout) return;
  field.refuse(fmt::format("{} checks {} apart do not fit into a timeout of {}", health.consecutive,
                           format_duration(health.interval), format_duration(health.timeout)),
               "raise timeout, or lower interval or consecutive");
}

}  // namespace drover
