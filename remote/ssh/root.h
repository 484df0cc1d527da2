#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "remote/ssh/exec.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/sudo_password.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// What makes a root shell of the login, for one script: nothing for root; sudo for everybody else,
/// without a password if there is none. Whether sudo lets it happen shows in the script that is
/// sent: that costs no round trip of its own.
///
/// With a password, sudo is heard first. The password is sent when sudo has asked for it, which it
/// does not where it needs none; the script, when the root shell has announced itself. That shell
/// drops whatever stands in front of the script, so that nothing else is ever run as a command. A
/// second question means that the password was wrong: nothing more is said then.
class RootShell final : public Prologue {
 public:
  /// `target` outlives it. `limit` bounds the wait for the password to be tried elsewhere.
  RootShell(const SshTarget& target, Limit limit);

  /// Runs `input` in a root shell; this object must live until the request has been carried out.
  ExecRequest request(std::string input, bool end_input, bool* sent = nullptr);

  /// Why the script did not begin: Sudo when sudo stood in the way, otherwise Authentication, since
  /// the login gives no usable shell.
  Error no_root(const Exit& exit, const FramedOutput& output);
  /// Of what ended the request: a sudo that waits for something else than a password is no Timeout.
  Error explained(const Error& error) const;

  Result<Turn> hear(Stream stream, std::string_view bytes) override;

 private:
  bool asks_password() const { return sudo_ && target_.sudo_password != nullptr; }
  Error password_refused(std::string_view words);

  const SshTarget& target_;
  Limit limit_;
  bool sudo_;
  std::string mark_;   ///< of this request alone: begins the question, the announcement, the script
  std::string heard_;  ///< on stderr, since the last question
  std::string go_;
  std::optional<SudoPassword::Offer> offer_;  ///< the password was sent
  bool risen_ = false;
};

}  // namespace drover::remote
