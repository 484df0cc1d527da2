#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/diagnostic.h"
#include "inventory/secret_source.h"
#include "inventory/share.h"

namespace drover {

enum class Role { ControlPlane, Worker };

/// What is done about a host key that is not on record.
enum class HostKeyCheck {
  Strict,     ///< refused
  AcceptNew,  ///< taken and put on record, if the host has no key on record at all
  Off,        ///< taken, as is a changed one
};

/// How one host is logged in to: its own keys over those of `ssh:` over the built-in defaults.
struct SshSettings {
  std::string user;  ///< built-in default: the local user name
  int port = 22;
  std::vector<std::string> identity_files;     ///< absolute paths, `~` expanded; tried in order
  std::vector<std::string> certificate_files;  ///< likewise; each belongs to the key it certifies
  SecretSource passphrase;                     ///< of the identity files that have one
  bool agent = false;                          ///< the keys of ssh-agent may be offered
  SecretSource password;                       ///< for servers that take one
  std::vector<std::string> known_hosts_files;  ///< absolute paths, `~` expanded
  HostKeyCheck host_keys = HostKeyCheck::Strict;
  std::chrono::seconds connect_timeout{10};
};

/// How commands on a host become root's.
enum class SudoMethod {
  Auto,  ///< root as it is, everybody else by sudo
  None,  ///< the login as it is
  Sudo,  ///< always by sudo
};

/// True when a login as `user` needs sudo.
bool uses_sudo(SudoMethod method, std::string_view user);

struct SudoSettings {
  SudoMethod method = SudoMethod::Auto;
  SecretSource password;  ///< that sudo asks for
};

/// The way to the Kubernetes API.
enum class ApiVia {
  Ssh,         ///< through the control planes, with their admin.conf
  Kubeconfig,  ///< directly, as a kubeconfig says
};

struct ApiSettings {
  ApiVia via = ApiVia::Ssh;
  std::string kubeconfig;  ///< path, `~` expanded, relative to the working folder or absolute
  std::string context;     ///< "": the current one
};

struct Host {
  std::string name;     ///< key in `hosts`: letters, digits, `.`, `-`, `_`
  std::string address;  ///< host name or IP address to dial
  std::string node;     ///< Kubernetes node name; default: `name`
  std::vector<Role> roles;
  std::string domain;  ///< failure domain; "": of none that is known
  SshSettings ssh;

  bool has(Role role) const;
};

/// Hosts with a disruption budget of their own.
struct Group {
  std::string name;
  std::vector<std::string> hosts;
  std::optional<Share> max_unavailable;  ///< of the group's workers; absent: the common one alone
};

/// inventory.yaml after reading and validation: only valid values are in it.
struct Inventory {
  std::string file;     ///< as given
  std::string sha256;   ///< of the file's bytes
  std::string cluster;  ///< names local state and reports
  SudoSettings sudo;
  ApiSettings api;
  std::vector<Host> hosts;  ///< in the order of the file
  std::vector<Group> groups = {};

  const Host* find(std::string_view name) const;
  const Host* find_node(std::string_view node) const;
};

/// All that is wrong with a file, at once.
template <class T>
using Read = std::variant<T, Diagnostics>;

/// Reads inventory.yaml. `text` is the file's content, `file` its name for messages,
/// `home` what `~` stands for, `user` the local user's name.
Read<Inventory> read_inventory(std::string_view text, const std::string& file,
                               const std::string& home, const std::string& user);

}  // namespace drover
