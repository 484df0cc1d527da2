#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "remote/ssh/exec.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/shared_password.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// What is said to sudo until it has made a root shell. Of one shell; pure but for the password's
/// bookkeeping.
///
/// The password is sent when sudo has asked for it, which it does not where it needs none; what
/// belongs to the shell, when that has announced itself. A second question means that the password
/// was wrong: nothing more is said then. The question is looked for as a part of what comes, since
/// sudo-rs puts words around it.
class SudoDialogue {
 public:
  struct Turn {
    std::string_view say;  ///< to be sent now; may be empty
    bool risen = false;    ///< the shell is there and reads its input
  };

  /// `target` outlives it. `limit` bounds the wait for the password to be tried elsewhere.
  SudoDialogue(const SshTarget& target, Limit limit);

  /// For the user's login shell, whatever that is: sudo with a question and an announcement that
  /// hear() knows, and then sh on the same streams, or as `shell` says. With a password configured
  /// sudo may ask for it; otherwise it must not.
  std::string line(std::string_view shell = {}) const;

  /// Hears all that comes until the shell has risen. Sudo: the password was refused.
  Result<Turn> hear(std::string_view bytes);
  bool risen() const { return risen_; }

  /// Why the shell ended before it had risen.
  Error refused(const Exit& exit, std::string_view noise);
  /// Of what ended the wait: a sudo that waits for something else than a password is no Timeout.
  Error explained(const Error& error) const;

 private:
  Error password_refused(std::string_view words);

  const SshTarget& target_;
  Limit limit_;
  std::string mark_;   ///< of this shell alone: begins the question and the announcement
  std::string heard_;  ///< since the last question
  std::string go_;
  std::optional<SharedPassword::Offer> offer_;  ///< the password was sent
  bool risen_ = false;
};

/// What sudo, or a login shell, gave as its reason: the last line that says something, fit to be
/// shown.
std::string last_line(std::string_view text);

/// sudo says that it wants a terminal (`requiretty` in sudoers).
bool wants_terminal(std::string_view words);

/// "exit code 1", "signal KILL".
std::string exit_text(const Exit& exit);

}  // namespace drover::remote
