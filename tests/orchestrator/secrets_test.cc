#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "orchestrator/secrets/command_line.h"
#include "orchestrator/secrets/credentials.h"
#include "orchestrator/secrets/obtain.h"
#include "orchestrator/secrets/terminal.h"
#include "remote/ssh/unique_fd.h"
#include "tests/support/sample_facts.h"
#include "tests/support/sshd.h"

namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;
using Catch::Contains;
using Kind = SecretSource::Kind;

constexpr const char* kVariable = "DROVER_TEST_SUDO_PASSWORD";

SecretSource variable() { return {Kind::Env, "sudo.password", kVariable, {}}; }
SecretSource file(const std::string& path) { return {Kind::File, "sudo.password", path, {}}; }
SecretSource command(std::vector<std::string> argv) {
  return {Kind::Command, "ssh.password", {}, std::move(argv)};
}

std::string had(const SecretSource& source) {
  const auto text = obtain(source, "Word", ErrorKind::Sudo, {});
  if (!text) throw std::runtime_error(text.error().message);
  return *text;
}

/// Sudo, and everything it says.
std::string refusal(const SecretSource& source) {
  const auto text = obtain(source, "Word", ErrorKind::Sudo, {});
  if (text) throw std::runtime_error("there is a secret");
  CHECK(text.error().kind == ErrorKind::Sudo);
  CHECK_FALSE(text.error().remedy.empty());
  return text.error().message + "; " + text.error().remedy;
}

Inventory with(SecretSource password, const std::string& user = "ops") {
  Inventory inventory = test::sample_inventory(1);
  inventory.sudo.password = std::move(password);
  for (Host& host : inventory.hosts) {
    host.ssh.user = user;
    host.ssh.identity_files.clear();
  }
  return inventory;
}

remote::SshTarget given(const Credentials& credentials, const Host& host) {
  remote::SshTarget target;
  credentials.give(host, target);
  return target;
}

/// What a person at a terminal of its own sees, and what came of the question.
struct Asked {
  std::string screen;
  std::string outcome;  ///< "got ...", or the error
  bool echo_after = false;
};

bool echoes(int terminal) {
  termios state{};
  return tcgetattr(terminal, &state) == 0 && (state.c_lflag & ECHO) != 0;
}

