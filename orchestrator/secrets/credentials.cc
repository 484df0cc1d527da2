#include "orchestrator/secrets/credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "orchestrator/secrets/obtain.h"
#include "orchestrator/secrets/terminal.h"

namespace drover::orchestrator {
namespace {

constexpr int kMostQuestions = 3;
constexpr std::chrono::minutes kPatience{5};

template <class List>
auto find_secret(const List& list, const SecretSource& source) {
  return std::find_if(list.begin(), list.end(),
                      [&](const auto& each) { return same_secret(each.first, source); });
}

}  // namespace

Credentials::Credentials(const Inventory& inventory, std::stop_token stop)
    : stop_(std::move(stop)) {
  const SudoSettings& sudo = inventory.sudo;
  const bool sudo_wanted =
      std::any_of(inventory.hosts.begin(), inventory.hosts.end(),
                  [&](const Host& host) { return uses_sudo(sudo.method, host.ssh.user); });
  if (sudo_wanted && sudo.password.named()) {
    sudo_ = password(sudo.password, "Password for sudo", ErrorKind::Sudo);
  }
  for (const Host& host : inventory.hosts) {
    const SecretSource& source = host.ssh.password;
    if (source.named() && find_secret(passwords_, source) == passwords_.end()) {
      passwords_.emplace_back(
          source, password(source, "Password for SSH, " + source.key, ErrorKind::Authentication));
    }
    open_keys(host);
  }
}

void Credentials::note(const Error& error) {
  if (!trouble_) trouble_ = error;
}

/// After a Ctrl-C nothing more is asked.
Credentials::Password Credentials::password(const SecretSource& source, const std::string& question,
                                            ErrorKind kind) {
  const bool cancelled = trouble_ && trouble_->kind == ErrorKind::Cancelled;
  auto text = cancelled ? Result<std::string>(*trouble_) : obtain(source, question, kind, stop_);
  if (text) {
    redaction_.add(*text);
    return std::make_shared<remote::SharedPassword>(std::move(*text), origin(source));
  }
  note(text.error());
  return std::make_shared<remote::SharedPassword>(text.error());
}

void Credentials::open_keys(const Host& host) {
  std::vector<std::string> locked;
  for (const std::string& path : host.ssh.identity_files) {
    if (keyring_->is_locked(path)) locked.push_back(path);
  }
  if (locked.empty()) return;
  const bool needed = !can_log_in_otherwise(host);
  const SecretSource& source = host.ssh.passphrase;
  if (!source.named() && needed && has_controlling_terminal()) ask_passphrase(locked.front());
  if (source.named() && find_secret(passphrases_, source) == passphrases_.end()) {
    read_passphrase(source, locked.front());
  }
  if (needed) check_openable(host, locked);
}

void Credentials::read_passphrase(const SecretSource& source, const std::string& key_file) {
  auto passphrase = std::make_shared<remote::Passphrase>();
  passphrase->source = origin(source);
  const bool cancelled = trouble_ && trouble_->kind == ErrorKind::Cancelled;
  auto text = cancelled
                  ? Result<std::string>(*trouble_)
                  : obtain(source, "Passphrase of " + key_file, ErrorKind::Authentication, stop_);
  if (text) {
    passphrase->text = remote::Secret(std::move(*text));
  } else {
    note(text.error());
    passphrase->problem = text.error().message;
  }
  passphrases_.emplace_back(source, std::move(passphrase));
}

/// A host that has no other way in is not dialled for nothing.
void Credentials::check_openable(const Host& host, const std::vector<std::string>& locked) {
  const auto passphrase = find_secret(passphrases_, host.ssh.passphrase);
  std::string problem;
  for (const std::string& path : locked) {
    const auto opened =
        keyring_->open(path, passphrase == passphrases_.end() ? nullptr : passphrase->second.get());
    if (opened.key) return;
    if (problem.empty()) problem = fmt::format("{}: {}", path, opened.problem);
  }
  note({.kind = ErrorKind::Authentication,
        .message = problem,
        .remedy = fmt::format("say in ssh.passphrase where the passphrase of {} is, or add the key "
                              "to ssh-agent and set ssh.agent: true",
                              locked.front())});
}

/// Then a person is not bothered for a key that may not be needed.
bool Credentials::can_log_in_otherwise(const Host& host) const {
  const auto& files = host.ssh.identity_files;
  return host.ssh.agent || host.ssh.password.named() ||
         std::any_of(files.begin(), files.end(), [&](const std::string& path) {
           return keyring_->open(path, nullptr).key != nullptr;
         });
}

void Credentials::ask_passphrase(const std::string& key_file) {
  if (!asked_.insert(key_file).second) return;
  for (int i = 0; i < kMostQuestions && !(trouble_ && trouble_->kind == ErrorKind::Cancelled);
       ++i) {
    auto text = ask_on_terminal("Passphrase of " + key_file,
                                {std::chrono::steady_clock::now() + kPatience, stop_});
    if (!text) return note(text.error());
    if (keyring_->unlock(key_file, remote::Secret(std::move(*text)))) return;
  }
  note({.kind = ErrorKind::Authentication,
        .message = fmt::format("{}: the passphrase does not fit", key_file),
        .remedy = "try again, or name another key in ssh.identity_file"});
}

void Credentials::give(const Host& host, remote::SshTarget& target) const {
  target.keyring = keyring_;
  target.sudo_password = sudo_;
  const auto password = find_secret(passwords_, host.ssh.password);
  if (password != passwords_.end()) target.password = password->second;
  const auto passphrase = find_secret(passphrases_, host.ssh.passphrase);
  if (passphrase != passphrases_.end()) target.passphrase = passphrase->second;
}

}  // namespace drover::orchestrator
