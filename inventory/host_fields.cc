#include "inventory/host_fields.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "inventory/ssh_fields.h"

namespace drover {
namespace {

constexpr size_t kLongestName = 63;   // a folder, a file and a table column carry it
constexpr size_t kLongestNode = 253;  // RFC 1123, as Kubernetes has it
constexpr std::string_view kNameRule = "letters, digits, '.', '-' and '_', first a letter or digit";

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool letter_or_digit(char c) { return lower_or_digit(c) || (c >= 'A' && c <= 'Z'); }

bool name_character(char c) { return letter_or_digit(c) || c == '.' || c == '-' || c == '_'; }

bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && letter_or_digit(name[0]) &&
         std::all_of(name.begin(), name.end(), name_character);
}

// A Kubernetes node name: labels of lower-case letters, digits and inner hyphens, joined by dots.
bool node_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestNode) return false;
  char before = '.';
  for (char c : name) {
    if (!lower_or_digit(c) && c != '-' && c != '.') return false;
    if (!lower_or_digit(c) && before == '.') return false;
    if (c == '.' && before == '-') return false;
    before = c;
  }
  return lower_or_digit(before);
}

bool ipv6(std::string_view text) {
  const std::string address(text.substr(0, text.find('%')));  // a zone may follow
  in6_addr parsed;
  const std::string_view zone = text.substr(address.size());
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1 &&
         (zone.empty() || plain_name(zone.substr(1)));
}

bool address_like(std::string_view text) {
  if (text.empty() || text.size() > kLongestNode) return false;
  if (text.find(':') != std::string_view::npos) return ipv6(text);
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    in_addr parsed;
    return inet_pton(AF_INET, std::string(text).c_str(), &parsed) == 1;
  }
  return letter_or_digit(text[0]) && std::all_of(text.begin(), text.end(), name_character);
}

std::string address_remedy(std::string_view text) {
  if (text.find('@') != std::string_view::npos) return "write the user under \"user\"";
  if (text.substr(0, 1) == "[") return "write an IPv6 address without brackets";
  if (std::count(text.begin(), text.end(), ':') == 1) return "write the port under \"port\"";
  return "write a host name or an IP address";
}

void read_address(const YamlField& field, Host& host) {
  field.require("write the host name or IP address to connect to");
  const auto text = field.text();
  if (!text) return;
  if (address_like(*text)) {
    host.address = *text;
  } else {
    field.refuse(fmt::format("{} is not an address", shown(*text)), address_remedy(*text));
  }
}

std::optional<Role> role_of(const YamlField& field) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  if (*text == "control-plane") return Role::ControlPlane;
  if (*text == "worker") return Role::Worker;
  if (*text == "etcd") {
    field.refuse("\"etcd\" is not supported yet", "allowed: control-plane, worker");
  } else {
    field.refuse(fmt::format("{} is not a role", shown(*text)), "allowed: control-plane, worker");
  }
  return std::nullopt;
}

void read_roles(const YamlField& field, Host& host) {
  const std::vector<YamlField> items = field.items();
  for (const YamlField& item : items) {
    const auto role = role_of(item);
    if (role && host.has(*role)) item.refuse("the same role twice", "leave one out");
    if (role && !host.has(*role)) host.roles.push_back(*role);
  }
  if (items.empty() && (!field.written() || field.is_list())) {
    field.refuse("hosts without a role are not supported yet",
                 "write [control-plane], [worker] or [control-plane, worker]");
  }
}

void read_node_name(const YamlField& field, const YamlField& host_field, Host& host) {
  host.node = host.name;
  const auto text = field.text();
  if (text) host.node = *text;
  if (field.written() && !text) return;
  if (node_name(host.node)) return;
  if (text) {
    field.refuse(fmt::format("{} is not a Kubernetes node name", shown(*text)),
                 "allowed: lower-case letters, digits, '-' and '.'");
  } else if (plain_name(host.name)) {
    host_field.refuse(fmt::format("{} cannot be a Kubernetes node name", shown(host.name)),
                      "write the node's name under \"node\"");
  }
}

}  // namespace

bool check_name(const YamlField& field, const std::string& name) {
  if (plain_name(name)) return true;
  field.refuse(fmt::format("{} is not a name to use here", shown(name)),
               fmt::format("allowed: {}; at most {} characters", kNameRule, kLongestName));
  return false;
}

Host read_host(const YamlField& field, const SshSettings& defaults, const Folders& folders) {
  Host host;
  host.name = field.key();
  host.ssh = defaults;
  if (check_name(field, host.name) && host.name == "cluster") {
    field.refuse("\"cluster\" stands for the whole cluster in step ids", "choose another name");
  }
  field.check_keys("hosts.*");
  if (!field.is_map()) return host;
  read_address(field["address"], host);
  read_roles(field["roles"], host);
  read_node_name(field["node"], field, host);
  const YamlField domain = field["domain"];
  if (const auto text = domain.text(); text && check_name(domain, *text)) host.domain = *text;
  read_host_ssh(field, folders, host.ssh);
  return host;
}

}  // namespace drover
