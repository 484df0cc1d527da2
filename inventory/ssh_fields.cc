#include "inventory/ssh_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace drover {
namespace {

std::optional<std::string> read_user(const YamlField& field) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  // Directory services have users such as ops@corp and CORP\ops.
  const bool known =
      !text->empty() && (*text)[0] != '-' && std::all_of(text->begin(), text->end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-+$@\\").find(c) != std::string_view::npos;
      });
  if (known) return text;
  field.refuse(fmt::format("{} is not a user name", shown(*text)), "write the name to log in with");
  return std::nullopt;
}

std::optional<std::string> read_path(const YamlField& field, const std::string& home) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  if (one_line(*text) && text->rfind("~/", 0) == 0) return home + text->substr(1);
  if (one_line(*text) && text->rfind('/', 0) == 0) return text;
  field.refuse(fmt::format("{} is not a path to use here", shown(*text)),
               "write a path that starts with / or ~/");
  return std::nullopt;
}

std::optional<std::vector<std::string>> read_paths(const YamlField& field,
                                                   const std::string& home) {
  std::vector<std::string> paths;
  const std::vector<YamlField> items = field.items_or_one();
  for (const YamlField& item : items) {
    if (auto path = read_path(item, home)) paths.push_back(std::move(*path));
  }
  if (items.empty() && field.is_list())
    field.refuse("an empty list", "leave the key out, or list a file");
  if (paths.empty() || paths.size() < items.size()) return std::nullopt;
  return paths;
}

std::optional<HostKeyCheck> read_host_keys(const YamlField& field) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  if (*text == "strict") return HostKeyCheck::Strict;
  if (*text == "accept-new") return HostKeyCheck::AcceptNew;
  if (*text == "off") return HostKeyCheck::Off;
  field.refuse(fmt::format("{} is not a way to check host keys", shown(*text)),
               "allowed: strict, accept-new, off");
  return std::nullopt;
}

}  // namespace

SshSettings built_in_ssh(const std::string& home, const std::string& user) {
  SshSettings settings;
  settings.user = user;
  for (const char* key : {"id_ed25519", "id_ecdsa", "id_rsa"}) {
    settings.identity_files.push_back(fmt::format("{}/.ssh/{}", home, key));
  }
  settings.known_hosts_files = {home + "/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"};
  return settings;
}

void read_ssh(const YamlField& field, const std::string& map, const Folders& folders,
              SshSettings& settings) {
  set(settings.user, read_user(field["user"]));
  set(settings.port, field["port"].whole(1, 65535));
  set(settings.identity_files, read_paths(field["identity_file"], folders.home));
  set(settings.certificate_files, read_paths(field["certificate_file"], folders.home));
  read_secret(field["passphrase"], map + ".passphrase", folders, settings.passphrase);
  set(settings.agent, field["agent"].flag());
  read_secret(field["password"], map + ".password", folders, settings.password);
  set(settings.known_hosts_files, read_paths(field["known_hosts"], folders.home));
  set(settings.host_keys, read_host_keys(field["host_keys"]));
  set(settings.connect_timeout, field["connect_timeout"].duration(std::chrono::seconds(1)));
}

void read_host_ssh(const YamlField& host, const Folders& folders, SshSettings& settings) {
  const YamlField own = host["ssh"];
  own.check_keys("hosts.*.ssh");
  read_ssh(host, "hosts.*", folders, settings);
  read_ssh(own, "hosts.*.ssh", folders, settings);
  for (const char* key : {"user", "port", "identity_file", "certificate_file", "passphrase",
                          "agent", "password", "known_hosts", "host_keys", "connect_timeout"}) {
    if (!own[key].written() || !host[key].written()) continue;
    own[key].refuse(fmt::format("stands as {} too", host[key].path()), "leave one out");
  }
}

}  // namespace drover
