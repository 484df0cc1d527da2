#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drover {

/// Where a password or passphrase is kept; at most one place. It is read when it is needed, and
/// never stands in a file of Drover's itself.
struct SecretSource {
  enum class Kind {
    None,     ///< there is none
    Env,      ///< in an environment variable
    File,     ///< the only line of a file
    Command,  ///< the first line that a command prints
    Prompt,   ///< asked for on the terminal
  };
  Kind kind = Kind::None;
  std::string key;   ///< where this stands: "sudo.password", "hosts.w1.ssh.passphrase"
  std::string name;  ///< of the variable, or the file's path: `~` expanded, relative to the working
                     ///< folder or absolute
  std::vector<std::string> command;  ///< program and arguments; no shell reads them

  bool named() const { return kind != Kind::None; }
};

/// True when both are the same secret: a question is another one wherever it stands.
bool same_secret(const SecretSource& a, const SecretSource& b);

/// "the environment variable PW", "/etc/pw", "the command pass", "the answer on the terminal".
std::string origin(const SecretSource& source);

/// The place as one word, to be kept in a plan: nothing of the secret is in it. And back; nothing
/// for a text that is none of those.
std::string text_of(const SecretSource& source);
std::optional<SecretSource> read_secret_source(std::string_view text);

}  // namespace drover