/// Runs the question in a process whose terminal is the other end of a pair; `typed` is typed when
/// it does not show any more.
Asked ask(const std::string& typed, std::chrono::milliseconds patience = 20s) {
  const remote::UniqueFd ours(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(ours.get() >= 0);
  REQUIRE(grantpt(ours.get()) == 0);
  REQUIRE(unlockpt(ours.get()) == 0);
  const remote::UniqueFd theirs(open(ptsname(ours.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  int ends[2] = {-1, -1};
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    ioctl(theirs.get(), TIOCSCTTY, 0);
    const auto answer = ask_on_terminal("Word", {std::chrono::steady_clock::now() + patience, {}});
    const std::string outcome = answer ? "got " + *answer : answer.error().message;
    if (write(ends[1], outcome.data(), outcome.size()) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  Asked asked;
  bool sent = false;
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  for (bool running = true; running && std::chrono::steady_clock::now() < deadline;) {
    pollfd polled[] = {{ours.get(), POLLIN, 0}, {ends[0], POLLIN, 0}};
    poll(polled, 2, 50);
    char bytes[256];
    if ((polled[0].revents & POLLIN) != 0) {
      const ssize_t got = read(ours.get(), bytes, sizeof bytes);
      if (got > 0) asked.screen.append(bytes, static_cast<size_t>(got));
    }
    if (!sent && asked.screen.find("Word: ") != std::string::npos && !echoes(theirs.get())) {
      sent = write(ours.get(), typed.data(), typed.size()) > 0 || typed.empty();
    }
    if (polled[1].revents != 0) {
      const ssize_t got = read(ends[0], bytes, sizeof bytes);
      if (got > 0) asked.outcome.append(bytes, static_cast<size_t>(got));
      running = got > 0;
    }
  }
  close(ends[0]);
  asked.echo_after = echoes(theirs.get());
  waitpid(child, nullptr, 0);
  return asked;
}

}  // namespace

TEST_CASE("a secret comes from the environment") {
  setenv(kVariable, "s3cret word", 1);
  CHECK(had(variable()) == "s3cret word");
  CHECK(origin(variable()) == "the environment variable DROVER_TEST_SUDO_PASSWORD");
  setenv(kVariable, "", 1);
  CHECK_THAT(refusal(variable()), Contains("sudo.password: the environment variable "
                                           "DROVER_TEST_SUDO_PASSWORD is empty"));
  unsetenv(kVariable);
  CHECK_THAT(refusal(variable()), Contains("variable DROVER_TEST_SUDO_PASSWORD is not set"));
}

TEST_CASE("a secret comes from a file that only its owner may read") {
  const test::TempDir folder;
  const std::string path = folder.file("password");
  const SecretSource source = file(path);
  const auto holding = [&](const std::string& text, mode_t mode = 0600) {
    test::write_file(path, text);
    chmod(path.c_str(), mode);
  };
  for (const char* text : {"s3cret", "s3cret\n", "s3cret\r\n"}) {
    holding(text, 0400);
    CHECK(had(source) == "s3cret");
  }
  CHECK(origin(source) == path);
  for (const mode_t mode : {0640U, 0604U, 0620U, 0610U}) {
    holding("s3cret", mode);
    CHECK_THAT(refusal(source), Contains(path + ": others than its owner have access to it"));
  }
  for (const char* text : {"", "\n"}) {
    holding(text);
    CHECK_THAT(refusal(source), Contains(path + ": is empty"));
  }
  for (const std::string& text : {std::string("s3cret\nmore\n"), std::string(2000, 's'),
                                  std::string("s3\0cret", 7), std::string("s3\rcret")}) {
    holding(text);
    CHECK_THAT(refusal(source), Contains("is not one line") && !Contains("s3"));
  }
  std::filesystem::remove(path);
  CHECK_THAT(refusal(source), Contains(path + ": No such file or directory"));
  std::filesystem::create_directory(path);
  CHECK_THAT(refusal(source), Contains(path + ": is not a file"));
  std::filesystem::remove(path);
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THAT(refusal(source), Contains(path + ": is not a file"));
}

TEST_CASE("a secret is the first line of a command, which no shell reads") {
  CHECK(had(command({"printf", "%s", "$HOME *"})) == "$HOME *");
  CHECK(had(command({"printf", "s3cret\\r\\nuser: ops\\n"})) == "s3cret");
  CHECK(had(command({"sh", "-c", "yes s3cret | head -c 1000000"})) == "s3cret");
  CHECK(had(command({"cat", "/dev/stdin", "/dev/fd/0", "/etc/hostname"})) ==
        had(command({"cat", "/etc/hostname"})));
  CHECK_THAT(refusal(command({"/no/such/program"})),
             Contains("ssh.password: the command /no/such/program cannot be run: No such file"));
  CHECK_THAT(refusal(command({"sh", "-c", "echo s3cret; exit 3"})),
             Contains("the command sh ended with exit code 3") && !Contains("s3cret"));
  CHECK_THAT(refusal(command({"sh", "-c", "kill -9 $$"})), Contains("ended by signal 9"));
  CHECK_THAT(refusal(command({"true"})), Contains("printed no line"));
  CHECK_THAT(refusal(command({"sh", "-c", "yes | tr -d '\\n' | head -c 5000"})),
             Contains("is not one line"));
}

TEST_CASE("S16: a command that does not end is killed at its deadline or by a stop") {
  const std::vector<std::string> waits = {"sleep", "30"};
  const auto before = std::chrono::steady_clock::now();
  const auto late = first_line_of(waits, {before + 200ms, {}});
  REQUIRE_FALSE(late);
  CHECK_THAT(late.error().message, Contains("the command sleep did not end in time"));
  std::stop_source source;
  source.request_stop();
  const auto stopped = first_line_of(waits, {before + 30s, source.get_token()});
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::Cancelled);
  // One that leaves its output to a child has ended nevertheless.
  CHECK(*first_line_of({"sh", "-c", "sleep 20 & echo s3cret"}, {before + 15s, {}}) == "s3cret");
  CHECK(std::chrono::steady_clock::now() - before < 10s);
}

TEST_CASE("S13: a secret that is typed does not show, and the terminal is as before") {
  SECTION("answered") {
    const Asked asked =
        ask("s3xx\x7f\x7f"
            "cret\r");
    CHECK(asked.outcome == "got s3cret");
    CHECK_THAT(asked.screen, Contains("Word: ") && !Contains("s3") && !Contains("cret"));
    CHECK(asked.echo_after);
  }
  SECTION("begun anew") { CHECK(ask("wrong\x15right\r").outcome == "got right"); }
  SECTION("Ctrl-C") {
    const Asked asked = ask("s3\x03");
    CHECK_THAT(asked.outcome, Contains("cancelled"));
    CHECK(asked.echo_after);
  }
  SECTION("nothing") {
    CHECK_THAT(ask("\r").outcome, Contains("was not answered"));
    const Asked asked = ask("", 300ms);
    CHECK_THAT(asked.outcome, Contains("was not answered"));
    CHECK(asked.echo_after);
  }
}

TEST_CASE("without a terminal a question is an error") {
  int ends[2] = {-1, -1};
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const auto answer = ask_on_terminal("Word", {std::chrono::steady_clock::now() + 5s, {}});
    const std::string said =
        has_controlling_terminal() || answer ? "asked" : answer.error().message;
    if (write(ends[1], said.data(), said.size()) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  char bytes[256];
  const ssize_t got = read(ends[0], bytes, sizeof bytes);
  close(ends[0]);
  waitpid(child, nullptr, 0);
  REQUIRE(got > 0);
  CHECK(std::string(bytes, static_cast<size_t>(got)) == "there is no terminal to ask on");
}

TEST_CASE("a secret that nobody needs is not read") {
  unsetenv(kVariable);
  const Inventory root = with(variable(), "root");
  const Credentials none(root, {});
  CHECK(none.status());
  CHECK(given(none, root.hosts[0]).sudo_password == nullptr);
  const Inventory unnamed = with({});
  CHECK(given(Credentials(unnamed, {}), unnamed.hosts[0]).sudo_password == nullptr);
  Inventory open = with({});
  const test::TempDir folder;
  test::make_key(folder.file("open"));
  open.hosts[0].ssh.identity_files = {folder.file("open")};
  open.hosts[0].ssh.passphrase = variable();
  CHECK(Credentials(open, {}).status());
}

TEST_CASE("each secret is had once, before the first connection, for all that share it") {
  const test::TempDir folder;
  Inventory inventory = test::sample_inventory(2);
  REQUIRE(inventory.hosts.size() > 1);
  const std::string count = folder.file("count");
  const SecretSource counted = command({"sh", "-c", "echo x >>" + count + "; echo s3cret"});
  test::make_key(folder.file("locked"), "ed25519", "s3cret");
  for (Host& host : inventory.hosts) {
    host.ssh.identity_files = {folder.file("locked")};
    host.ssh.password = counted;
    host.ssh.passphrase = counted;
  }
  const Credentials credentials(inventory, {});
  REQUIRE(credentials.status());
  const remote::SshTarget first = given(credentials, inventory.hosts[0]);
  const remote::SshTarget second = given(credentials, inventory.hosts[1]);
  REQUIRE(first.password);
  CHECK(first.password == second.password);
  CHECK(first.password->source() == "the command sh");
  REQUIRE(first.passphrase);
  CHECK(first.passphrase == second.passphrase);
  CHECK(first.keyring == second.keyring);
  CHECK(first.keyring->open(folder.file("locked"), first.passphrase.get()).key != nullptr);
  CHECK(test::read_file(count) == "x\nx\n");  // as a password, and as a passphrase
}

TEST_CASE("a passphrase that does not fit the only key is said before a host is dialled") {
  const test::TempDir folder;
  test::make_key(folder.file("locked"), "ed25519", "s3cret");
  test::make_key(folder.file("open"));
  Inventory inventory = with({});
  inventory.hosts[0].ssh.identity_files = {folder.file("locked")};
  inventory.hosts[0].ssh.passphrase = command({"echo", "wr0ng"});
  const Credentials credentials(inventory, {});
  REQUIRE_FALSE(credentials.status());
  CHECK(credentials.status().error().message ==
        folder.file("locked") + ": the passphrase from the command echo does not fit");
  CHECK_THAT(credentials.status().error().remedy, Contains("ssh.passphrase"));
  SECTION("but with another way in that is not waited for") {
    inventory.hosts[0].ssh.identity_files.push_back(folder.file("open"));
    CHECK(Credentials(inventory, {}).status());
  }
}

TEST_CASE("a secret that cannot be had is said at once, and to whoever would offer it") {
  unsetenv(kVariable);
  Inventory inventory = with({});
  inventory.hosts[0].ssh.password = variable();
  const Credentials credentials(inventory, {});
  REQUIRE_FALSE(credentials.status());
  CHECK(credentials.status().error().kind == ErrorKind::Authentication);
  const remote::SshTarget target = given(credentials, inventory.hosts[0]);
  const auto offer = target.password->offer(target, {remote::Instant::max(), {}});
  REQUIRE_FALSE(offer);
  CHECK_THAT(offer.error().message, Contains("is not set"));
}

}  // namespace drover::orchestrator
