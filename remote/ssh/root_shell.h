#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "remote/ssh/exec.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/sudo_dialogue.h"

namespace drover::remote {

class Channel;
class Link;

/// The shell of a connection that runs everything as root: `sh`, reading one script after the other
/// from its standard input, so that a script costs one round trip and sudo is asked once. Comes up
/// with the first script. As root it is `sh` alone; for everybody else by sudo, which is heard
/// before anything is said when it may ask for a password, and is given a terminal where it insists
/// on one (`requiretty`). One thread at a time, with its link.
class RootShell {
 public:
  /// `link` outlives it.
  explicit RootShell(Link& link);
  ~RootShell();

  /// Sends `input`, which is one whole command of sh, and gives what comes to `sink` until that has
  /// enough: then there is nothing in the result, and the shell is ready for more. An Exit: the
  /// shell has ended, or never came up (see no_root). `sent` is set as soon as the host may have
  /// seen the input. After an Error the link is unfit for more.
  Result<std::optional<Exit>> exec(std::string_view input, const ExecSink& sink, const Limit& limit,
                                   bool* sent = nullptr);

  /// More input for what runs, without waiting for what it says.
  Status say(std::string_view input, const Limit& limit);
  /// More of what it says; result and errors as of exec().
  Result<std::optional<Exit>> listen(const ExecSink& sink, const Limit& limit);

  /// Why a script did not begin: Unreachable when the host ended the channel without a word
  /// (ChannelTimeout may, at once), Sudo when sudo stood in the way, otherwise Authentication,
  /// since the login gives no usable shell.
  Error no_root(const Exit& exit, const FramedOutput& output);

 private:
  using Ended = Result<std::optional<Exit>>;

  Result<bool> usable();
  void forget();
  Ended give(std::string_view input, const ExecSink& sink, const Limit& limit, bool* sent);
  Ended come_up(const ExecSink& sink, const Limit& limit);
  Ended come_up_on_terminal(const ExecSink& sink, const Limit& limit);
  Result<std::string> make_pipes(const Limit& limit);
  Ended talk(Channel& channel, const ExecSink& sink, const Limit& limit);

  Link& link_;
  std::unique_ptr<Channel> channel_;   ///< input and output of the shell
  std::unique_ptr<Channel> terminal_;  ///< of a sudo that insists on one
  std::optional<SudoDialogue> sudo_;
};

}  // namespace drover::remote
