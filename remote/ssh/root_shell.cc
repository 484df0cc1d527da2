#include "remote/ssh/root_shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/channel.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

constexpr std::string_view kComingUp = "waiting for a root shell";
constexpr size_t kWordsLimit = 64 * 1024;

// The user's login shell reads these lines, whatever shell that is: plain words, and single quotes
// around what has none.

std::string plain_line(const SshTarget& target) {
  if (target.user == "root") return "exec sh";
  return "exec sh -c '[ \"$(id -u)\" -eq 0 ] && exec sh; echo \"its uid is $(id -u)\" >&2; exit 1'";
}

/// A terminal mixes output and errors and changes bytes: it is for sudo alone. The shell's own
/// streams go through three pipes in a folder that only the user can enter, carried by a channel
/// without a terminal. When either end is gone, so is all of it.
constexpr std::string_view kPipesLine =
    "exec sh -c 'd=$(mktemp -d) && mkfifo \"$d/in\" \"$d/out\" \"$d/err\" && echo \"{}:$d\" || "
    "exit 1; trap \"rm -rf $d; trap - TERM; kill 0\" TERM; exec 3<&0; cat \"$d/err\" >&2 & "
    "(cat \"$d/out\"; kill $$) & (cat <&3; kill $$) | cat >\"$d/in\" & wait'";

bool plain_path(std::string_view path) {
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("/._-").find(c) != std::string_view::npos;
         });
}

}  // namespace

RootShell::RootShell(Link& link) : link_(link) {}
RootShell::~RootShell() = default;

RootShell::Ended RootShell::exec(std::string_view input, const ExecSink& sink, const Limit& limit,
                                 bool* sent) {
  link_.heard_now();
  DROVER_TRY_ASSIGN(const bool up, usable());
  if (up) {
    bool heard = false;
    const ExecSink hearing = [&](Stream stream, std::string_view bytes) {
      heard = true;
      return sink(stream, bytes);
    };
    DROVER_TRY_ASSIGN(const auto ended, give(input, hearing, limit, sent));
    if (!ended || heard) return ended;
    forget();  // it was gone before it read the script
  }
  std::string words;
  const ExecSink hearing = [&](Stream stream, std::string_view bytes) {
    if (stream == Stream::Err && words.size() < kWordsLimit) words += bytes;
    return sink(stream, bytes);
  };
  DROVER_TRY_ASSIGN(auto ended, come_up(hearing, limit));
  if (!ended) {
    DROVER_TRY_ASSIGN(ended, give(input, hearing, limit, sent));
  }
  if (!ended || terminal_ || !wants_terminal(words)) return ended;
  DROVER_TRY_ASSIGN(ended, come_up_on_terminal(sink, limit));
  return ended ? ended : give(input, sink, limit, sent);
}

RootShell::Ended RootShell::give(std::string_view input, const ExecSink& sink, const Limit& limit,
                                 bool* sent) {
  if (sent != nullptr) *sent = true;
  DROVER_TRY(channel_->write(input, limit));
  return converse(link_, *channel_, sink, limit);
}

Status RootShell::say(std::string_view input, const Limit& limit) {
  return channel_->write(input, limit);
}

RootShell::Ended RootShell::listen(const ExecSink& sink, const Limit& limit) {
  return converse(link_, *channel_, sink, limit);
}

// sshd may end an idle channel (ChannelTimeout): nothing ran on it then, and another one does.
Result<bool> RootShell::usable() {
  if (!channel_) return false;
  DROVER_TRY(link_.step(kComingUp));
  if (!channel_->exited()) return true;
  forget();
  return false;
}

void RootShell::forget() {
  channel_.reset();
  terminal_.reset();
  sudo_.reset();
}

// Without a password nothing has to be awaited: whether sudo lets it happen shows in the script
// that is sent behind, which costs no round trip of its own.
RootShell::Ended RootShell::come_up(const ExecSink& sink, const Limit& limit) {
  const SshTarget& target = link_.target();
  const bool sudo = uses_sudo(target.sudo, target.user);
  DROVER_TRY_ASSIGN(channel_, open_channel(link_, limit));
  if (sudo && target.sudo_password) {
    sudo_.emplace(target, limit);
    DROVER_TRY(channel_->start(sudo_->line(), {}, false, limit));
    return talk(*channel_, sink, limit);
  }
  DROVER_TRY(channel_->start(sudo ? "exec sudo -n sh" : plain_line(target), {}, false, limit));
  return std::nullopt;
}

