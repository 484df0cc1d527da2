#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/node.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

class Channel;
class Link;

/// What to run: `line` goes to the user's login shell, `input` to the command's standard input.
struct ExecRequest {
  std::string line;
  std::string input;
  bool end_input = true;  ///< false: it stays open until the command is let go
};

/// How a command ended. Neither code nor signal: the host did not say, or the sink had enough
/// before.
struct Exit {
  std::optional<int> code;
  std::string signal;  ///< "KILL", "TERM", ...
};

/// Takes output as it comes, on the caller's thread; false when nothing more is wanted: then exec
/// returns at once, without waiting for the command's end.
using ExecSink = std::function<bool(Stream, std::string_view)>;

/// Runs one command. It is over when its exit is known and its output has ended or has been silent
/// for Channel::kGrace. Errors: Unreachable, Timeout, Cancelled; after any of them the link is
/// unfit for more, and the command may go on running.
Result<Exit> exec(Link& link, const ExecRequest& request, const ExecSink& sink, const Limit& limit);

/// A channel on which nothing has been started. Errors: Unreachable when sshd refuses it, Timeout,
/// Cancelled.
Result<std::unique_ptr<Channel>> open_channel(Link& link, const Limit& limit);

/// Gives what comes over `channel` to `sink` until that has enough, which leaves nothing in the
/// result, or until the command is over. Errors as of exec().
Result<std::optional<Exit>> converse(Link& link, Channel& channel, const ExecSink& sink,
                                     const Limit& limit);

}  // namespace drover::remote
