#include "remote/ssh/password_login.h"

#include <fmt/format.h>
#include <libssh/libssh.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "inventory/base/text.h"
#include "remote/secret.h"
#include "remote/ssh/link.h"
#include "remote/ssh/shared_password.h"

namespace drover::remote {
namespace {

constexpr std::string_view kLoggingIn = "logging in";
constexpr int kMostRounds = 8;  // of questions without a question

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// Only what is plainly asked for is told: no code, no new password, nothing that would show.
bool asks_for_password(std::string_view prompt, bool echo, bool alone) {
  if (echo || mentions(prompt, {"new", "again", "retype", "change", "code", "token", "otp",
                                "one-time", "one time", "pin", "passcode"})) {
    return false;
  }
  return alone || mentions(prompt, {"password"});
}

/// One password on its way to one server.
class PasswordLogin {
 public:
  PasswordLogin(Link& link, std::string_view password, const Limit& limit)
      : link_(link), password_(std::string(password)), limit_(limit) {}

  Result<int> by_password() {
    return link_.complete(
        [&] { return ssh_userauth_password(link_.session(), nullptr, password()); }, SSH_AUTH_AGAIN,
        limit_, kLoggingIn);
  }

  Result<int> by_questions() {
    bool answered = false;
    for (int round = 0; round < kMostRounds; ++round) {
      DROVER_TRY_ASSIGN(
          const int code,
          link_.complete([&] { return ssh_userauth_kbdint(link_.session(), nullptr, nullptr); },
                         SSH_AUTH_AGAIN, limit_, kLoggingIn));
      if (code != SSH_AUTH_INFO) return code;
      const int prompts = ssh_userauth_kbdint_getnprompts(link_.session());
      for (int i = 0; i < prompts; ++i) {
        if (answered || !answer(static_cast<unsigned>(i), prompts == 1))
          return int{SSH_AUTH_DENIED};
      }
      answered = answered || prompts > 0;
    }
    return int{SSH_AUTH_DENIED};
  }

  /// A question that was left open, fit for a message.
  const std::string& open_question() const { return open_question_; }

 private:
  const char* password() const { return password_.reveal().data(); }

  bool answer(unsigned i, bool alone) {
    char echo = 1;
    const char* prompt = ssh_userauth_kbdint_getprompt(link_.session(), i, &echo);
    const std::string_view text = prompt == nullptr ? "" : prompt;
    if (asks_for_password(text, echo != 0, alone)) {
      return ssh_userauth_kbdint_setanswer(link_.session(), i, password()) == SSH_OK;
    }
    open_question_ = sanitise(trim(text), 120);
    return false;
  }

  Link& link_;
  Secret password_;
  const Limit& limit_;
  std::string open_question_;
};

}  // namespace

Result<int> offer_password(Link& link, unsigned methods, Attempt& attempt, const Limit& limit) {
  SharedPassword& shared = *link.target().password;
  DROVER_TRY_ASSIGN(auto offer, shared.offer(link.target(), limit));
  PasswordLogin login(link, offer.text(), limit);
  const bool plain = (methods & SSH_AUTH_METHOD_PASSWORD) != 0;
  attempt.offered.push_back(fmt::format("the password from {} ({})", shared.source(),
                                        plain ? "password" : "keyboard-interactive"));
  auto code = plain ? login.by_password() : login.by_questions();
  if (code && (*code == SSH_AUTH_SUCCESS || *code == SSH_AUTH_PARTIAL)) {
    offer.accepted();
    attempt.accepted = attempt.offered.back();
    return code;
  }
  if (!code && !link.broken()) return code;
  if (!login.open_question().empty()) {
    attempt.offered.pop_back();
    attempt.passed_over.push_back(fmt::format(
        "the server's question \"{}\", which is not for a password", login.open_question()));
    attempt.remedies.emplace_back(
        "log in with a key: Drover answers no questions but for a password");
    return refused(link, attempt);
  }
  attempt.remedies.push_back(
      fmt::format("correct the password in {} (ssh.password in the inventory); it was not tried a "
                  "second time",
                  shared.source()));
  const Error error = link.broken() ? ended(link, attempt) : refused(link, attempt);
  if (error.kind == ErrorKind::Authentication) offer.refused(error);
  return error;
}

}  // namespace drover::remote