RootShell::Ended RootShell::come_up_on_terminal(const ExecSink& sink, const Limit& limit) {
  DROVER_TRY_ASSIGN(channel_, open_channel(link_, limit));
  DROVER_TRY_ASSIGN(const std::string pipes, make_pipes(limit));
  DROVER_TRY_ASSIGN(terminal_, open_channel(link_, limit));
  DROVER_TRY(terminal_->request_terminal(limit));
  sudo_.emplace(link_.target(), limit);
  const std::string shell =
      fmt::format("exec <{0}/in >{0}/out 2>{0}/err && rm -rf {0} && exec sh", pipes);
  DROVER_TRY(terminal_->start("stty raw -echo; " + sudo_->line(shell), {}, false, limit));
  return talk(*terminal_, sink, limit);
}

/// The folder of the pipes, which the carrying channel has announced.
Result<std::string> RootShell::make_pipes(const Limit& limit) {
  const std::string mark = random_hex(16);
  std::string said[2];
  UntilMark start(mark + ":");
  const ExecSink hear = [&](Stream stream, std::string_view bytes) {
    if (stream == Stream::Err) said[1] += bytes;
    if (stream == Stream::Out) said[0] += start.feed(bytes);
    return !start.line();
  };
  DROVER_TRY(channel_->start(fmt::format(kPipesLine, mark), {}, false, limit));
  DROVER_TRY_ASSIGN(const auto ended, converse(link_, *channel_, hear, limit));
  if (!ended && plain_path(*start.line())) return *start.line();
  return target_error(
      link_.target(), ErrorKind::Sudo,
      fmt::format("sudo insists on a terminal, and no pipes can be made beside one: {}",
                  last_line(said[1])),
      fmt::format("make room in /tmp on the host, or take `requiretty` from {} in sudoers",
                  link_.target().user));
}

/// Until the shell has risen.
RootShell::Ended RootShell::talk(Channel& channel, const ExecSink& sink, const Limit& limit) {
  std::optional<Error> error;
  const ExecSink hear = [&](Stream stream, std::string_view bytes) {
    sink(stream, bytes);
    if (stream == Stream::Out && !terminal_) return true;
    const auto turn = sudo_->hear(bytes);
    if (!turn) {
      error = turn.error();
      return false;
    }
    const Status said = channel.write(turn->say, limit);
    if (!said) error = said.error();
    return said && !turn->risen;
  };
  const auto ended = converse(link_, channel, hear, limit);
  if (error) return *error;
  if (!ended) return sudo_->explained(ended.error());
  return ended;
}

Error RootShell::no_root(const Exit& exit, const FramedOutput& output) {
  const SshTarget& target = link_.target();
  if (!sudo_ && uses_sudo(target.sudo, target.user)) sudo_.emplace(target, Limit{});
  const std::string noise = output.noise(Stream::Out) + output.noise(Stream::Err);
  if (!exit.code && exit.signal.empty() && noise.empty()) {  // sshd did; a shell would tell why
    return target_error(target, ErrorKind::Unreachable,
                        "the host ended the channel before a shell began on it");
  }
  if (sudo_) {
    return sudo_->refused(exit,
                          output.noise(Stream::Err).empty() ? noise : output.noise(Stream::Err));
  }
  std::string cause = last_line(output.noise(Stream::Err));
  if (cause.empty()) cause = last_line(output.noise(Stream::Out));
  if (cause.empty()) cause = exit_text(exit);
  Error error =
      target.user == "root"
          ? target_error(target, ErrorKind::Authentication,
                         fmt::format("the login as root runs no commands: {}", cause),
                         "give root a login shell that runs commands")
          : target_error(target, ErrorKind::Sudo,
                         fmt::format("the login as {} is not root's, and sudo.method is none: {}",
                                     target.user, cause),
                         "set sudo.method to auto in the inventory, or log in as root");
  error.detail = noise;
  return error;
}

}  // namespace drover::remote
