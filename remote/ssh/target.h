#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "inventory/base/error.h"
#include "inventory/inventory.h"

namespace drover::remote {

class Keyring;
class KnownHosts;
class SharedPassword;
struct Passphrase;

/// How one host is dialled and logged in to: a value, complete.
struct SshTarget {
  std::string host;     ///< inventory name, for messages
  std::string address;  ///< host name or IP address to dial, and its name in known_hosts
  int port = 22;
  std::string user;
  std::vector<std::string> identity_files;     ///< tried in order; missing ones are passed over
  std::vector<std::string> certificate_files;  ///< each goes with the identity that it certifies
  std::shared_ptr<const Passphrase> passphrase = nullptr;  ///< of the identities that have one
  bool agent = false;                                      ///< offer the keys of ssh-agent
  std::shared_ptr<SharedPassword> password = nullptr;      ///< for a server that takes one
  std::vector<std::string> known_hosts_files;  ///< all of them count; missing ones are passed over
  HostKeyCheck host_keys = HostKeyCheck::Strict;
  std::chrono::milliseconds connect_timeout{10'000};  ///< from the dial to the end of the login
  /// After so long without a byte from the host it is asked for one; after three times it is lost.
  std::chrono::milliseconds keepalive{15'000};
  SudoMethod sudo = SudoMethod::Auto;
  std::shared_ptr<SharedPassword> sudo_password = nullptr;  ///< for a sudo that asks for one

  // What the logins of one process share; a login without them works alone.
  std::shared_ptr<Keyring> keyring = nullptr;
  std::shared_ptr<KnownHosts> known_hosts = nullptr;
  /// Told what the operator should know although the login goes on. Any thread.
  std::function<void(const std::string&)> warn = nullptr;
};

/// "10.0.0.11:22", "[fd00::11]:22".
std::string endpoint(const SshTarget& target);

/// An error about `target` whose message begins "w1 (10.0.0.11:22): ".
Error target_error(const SshTarget& target, ErrorKind kind, const std::string& what,
                   std::string remedy = {});

}  // namespace drover::remote
