#include "remote/ssh/root.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

constexpr size_t kHeardLimit = 64 * 1024;

/// The last line says most: start-up files print before sudo does. But after its reason sudo may
/// say that it told somebody.
std::string last_line(std::string_view text) {
  std::string last;
  for (const std::string& line : split_lines(text)) {
    if (!trim(line).empty() && !line.starts_with("This incident")) last = std::string(trim(line));
  }
  return sanitise(last);
}

std::string exit_text(const Exit& exit) {
  if (exit.code) return fmt::format("exit code {}", *exit.code);
  return exit.signal.empty() ? "no exit code" : "signal " + exit.signal;
}

/// sudo lets nobody in of whom sudoers does not know: no judgement of the password.
bool about_sudoers(std::string_view words) {
  return words.find("sudoers") != std::string_view::npos ||
         words.find("not allowed") != std::string_view::npos ||
         words.find("may not run sudo") != std::string_view::npos;
}

// The user's login shell reads these lines, whatever shell that is: plain words, and single quotes
// around what has none.

std::string plain_line(const SshTarget& target) {
  if (target.user == "root") return "exec sh";
  return "exec sh -c '[ \"$(id -u)\" -eq 0 ] && exec sh; echo \"its uid is $(id -u)\" >&2; exit 1'";
}

/// -k: sudo neither uses nor leaves behind a memory of an earlier password. The question names the
/// mark whole, the shell only its parts, so that no echo of this line is taken for its answer.
std::string password_line(const std::string& mark) {
  return fmt::format(
      "exec env LC_ALL=C sudo -k -S -p {0}:ask: sh -c 'echo {0}:\"\"up: >&2; "
      "while read -r line; do [ \"$line\" = {0}:go ] && exec sh; done; exit 1'",
      mark);
}

}  // namespace

RootShell::RootShell(const SshTarget& target, Limit limit)
    : target_(target),
      limit_(std::move(limit)),
      sudo_(uses_sudo(target.sudo, target.user)),
      mark_(random_hex(16)),
      go_(mark_ + ":go\n") {}

ExecRequest RootShell::request(std::string input, bool end_input, bool* sent) {
  ExecRequest request;
  request.line = !sudo_            ? plain_line(target_)
                 : asks_password() ? password_line(mark_)
                                   : "exec sudo -n sh";
  request.input = std::move(input);
  request.end_input = end_input;
  request.sent = sent;
  request.prologue = asks_password() ? this : nullptr;
  return request;
}

Result<Prologue::Turn> RootShell::hear(Stream stream, std::string_view bytes) {
  if (stream != Stream::Err) return Turn{};
  heard_ += bytes;
  if (heard_.find(mark_ + ":up:") != std::string::npos) {
    if (offer_) offer_->accepted();
    risen_ = true;
    return Turn{go_, true};
  }
  const std::string question = mark_ + ":ask:";
  const size_t at = heard_.find(question);
  if (at == std::string::npos) {
    if (heard_.size() > kHeardLimit) heard_.erase(0, kHeardLimit / 2);
    return Turn{};
  }
  if (offer_) return password_refused(std::string_view(heard_).substr(0, at));
  heard_.erase(0, at + question.size());
  DROVER_TRY_ASSIGN(auto offer, target_.sudo_password->offer(target_, limit_));
  offer_.emplace(std::move(offer));
  return Turn{offer_->line()};
}

Error RootShell::password_refused(std::string_view words) {
  const std::string cause = last_line(words);
  Error error = target_error(
      target_, ErrorKind::Sudo,
      fmt::format("sudo refused the password of {}{}{}", target_.user, cause.empty() ? "" : ": ",
                  cause),
      fmt::format("correct the password in {} (sudo.password in the inventory); it was not tried "
                  "a second time",
                  target_.sudo_password->source()));
  error.detail = words;
  offer_->refused(error);
  return error;
}

Error RootShell::no_root(const Exit& exit, const FramedOutput& output) {
  std::string cause = last_line(offer_ ? heard_ : output.noise(Stream::Err));
  if (offer_ && !risen_ && !about_sudoers(cause)) return password_refused(heard_);
  if (cause.empty()) cause = last_line(output.noise(Stream::Out));
  if (cause.empty()) cause = exit_text(exit);
  Error error;
  if (sudo_) {
    const char* rule = offer_ ? "ALL" : "NOPASSWD: ALL";
    error = target_error(
        target_, ErrorKind::Sudo, fmt::format("sudo refuses {}: {}", target_.user, cause),
        fmt::format(
            "{}allow it in sudoers ({} ALL=(ALL) {}), or log in as root",
            target_.sudo_password ? "" : "name its password (sudo.password in the inventory), ",
            target_.user, rule));
  } else if (target_.user == "root") {
    error = target_error(target_, ErrorKind::Authentication,
                         fmt::format("the login as root runs no commands: {}", cause),
                         "give root a login shell that runs commands");
  } else {
    error = target_error(target_, ErrorKind::Sudo,
                         fmt::format("the login as {} is not root's, and sudo.method is none: {}",
                                     target_.user, cause),
                         "set sudo.method to auto in the inventory, or log in as root");
  }
  error.detail = output.noise(Stream::Out) + output.noise(Stream::Err);
  return error;
}

Error RootShell::explained(const Error& error) const {
  const std::string words = last_line(heard_);
  if (error.kind != ErrorKind::Timeout || risen_ || words.empty()) return error;
  Error explained = target_error(
      target_, ErrorKind::Sudo,
      fmt::format("sudo gives {} no root shell and does not end: {}", target_.user, words),
      fmt::format("let sudo ask {} for the password and nothing else, or for nothing (in sudoers: "
                  "{} ALL=(ALL) NOPASSWD: ALL)",
                  target_.user, target_.user));
  explained.detail = heard_;
  return explained;
}

}  // namespace drover::remote
