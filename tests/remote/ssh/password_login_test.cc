#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "remote/ssh/session.h"
#include "remote/ssh/shared_password.h"
#include "tests/support/ssh_peer.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using test::Sshd;
using test::SshPeer;

namespace {

Error refused_password(const SshTarget& target) {
  const auto session = SshSession::connect(target, {});
  if (session) throw std::runtime_error("the login was not refused");
  return session.error();
}

std::shared_ptr<SharedPassword> password(const std::string& text) {
  return std::make_shared<SharedPassword>(std::string(text), "the variable PW");
}

std::string all_of_error(const Error& error) {
  return error.message + "\n" + error.remedy + "\n" + error.detail;
}

}  // namespace

TEST_CASE("a password logs in where the server takes one", "[auth]") {
  const std::string word = "pw-" + random_hex(8);
  SECTION("by password") {
    const SshPeer peer({.password = word});
    SshTarget target = peer.target();
    target.password = password(word);
    CHECK(SshSession::connect(target, {}));
    CHECK(peer.received() ==
          std::vector<std::string>{"service ssh-userauth", "none ops", "password ops " + word});
  }
  SECTION("by keyboard-interactive") {
    const SshPeer peer({.answer = word});
    SshTarget target = peer.target();
    target.password = password(word);
    CHECK(SshSession::connect(target, {}));
    CHECK(peer.passwords() == 1);
  }
  SECTION("after a key that is half of a login") {
    const SshPeer peer({.password = word, .takes_keys = true});
    const test::TempDir folder;
    test::make_key(folder.file("id"));
    SshTarget target = peer.target();
    target.identity_files = {folder.file("id")};
    const Error alone = refused_password(target);
    CHECK_THAT(alone.message, Contains("needs more: " + folder.file("id")) &&
                                  Contains("was accepted, the server also asks for password"));
    target.password = password(word);
    CHECK(SshSession::connect(target, {}));
  }
  SECTION("not where it takes none") {
    const Sshd sshd("PasswordAuthentication no\nKbdInteractiveAuthentication no");
    SshTarget target = sshd.target();
    target.identity_files.clear();
    target.password = password(word);
    const Error error = refused_password(target);
    CHECK_THAT(error.message, Contains("the password (the server takes none)"));
    CHECK_THAT(sshd.log(), !Contains("Failed password"));
  }
}

TEST_CASE("S13: a wrong password is sent once, to one host, and never shown", "[auth]") {
  const std::string word = "pw-" + random_hex(8);
  const SshPeer first({.password = "other", .answer = "other"});
  const SshPeer second({.password = "other"});
  SshTarget target = first.target();
  target.password = password(word);
  const Error error = refused_password(target);
  CHECK(error.kind == ErrorKind::Authentication);
  CHECK_THAT(error.message, Contains("login as ops was refused: offered the password from the "
                                     "variable PW (password); the server accepts password, "
                                     "keyboard-interactive"));
  CHECK_THAT(error.remedy, Contains("correct the password in the variable PW (ssh.password"));
  CHECK_THAT(all_of_error(error), !Contains(word));
  SshTarget elsewhere = second.target();
  elsewhere.password = target.password;
  CHECK(refused_password(elsewhere).message == error.message);
  CHECK(refused_password(target).message == error.message);
  CHECK(first.passwords() == 1);
  CHECK(second.passwords() == 0);
}

TEST_CASE("a question that is not for the password is not answered with it", "[auth]") {
  const std::string word = "pw-" + random_hex(8);
  for (const auto& [text, echo] : {std::pair<std::string, bool>{"Verification code: ", false},
                                   {"Password: ", true},
                                   {"New password: ", false},
                                   {"Your PIN: ", false}}) {
    CAPTURE(text);
    const SshPeer peer({.answer = word, .questions = {{text, echo}}});
    SshTarget target = peer.target();
    target.password = password(word);
    const Error error = refused_password(target);
    CHECK(error.kind == ErrorKind::Authentication);
    CHECK_THAT(error.message, Contains(text.substr(0, text.size() - 1)) &&
                                  Contains("which is not for a password"));
    CHECK(peer.passwords() == 0);
  }
  const SshPeer peer({.answer = word, .questions = {{"Word for ops", false}}});
  SshTarget target = peer.target();
  target.password = password(word);
  CHECK(SshSession::connect(target, {}));
}
