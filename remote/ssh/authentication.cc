#include "remote/ssh/authentication.h"

#include <fmt/format.h>
#include <libssh/libssh.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/agent.h"
#include "remote/ssh/attempt.h"
#include "remote/ssh/certificate.h"
#include "remote/ssh/key_handle.h"
#include "remote/ssh/keyring.h"
#include "remote/ssh/known_hosts.h"
#include "remote/ssh/link.h"
#include "remote/ssh/password_login.h"

namespace drover::remote {
namespace {

constexpr std::string_view kDoing = "logging in";
/// A server that is set up as usual hangs up after six.
constexpr size_t kTriesOfServers = 5;

std::string public_blob(ssh_key key) {
  char* text = nullptr;
  if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) return {};
  auto blob = base64_decode(text);
  ssh_string_free_char(text);
  return blob ? std::move(*blob) : std::string();
}

std::uint64_t seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

struct Identity {
  std::string path;
  KeyHandle key;
  std::string blob;
};

struct CertificateFile {
  std::string path;
  Certificate certificate;
};

/// One login: what is offered, one after the other, until the server has enough or there is no
/// more. Each step is true when the login is done.
class Login {
 public:
  Login(Link& link, const Limit& limit) : link_(link), target_(link.target()), limit_(limit) {}

  Status run() {
    load_identities();
    load_certificates();
    // With keys alone the first one is the question; otherwise what the server takes is asked
    // first.
    if (target_.agent || target_.password) {
      DROVER_TRY_ASSIGN(const bool in, ask_methods());
      if (in) return {};
    }
    for (const auto step : {&Login::offer_identities, &Login::offer_agent, &Login::offer_word}) {
      DROVER_TRY_ASSIGN(const bool in, (this->*step)());
      if (in) return {};
    }
    return refused(link_, attempt_);
  }

 private:
  void load_identities() {
    Keyring own;
    Keyring& keyring = target_.keyring ? *target_.keyring : own;
    for (const std::string& path : target_.identity_files) {
      OpenedKey opened = keyring.open(path, target_.passphrase.get());
      if (opened.key) {
        identities_.push_back({path, std::move(opened.key), {}});
        identities_.back().blob = public_blob(identities_.back().key.get());
        continue;
      }
      attempt_.passed_over.push_back(fmt::format("{} ({})", path, opened.problem));
      if (opened.locked) {
        attempt_.remedies.push_back(fmt::format(
            "say in ssh.passphrase where the passphrase of {} is, or add the key to ssh-agent and "
            "set ssh.agent: true",
            path));
      }
    }
  }

  void load_certificates() {
    for (const std::string& path : target_.certificate_files) {
      auto read = read_certificate(path);
      if (!read) {
        attempt_.passed_over.push_back(fmt::format("{} ({})", path, read.error().message));
        continue;
      }
      const bool fits =
          std::any_of(identities_.begin(), identities_.end(),
                      [&](const Identity& identity) { return identity.blob == read->public_blob; });
      if (fits) {
        certificates_.push_back({path, std::move(*read)});
      } else {
        attempt_.passed_over.push_back(
            fmt::format("{} (it certifies the key {}, which none of the identity files is)", path,
                        fingerprint(read->public_blob)));
      }
    }
  }

  bool takes(unsigned method) const { return !methods_ || (*methods_ & method) != 0; }

  Result<bool> ask_methods() {
    return judge(link_.complete([&] { return ssh_userauth_none(link_.session(), nullptr); },
                                SSH_AUTH_AGAIN, limit_, kDoing));
  }

  /// What the server made of the last offer.
  Result<bool> judge(const Result<int>& code) {
    if (link_.broken()) return ended(link_, attempt_);
    if (!code) return code.error();
    if (*code == SSH_AUTH_SUCCESS) return true;
    if (*code == SSH_AUTH_PARTIAL && !attempt_.offered.empty()) {
      attempt_.accepted = attempt_.offered.back();
    }
    methods_ = methods_of(link_);
    return false;
  }

  Result<bool> offer_key(ssh_key key) {
    return judge(
        link_.complete([&] { return ssh_userauth_publickey(link_.session(), nullptr, key); },
                       SSH_AUTH_AGAIN, limit_, kDoing));
  }

