#pragma once

#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/inventory.h"
#include "remote/redaction.h"
#include "remote/ssh/keyring.h"
#include "remote/ssh/shared_password.h"
#include "remote/ssh/target.h"

namespace drover::orchestrator {

/// The passwords and passphrases of an inventory's hosts, all had before the first connection: what
/// is asked on the terminal is asked then, and each secret once, however many hosts share it. What
/// no host needs is not read.
class Credentials {
 public:
  Credentials(const Inventory& inventory, std::stop_token stop);

  /// The first secret that could not be had.
  Status status() const { return trouble_ ? Status(*trouble_) : Status(); }

  /// Puts what this host needs into `target`; a password that could not be had says so to whoever
  /// would offer it.
  void give(const Host& host, remote::SshTarget& target) const;

  /// What is sent to hosts and must not come back from them into anything that is shown (S13).
  const remote::Redaction& redaction() const { return redaction_; }

 private:
  using Password = std::shared_ptr<remote::SharedPassword>;
  using Passphrase = std::shared_ptr<const remote::Passphrase>;
  template <class T>
  using BySource = std::vector<std::pair<SecretSource, T>>;

  Password password(const SecretSource& source, const std::string& question, ErrorKind kind);
  void open_keys(const Host& host);
  void read_passphrase(const SecretSource& source, const std::string& key_file);
  void check_openable(const Host& host, const std::vector<std::string>& locked);
  bool can_log_in_otherwise(const Host& host) const;
  void ask_passphrase(const std::string& key_file);
  void note(const Error& error);

  std::stop_token stop_;
  std::shared_ptr<remote::Keyring> keyring_ = std::make_shared<remote::Keyring>();
  remote::Redaction redaction_;
  Password sudo_;
  BySource<Password> passwords_;
  BySource<Passphrase> passphrases_;
  std::set<std::string> asked_;  ///< key files
  std::optional<Error> trouble_;
};

}  // namespace drover::orchestrator
