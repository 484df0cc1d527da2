#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/node.h"
#include "remote/ssh/limit.h"

namespace drover::remote {

class Link;

/// What is said to a host before a command gets its input.
class Prologue {
 public:
  struct Turn {
    std::string_view say;  ///< to be sent now; may be empty
    bool over = false;     ///< the input follows
  };
  virtual ~Prologue() = default;
  /// Hears all output until it is over. An Error ends the command.
  virtual Result<Turn> hear(Stream stream, std::string_view bytes) = 0;
};

/// What to run: `line` goes to the user's login shell, `input` to the command's standard input.
struct ExecRequest {
  std::string line;
  std::string input;
  bool end_input = true;         ///< false: it stays open until the command is let go
  bool* sent = nullptr;          ///< set as soon as the host may have seen the input
  Prologue* prologue = nullptr;  ///< holds the input back until it is over
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
/// for Channel::kGrace. Errors: Unreachable, Timeout, Cancelled, those of the prologue; after any
/// of them the link is unfit for more, and the command may go on running.
Result<Exit> exec(Link& link, const ExecRequest& request, const ExecSink& sink, const Limit& limit);

}  // namespace drover::remote