  Result<bool> offer_identities() {
    for (const Identity& identity : identities_) {
      for (const CertificateFile& file : certificates_) {
        if (file.certificate.public_blob != identity.blob) continue;
        if (!takes(SSH_AUTH_METHOD_PUBLICKEY)) break;
        DROVER_TRY_ASSIGN(const bool in, offer_certificate(identity, file));
        if (in) return true;
      }
      if (!takes(SSH_AUTH_METHOD_PUBLICKEY)) {
        attempt_.passed_over.push_back(identity.path + " (the server takes no key)");
        continue;
      }
      attempt_.offered.push_back(fmt::format("{} ({} {})", identity.path,
                                             ssh_key_type_to_char(ssh_key_type(identity.key.get())),
                                             fingerprint(identity.blob)));
      DROVER_TRY_ASSIGN(const bool in, offer_key(identity.key.get()));
      if (in) return true;
    }
    return false;
  }

  Result<bool> offer_certificate(const Identity& identity, const CertificateFile& file) {
    ssh_key raw = nullptr;
    const bool read = ssh_pki_import_cert_file(file.path.c_str(), &raw) == SSH_OK;
    const KeyHandle certificate(raw);
    const KeyHandle key(ssh_key_dup(identity.key.get()));
    if (!read || !key || ssh_pki_copy_cert_to_privkey(certificate.get(), key.get()) != SSH_OK) {
      attempt_.passed_over.push_back(file.path + " (libssh cannot use it)");
      return false;
    }
    const std::string doubt = doubts(file.certificate, target_.user, seconds_now());
    attempt_.offered.push_back(
        fmt::format("{} with the certificate {} (\"{}\", serial {}{})", identity.path, file.path,
                    sanitise(file.certificate.key_id, 100), file.certificate.serial,
                    doubt.empty() ? "" : "; " + doubt));
    auto in = offer_key(key.get());
    if (in && !*in && !doubt.empty()) {
      attempt_.remedies.push_back(fmt::format("have {} issued anew: {}", file.path, doubt));
    }
    return in;
  }

  Result<bool> offer_agent() {
    if (!target_.agent) return false;
    if (!takes(SSH_AUTH_METHOD_PUBLICKEY)) {
      attempt_.passed_over.emplace_back("ssh-agent (the server takes no key)");
      return false;
    }
    auto agent = Agent::open(target_, limit_);
    if (!agent) return no_agent(agent.error());
    const std::vector<std::string>& keys = (*agent)->keys();
    if (keys.empty()) {
      attempt_.passed_over.emplace_back("ssh-agent (it holds no key)");
      attempt_.remedies.emplace_back("ssh-add the key");
      return false;
    }
    attempt_.offered.push_back(fmt::format(
        "{} of ssh-agent: {}",
        keys.size() == 1 ? "the key" : fmt::format("the {} keys", keys.size()), join(keys, ", ")));
    if (keys.size() > kTriesOfServers) {
      attempt_.remedies.push_back(fmt::format(
          "ssh-agent holds {} keys, and servers hang up after about six: leave only the key that "
          "fits in it, or name that in ssh.identity_file",
          keys.size()));
    }
    ssh_set_agent_socket(link_.session(), (*agent)->release_end());
    auto in = judge(link_.complete([&] { return ssh_userauth_agent(link_.session(), nullptr); },
                                   SSH_AUTH_AGAIN, limit_, kDoing));
    if (limit_.stop.stop_requested()) {
      return target_error(target_, ErrorKind::Cancelled, "cancelled while asking ssh-agent");
    }
    if (in && !*in && std::chrono::steady_clock::now() >= limit_.deadline) {
      return target_error(
          target_, ErrorKind::Authentication,
          fmt::format("login as {}: ssh-agent did not sign in time", target_.user),
          "answer what it asks (a touch, a question), or raise ssh.connect_timeout");
    }
    return in;
  }

  Result<bool> no_agent(const Error& error) {
    if (error.kind == ErrorKind::Cancelled) {
      return target_error(target_, ErrorKind::Cancelled, error.message);
    }
    attempt_.passed_over.push_back(fmt::format("ssh-agent ({})", error.message));
    attempt_.remedies.emplace_back(
        "start ssh-agent and add the key (eval \"$(ssh-agent)\"; ssh-add), or leave ssh.agent out");
    return false;
  }

  Result<bool> offer_word() {
    if (!target_.password) return false;
    if (!takes(SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE)) {
      attempt_.passed_over.emplace_back("the password (the server takes none)");
      return false;
    }
    DROVER_TRY_ASSIGN(const int code,
                      offer_password(link_, methods_.value_or(0), attempt_, limit_));
    return code == SSH_AUTH_SUCCESS;
  }

  Link& link_;
  const SshTarget& target_;
  const Limit& limit_;
  Attempt attempt_;
  std::vector<Identity> identities_;
  std::vector<CertificateFile> certificates_;
  std::optional<unsigned> methods_;  ///< that the server named last
};

}  // namespace

Status authenticate(Link& link, const Limit& limit) { return Login(link, limit).run(); }

}  // namespace drover::remote
