#include <fmt/format.h>
#include <poll.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "inventory/base/text.h"
#include "remote/ssh/shared_password.h"
#include "remote/ssh/ssh_node.h"
#include "tests/support/sudo_host.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::SudoHost;

namespace {

Command as_root(const std::string& script, std::chrono::seconds timeout = 30s) {
  return {script, false, timeout};
}

CommandResult result_of(Result<CommandResult> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

Error refused_sudo(const SshTarget& target) {
  const auto read = SshNode(target).read(as_root("true"), {});
  if (read) throw std::runtime_error("sudo let it happen");
  return read.error();
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// Folders of pipes that sessions have left behind on the host.
size_t pipes(const SudoHost& host) {
  size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(host.tmp())) {
    std::error_code gone;
    if (std::filesystem::is_fifo(entry.path() / "in", gone)) ++found;
  }
  return found;
}

std::string whole_text(const Error& error) { return error.message + error.remedy + error.detail; }

}  // namespace

TEST_CASE("sudo with a password: reads, capsules and their states", "[sudo]") {
  std::string sudoers = "ops ALL=(ALL) ALL";
  SECTION("as it comes") {}
  SECTION("with a terminal of its own") { sudoers += "\nDefaults use_pty"; }
  SECTION("with a lecture, and one try only") {
    sudoers += "\nDefaults lecture=always, passwd_tries=1, passprompt=\"Your word, %u? \"";
  }
  SECTION("with a memory of the last one") { sudoers += "\nDefaults timestamp_type=global"; }
  const SudoHost host(sudoers);
  const test::TempDir folder;
  SshNode node(host.target(host.password()), folder.file("capsules"));
  const CommandResult read = result_of(node.read(as_root("id -u; echo err >&2; exit 3"), {}));
  CHECK(read.exit_code == 3);
  CHECK(read.out == "0\n");
  CHECK(read.err == "err\n");
  CHECK(node.state("a", {})->kind == CapsuleState::Kind::Absent);
  const CommandResult ran =
      result_of(node.run("a", {"id -u; echo err >&2; exit 4", true, 30s}, {}, {}));
  CHECK(ran.exit_code == 4);
  CHECK(ran.out == "0\n");
  CHECK(ran.err == "err\n");
  CHECK(node.state("a", {})->exit_code == 4);
  std::string large(300'000, 'x');
  CHECK(
      (result_of(node.read(as_root("cat <<'END'\n" + large + "\nEND\n"), {})).out == large + "\n"));
  CHECK(count(host.log(), "COMMAND=/usr/bin/sh -c") == 1);
}

TEST_CASE("a sudo that insists on a terminal gets one, and the streams stay clean", "[sudo]") {
  std::string rights = "ops ALL=(ALL) NOPASSWD: ALL";
  bool password = false;
  SECTION("without a password") {}
  SECTION("with a password") {
    rights = "ops ALL=(ALL) ALL";
    password = true;
  }
  SECTION("with a password, and a terminal between") {
    rights = "ops ALL=(ALL) ALL\nDefaults use_pty";
    password = true;
  }
  const SudoHost host(rights + "\nDefaults requiretty");
  const test::TempDir folder;
  SshNode node(password ? host.target(host.password()) : host.target(), folder.file("capsules"));
  const CommandResult read =
      result_of(node.read(as_root("id -u; printf '\\001\\004\\n\\377'; echo err >&2; exit 3"), {}));
  CHECK(read.exit_code == 3);
  CHECK(read.out == "0\n\001\004\n\377");
  CHECK(read.err == "err\n");
  const CommandResult ran =
      result_of(node.run("a", {"echo out; echo err >&2; exit 4", true, 30s}, {}, {}));
  CHECK(ran.exit_code == 4);
  CHECK(ran.out == "out\n");
  CHECK(ran.err == "err\n");
  std::string large(300'000, 'x');
  CHECK(
      (result_of(node.read(as_root("cat <<'END'\n" + large + "\nEND\n"), {})).out == large + "\n"));
  CHECK(pipes(host) == 0);
}

TEST_CASE("a wrong password on a terminal is tried once too", "[sudo]") {
  const SudoHost host("ops ALL=(ALL) ALL\nDefaults requiretty");
  const Error error = refused_sudo(host.target("wrong-" + host.password()));
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK_THAT(error.message, Contains("sudo refused the password of ops"));
  CHECK_THAT(whole_text(error), !Contains(host.password()));
  for (int i = 0; i < 500 && pipes(host) != 0; ++i) poll(nullptr, 0, 10);
  CHECK(pipes(host) == 0);
}

TEST_CASE("a root shell on a terminal that is killed is noticed", "[sudo]") {
  const SudoHost host("ops ALL=(ALL) NOPASSWD: ALL\nDefaults requiretty");
  SshNode node(host.target());
  const std::string shell = result_of(node.read(as_root("echo $$"), {})).out;
  const Instant before = std::chrono::steady_clock::now();
  CHECK_FALSE(node.read(as_root("kill -9 $$; sleep 20"), {}));
  CHECK(std::chrono::steady_clock::now() - before < 10s);
  CHECK(result_of(node.read(as_root("echo $$"), {})).out != shell);
}

TEST_CASE("S13: the password is in no command line, environment, log or capsule", "[sudo]") {
  const SudoHost host;
  const test::TempDir folder;
  SshNode node(host.target(host.password()), folder.file("capsules"));
  // The pattern is read from a file, so that the search does not find itself.
  const std::string search = fmt::format(
      "head -c -1 {} >{}; grep -l -a -f {} /proc/[0-9]*/cmdline /proc/[0-9]*/environ; :",
      host.password_file(), folder.file("pattern"), folder.file("pattern"));
  CHECK(result_of(node.read(as_root(search), {})).out.empty());
  const CommandResult ran = result_of(node.run("a", {search, true, 30s}, {}, {}));
  CHECK(ran.out.empty());
  const std::string kept =
      fmt::format("grep -rl -f {} {}; :", folder.file("pattern"), folder.file("capsules"));
  CHECK(result_of(node.read(as_root(kept), {})).out.empty());
  CHECK_THAT(host.log(), !Contains(host.password()));
  CHECK_THAT(host.sshd().log(), !Contains(host.password()));
}

TEST_CASE("a wrong sudo password is tried once, on one host, and said", "[sudo]") {
  const SudoHost host("ops ALL=(ALL) ALL\nDefaults passwd_tries=3");
  const SudoHost other;
  const SshTarget target = host.target("wrong-" + host.password());
  const Error error = refused_sudo(target);
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK(error.message == fmt::format("w1 (127.0.0.1:{}): sudo refused the password of ops: Sorry, "
                                     "try again.",
                                     host.sshd().port()));
  CHECK_THAT(error.remedy, Contains("correct the password in a test (sudo.password"));
  CHECK_THAT(whole_text(error), !Contains(host.password()));
  SshTarget elsewhere = other.target();
  elsewhere.sudo_password = target.sudo_password;
  CHECK(refused_sudo(elsewhere).message == error.message);
  CHECK(refused_sudo(target).message == error.message);
  const auto run = SshNode(target).run("a", {"true", true, 5s}, {}, {});
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == ErrorKind::Sudo);
  // sudo notes the attempt when the connection ends.
  for (int i = 0; i < 200 && host.log().empty(); ++i) poll(nullptr, 0, 10);
  INFO(host.log());
  CHECK(count(host.log(), "1 incorrect password attempt ") == 1);
  CHECK(count(host.log(), "incorrect") == 1);
  CHECK(other.log().empty());
}

TEST_CASE("a sudo that ends after one wrong password is understood too", "[sudo]") {
  const SudoHost host("ops ALL=(ALL) ALL\nDefaults passwd_tries=1");
  const Error error = refused_sudo(host.target("wrong"));
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK_THAT(error.message, Contains("sudo refused the password of ops: sudo: 1 incorrect"));
}

TEST_CASE("a password that sudo does not ask for goes nowhere", "[sudo]") {
  const SudoHost host("ops ALL=(ALL) NOPASSWD: ALL");
  const test::TempDir folder;
  std::string noise;
  SECTION("as it comes") {}
  SECTION("though the question seems to be asked") {
    // The login shell repeats its command, and sudo's question stands in it.
    test::write_file(host.home() + "/.bashrc", "echo \"$BASH_EXECUTION_STRING\" >&2\n");
  }
  SshNode node(host.target(host.password()), folder.file("capsules"));
  const CommandResult read = result_of(node.read(as_root("id -u; cat; echo end >&2"), {}));
  CHECK(read.out == "0\n");
  CHECK(read.err == "end\n");
  const CommandResult ran =
      result_of(node.run("a", {"id -u; cat; echo end >&2", true, 30s}, {}, {}));
  CHECK(ran.out == "0\n");
  CHECK(ran.err == "end\n");
}

TEST_CASE("an offered password says nothing about who may use sudo", "[sudo]") {
  const SudoHost host("root ALL=(ALL) ALL");
  const SshTarget target = host.target(host.password());
  const Error error = refused_sudo(target);
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK_THAT(error.message, Contains("sudo refuses ops: ops is not in the sudoers file."));
  CHECK_THAT(error.remedy, Contains("ops ALL=(ALL) ALL"));
  CHECK(target.sudo_password->offer(target, {std::chrono::steady_clock::now() + 1s, {}}));
}

TEST_CASE("sudo wants a password and there is none", "[sudo]") {
  const SudoHost host;
  const Error error = refused_sudo(host.target());
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK_THAT(error.message, Contains("sudo refuses ops: sudo: a password is required"));
  CHECK_THAT(error.remedy, Contains("sudo.password"));
}

TEST_CASE("a login without sudo has to be root's", "[sudo]") {
  const SudoHost host;
  SshTarget target = host.target();
  target.sudo = SudoMethod::None;
  const Error error = refused_sudo(target);
  CHECK(error.kind == ErrorKind::Sudo);
  CHECK_THAT(error.message, Contains("login as ops is not root's, and sudo.method is none"));
  CHECK_THAT(error.message, Contains("its uid is 1001"));
  CHECK_THAT(error.remedy, Contains("sudo.method"));
  const test::Sshd sshd;  // where ops is another name of root
  SshTarget named = sshd.target();
  named.user = "ops";
  named.sudo = SudoMethod::None;
  CHECK(result_of(SshNode(named).read(as_root("id -u"), {})).out == "0\n");
}

TEST_CASE("root may be made to use sudo", "[sudo]") {
  const SudoHost host("root ALL=(ALL) ALL");
  SshTarget target = host.sshd().target();
  target.sudo = SudoMethod::Sudo;
  CHECK(result_of(SshNode(target).read(as_root("echo $SUDO_USER"), {})).out == "root\n");
}

TEST_CASE("a question in other words, and one for something else", "[sudo]") {
  const test::TempDir folder;
  const auto sshd_with = [&](const std::string& script) {
    test::write_file(folder.file("sudo"), "#!/bin/sh\n" + script);
    std::filesystem::permissions(folder.file("sudo"), std::filesystem::perms::owner_all);
    return std::make_unique<test::Sshd>(fmt::format("SetEnv PATH={}:/usr/bin:/bin", folder.path()));
  };
  const auto target_of = [](const test::Sshd& sshd) {
    SshTarget target = sshd.target();
    target.user = "ops";
    target.sudo_password = std::make_shared<SharedPassword>("secret", "a test");
    return target;
  };
  SECTION("words around the question, as sudo-rs has them") {
    const auto sshd = sshd_with(
        "printf '[sudo: %s] Password: ' \"$4\" >&2; read -r word; echo >&2\n"
        "[ \"$word\" = secret ] || exit 1; shift 4; exec \"$@\"\n");
    CHECK(result_of(SshNode(target_of(*sshd)).read(as_root("echo on"), {})).out == "on\n");
  }
  SECTION("another question") {
    const auto sshd = sshd_with("printf 'Verification code: ' >&2; read -r word; exit 1\n");
    const auto read = SshNode(target_of(*sshd)).read(as_root("true", 1s), {});
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == ErrorKind::Sudo);
    CHECK_THAT(read.error().message, Contains("does not end: Verification code:"));
  }
  SECTION("no sudo at all") {
    std::filesystem::create_symlink("/usr/bin/env", folder.file("env"));
    const test::Sshd sshd("SetEnv PATH=" + folder.path());
    const Error error = refused_sudo(target_of(sshd));
    CHECK(error.kind == ErrorKind::Sudo);
    CHECK_THAT(error.message, Contains("No such file or directory"));
  }
}

TEST_CASE("a password is offered to one host until one has accepted it", "[sudo]") {
  SharedPassword password("secret", "a test");
  const SshTarget target;
  const Limit soon{std::chrono::steady_clock::now() + 50ms, {}};
  auto first = password.offer(target, soon);
  REQUIRE(first);
  CHECK(first->line() == "secret\n");
  const auto second = password.offer(target, soon);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::Timeout);
  const Limit later{std::chrono::steady_clock::now() + 30s, {}};
  SECTION("stopped meanwhile") {
    std::stop_source source;
    source.request_stop();
    const auto stopped = password.offer(target, {later.deadline, source.get_token()});
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind == ErrorKind::Cancelled);
  }
  SECTION("accepted: everybody may, and one refusal is that host's alone") {
    std::jthread decides([&] { first->accepted(); });
    auto third = password.offer(target, later);
    REQUIRE(third);
    third->refused(Error{.message = "not here"});
    CHECK(password.offer(target, later));
  }
  SECTION("refused: nobody may") {
    std::jthread decides([&] { first->refused(Error{.message = "wrong"}); });
    const auto third = password.offer(target, later);
    REQUIRE_FALSE(third);
    CHECK(third.error().message == "wrong");
  }
  SECTION("given up: the next one tries") {
    std::jthread decides([&] { const SharedPassword::Offer gone(std::move(*first)); });
    CHECK(password.offer(target, later));
  }
}
