#include "remote/ssh/sudo_dialogue.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

constexpr size_t kHeardLimit = 64 * 1024;

/// sudo lets nobody in of whom sudoers does not know: no judgement of the password.
bool about_sudoers(std::string_view words) {
  return words.find("sudoers") != std::string_view::npos ||
         words.find("not allowed") != std::string_view::npos ||
         words.find("may not run sudo") != std::string_view::npos;
}

}  // namespace

// Start-up files print before sudo does. But after its reason sudo may say that it told somebody.
std::string last_line(std::string_view text) {
  std::string last;
  for (const std::string& line : split_lines(text)) {
    if (!trim(line).empty() && !line.starts_with("This incident")) last = std::string(trim(line));
  }
  return sanitise(last);
}

bool wants_terminal(std::string_view words) {
  return words.find("must have a tty") != std::string_view::npos;
}

std::string exit_text(const Exit& exit) {
  if (exit.code) return fmt::format("exit code {}", *exit.code);
  return exit.signal.empty() ? "no exit code" : "signal " + exit.signal;
}

SudoDialogue::SudoDialogue(const SshTarget& target, Limit limit)
    : target_(target), limit_(std::move(limit)), mark_(random_hex(16)), go_(mark_ + ":go\n") {}

// -k: sudo neither uses nor leaves behind a memory of an earlier password. The question names the
// mark whole, the shell only its parts, so that no echo of this line is taken for its answer. The
// shell drops whatever stands in front of the word to go: nothing else is ever run as a command.
std::string SudoDialogue::line(std::string_view shell) const {
  const std::string how =
      target_.sudo_password ? fmt::format("-k -S -p {}:ask:", mark_) : std::string("-n");
  const std::string script = fmt::format(
      "echo {0}:\"\"up: >&2; while read -r line; do [ \"$line\" = {0}:go ] && {1}; done; exit 1",
      mark_, shell.empty() ? "exec sh" : shell);
  return fmt::format("exec env LC_ALL=C sudo {} sh -c {}", how, quote(script));
}

Result<SudoDialogue::Turn> SudoDialogue::hear(std::string_view bytes) {
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

Error SudoDialogue::password_refused(std::string_view words) {
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

Error SudoDialogue::refused(const Exit& exit, std::string_view noise) {
  std::string cause = last_line(offer_ ? std::string_view(heard_) : noise);
  if (offer_ && !risen_ && !about_sudoers(cause)) return password_refused(heard_);
  if (cause.empty()) cause = exit_text(exit);
  Error error = target_error(
      target_, ErrorKind::Sudo, fmt::format("sudo refuses {}: {}", target_.user, cause),
      fmt::format(
          "{}allow it in sudoers ({} ALL=(ALL) {}), or log in as root",
          target_.sudo_password ? "" : "name its password (sudo.password in the inventory), ",
          target_.user, offer_ ? "ALL" : "NOPASSWD: ALL"));
  error.detail = noise;
  return error;
}

Error SudoDialogue::explained(const Error& error) const {
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
