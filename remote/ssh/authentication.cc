#include "remote/ssh/authentication.h"

#include <fmt/format.h>
#include <libssh/libssh.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/known_hosts.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

/// The identity files of one login: which were offered, which could not be and why.
struct Attempt {
  std::vector<std::string> offered;
  std::vector<std::string> passed_over;
};

// libssh asks this for a passphrase; without it OpenSSL would ask on the terminal.
int note_passphrase(const char*, char*, size_t, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// The private key, or null and the reason among those passed over.
Key load(const std::string& path, Attempt& attempt) {
  if (access(path.c_str(), R_OK) != 0) {
    attempt.passed_over.push_back(
        fmt::format("{} ({})", path, std::generic_category().message(errno)));
    return nullptr;
  }
  bool asked = false;
  ssh_key key = nullptr;
  if (ssh_pki_import_privkey_file(path.c_str(), nullptr, note_passphrase, &asked, &key) == SSH_OK) {
    return Key(key);
  }
  attempt.passed_over.push_back(fmt::format(
      "{} ({})", path,
      asked ? "not supported yet: passphrase" : "not a private key that libssh can read"));
  return nullptr;
}

std::string describe(const std::string& path, ssh_key key) {
  char* text = nullptr;
  std::string print = "?";
  if (ssh_pki_export_pubkey_base64(key, &text) == SSH_OK) {
    if (const auto blob = base64_decode(text)) print = fingerprint(*blob);
    ssh_string_free_char(text);
  }
  return fmt::format("{} ({} {})", path, ssh_key_type_to_char(ssh_key_type(key)), print);
}

std::string accepted_methods(const Link& link) {
  const auto methods = static_cast<unsigned>(ssh_userauth_list(link.session(), nullptr));
  std::vector<std::string> names;
  if (methods & SSH_AUTH_METHOD_PUBLICKEY) names.emplace_back("publickey");
  if (methods & SSH_AUTH_METHOD_PASSWORD) names.emplace_back("password");
  if (methods & SSH_AUTH_METHOD_INTERACTIVE) names.emplace_back("keyboard-interactive");
  if (methods & SSH_AUTH_METHOD_HOSTBASED) names.emplace_back("hostbased");
  if (methods & SSH_AUTH_METHOD_GSSAPI_MIC) names.emplace_back("gssapi-with-mic");
  return names.empty() ? "no method that it named" : join(names, ", ");
}

std::string passed_over_text(const Attempt& attempt) {
  return attempt.passed_over.empty() ? std::string()
                                     : "; passed over: " + join(attempt.passed_over, ", ");
}

Error refused(const Link& link, const Attempt& attempt) {
  const SshTarget& target = link.target();
  if (attempt.offered.empty()) {
    return target_error(target, ErrorKind::Authentication,
                        fmt::format("cannot log in as {}: no identity file can be used{}",
                                    target.user, passed_over_text(attempt)),
                        "name a readable private key without passphrase in ssh.identity_file");
  }
  return target_error(
      target, ErrorKind::Authentication,
      fmt::format("login as {} was refused: offered {}; the server accepts {}{}", target.user,
                  join(attempt.offered, ", "), accepted_methods(link), passed_over_text(attempt)),
      fmt::format("add the public key to ~{}/.ssh/authorized_keys on the host, or correct ssh.user "
                  "or ssh.identity_file",
                  target.user));
}

Error partial(const Link& link, const Attempt& attempt) {
  return target_error(
      link.target(), ErrorKind::Authentication,
      fmt::format("login as {} needs more than a key: {} was accepted, the server also asks for {}",
                  link.target().user, attempt.offered.back(), accepted_methods(link)),
      "allow login with the key alone (AuthenticationMethods in sshd_config)");
}

/// A server that hangs up on too many keys has refused, not broken.
Error ended(const Link& link, const Attempt& attempt) {
  const std::string message = link.last_message();
  if (message.find("authentication failures") == std::string::npos) return link.lost("logging in");
  Error error = refused(link, attempt);
  error.message += "; it said: " + message;
  error.remedy = "name only the key that fits in ssh.identity_file";
  return error;
}

}  // namespace

Status authenticate(Link& link, const Limit& limit) {
  Attempt attempt;
  for (const std::string& path : link.target().identity_files) {
    const Key key = load(path, attempt);
    if (!key) continue;
    attempt.offered.push_back(describe(path, key.get()));
    const auto code =
        link.complete([&] { return ssh_userauth_publickey(link.session(), nullptr, key.get()); },
                      SSH_AUTH_AGAIN, limit, "logging in");
    if (!code) return link.broken() ? ended(link, attempt) : code.error();
    if (*code == SSH_AUTH_SUCCESS) return {};
    if (*code == SSH_AUTH_PARTIAL) return partial(link, attempt);
    if (link.broken()) return ended(link, attempt);
  }
  return refused(link, attempt);
}

}  // namespace drover::remote
