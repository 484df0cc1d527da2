#include "remote/ssh/ssh_node.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "tests/support/capsule_bed.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::must;
using test::Sshd;

namespace {

Command reading(const std::string& script, std::chrono::seconds timeout = 30s) {
  return {script, false, timeout};
}

/// A `sudo` in front of the user's PATH, as far as sshd decides it.
std::string with_sudo(const test::TempDir& folder, const std::string& script) {
  test::write_file(folder.file("sudo"), "#!/bin/sh\n" + script);
  chmod(folder.file("sudo").c_str(), 0755);
  return fmt::format("SetEnv PATH={}:/usr/bin:/bin", folder.path());
}

SshTarget as_ops(const Sshd& sshd) {
  SshTarget target = sshd.target();
  target.user = "ops";
  return target;
}

}  // namespace

TEST_CASE("reading connects, and connects again after a lost connection", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  CHECK(must(node.read(reading("echo one; echo two >&2; exit 3"), {})).exit_code == 3);
  sshd.kill_sessions();
  const CommandResult result = must(node.read(reading("echo one; echo two >&2"), {}));
  CHECK(result.exit_code == 0);
  CHECK(result.out == "one\n");
  CHECK(result.err == "two\n");
}

TEST_CASE("reading is repeated once, not for ever", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  const std::string suicide = fmt::format("echo x >>{}; kill -9 $PPID; sleep 5", sshd.file("ran"));
  const auto result = node.read(reading(suicide), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Unreachable);
  CHECK(test::read_file(sshd.file("ran")) == "x\nx\n");
}

TEST_CASE("what start-up files print is no output, and what they set has no effect", "[node]") {
  const Sshd sshd;
  test::write_file(sshd.home() + "/.bashrc",
                   "echo noise; printf 'noise without end'; echo noise >&2\n"
                   "export LC_ALL=C.UTF-8 PATH=/bin:/nowhere HOME=/nowhere\n");
  SshNode node(sshd.target());
  const CommandResult result = must(node.read(reading("echo $LC_ALL $HOME; command -v sshd"), {}));
  CHECK(result.out == "C /root\n/usr/sbin/sshd\n");
  CHECK(result.err.empty());
}

TEST_CASE("scripts of any size and content are read byte for byte", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  std::string text = "it's \"quoted\" $HOME `date` \\ \n\t";
  while (text.size() < 300'000) text += text;
  std::string script = "cat <<'END'\n" + text + "\nEND\n";
  CHECK((must(node.read(reading(script), {})).out == text + "\n"));
  CHECK(must(node.read(reading("head -c 100000 /dev/zero"), {})).out == std::string(100000, '\0'));
}

TEST_CASE("a signal that kills a command is an exit code", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  CHECK(must(node.read(reading("sh -c 'kill -9 $$'"), {})).exit_code == 137);
}

TEST_CASE("a read ends at its command's timeout", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  const auto result = node.read(reading("sleep 10", 1s), {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Timeout);
  CHECK(must(node.read(reading("echo on"), {})).out == "on\n");
}

TEST_CASE("a child left behind does not hold up a read", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  const Instant before = std::chrono::steady_clock::now();
  CHECK(must(node.read(reading("sleep 5 & echo done"), {})).out == "done\n");
  CHECK(must(node.read(reading("echo next"), {})).out == "next\n");
  CHECK(std::chrono::steady_clock::now() - before < 2s);
}

TEST_CASE("others than root read by sudo", "[node]") {
  const test::TempDir folder;
  const Sshd sshd(
      with_sudo(folder, fmt::format("printf '%s ' \"$@\" >>{}\n[ \"$1\" = -n ] && shift\n"
                                    "exec env SUDO=1 \"$@\"\n",
                                    folder.file("calls"))));
  SshNode node(as_ops(sshd));
  CHECK(must(node.read(reading("echo $SUDO"), {})).out == "1\n");
  CHECK(test::read_file(folder.file("calls")) == "-n sh ");
  SshNode root(sshd.target());
  CHECK(must(root.read(reading("echo $SUDO"), {})).out == "\n");
}

TEST_CASE("a sudo that refuses is named with its reason", "[node]") {
  const test::TempDir folder;
  std::string config;
  std::string reason;
  SECTION("it wants a password") {
    config = with_sudo(folder, "echo 'sudo: a password is required' >&2; exit 1");
    reason = "sudo refuses ops: sudo: a password is required";
  }
  SECTION("the user is not in sudoers") {
    config = with_sudo(folder,
                       "echo noise; echo 'ops is not in the sudoers file.' >&2; "
                       "echo 'This incident has been reported to the administrator.' >&2; exit 1");
    reason = "sudo refuses ops: ops is not in the sudoers file.";
  }
  SECTION("it is not there") {
    config = fmt::format("SetEnv PATH={}", folder.path());
    reason = "sudo: not found";
  }
  const Sshd sshd(config);
  SshNode node(as_ops(sshd), sshd.file("capsules"));
  const auto read = node.read(reading("true"), {});
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::Sudo);
  CHECK_THAT(read.error().message, Contains(reason));
  CHECK_THAT(read.error().remedy, Contains("NOPASSWD"));
  const auto run = node.run("a", {"true", true, 5s}, {}, {});
  REQUIRE_FALSE(run);
  CHECK(run.error().kind == ErrorKind::Sudo);
  const auto state = node.state("a", {});
  REQUIRE_FALSE(state);
  CHECK(state.error().kind == ErrorKind::Sudo);
}

TEST_CASE("a login that runs no commands is named", "[node]") {
  const Sshd sshd("ForceCommand echo 'This account is currently not available.'");
  SshNode node(sshd.target());
  const auto read = node.read(reading("true"), {});
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::Authentication);
  CHECK_THAT(read.error().message, Contains("This account is currently not available."));
}

TEST_CASE("one shell serves one script after the other, each in a world of its own", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target(), sshd.file("capsules"));
  const std::string shell = must(node.read(reading("echo $$"), {})).out;
  must(node.read(reading("cd /tmp; x=1; export LC_ALL=POSIX; exec 1>/dev/null; exit 9"), {}));
  const CommandResult after = must(node.read(reading("pwd; echo \"$x $LC_ALL\"; echo $$"), {}));
  CHECK(after.out == sshd.home() + "\n C\n" + shell);
  // A capsule in between, ended and followed, takes no byte of what comes behind it.
  for (int i = 0; i < 20; ++i) {
    const std::string id = fmt::format("a{}", i);
    CHECK(must(node.run(id, {"echo out; exit 3", true, 30s}, {}, {})).out == "out\n");
    CHECK(must(node.read(reading("echo $$"), {})).out == shell);
    CHECK(node.state(id, {})->exit_code == 3);
  }
}

TEST_CASE("a shell that is gone is made again", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  const std::string first = must(node.read(reading("echo $$"), {})).out;
  const auto killed = node.read(reading("kill -9 $$; sleep 5"), {});
  REQUIRE_FALSE(killed);
  CHECK(killed.error().kind == ErrorKind::Unreachable);
  CHECK(must(node.read(reading("echo on"), {})).out == "on\n");
  // Between two scripts nobody is told.
  const std::string shell = must(node.read(reading("echo $$"), {})).out;
  REQUIRE(kill(std::stoi(shell), SIGKILL) == 0);
  CHECK(must(node.read(reading("echo $$"), {})).out != shell);
}

TEST_CASE("what prints without end is ended, and the node answers again", "[node]") {
  const Sshd sshd;
  SshNode node(sshd.target());
  const auto endless =
      node.read(reading(fmt::format("echo $$ >{}; exec yes", sshd.file("pid"))), {});
  REQUIRE_FALSE(endless);
  CHECK(endless.error().kind == ErrorKind::Command);
  CHECK_THAT(endless.error().message, Contains("printed more than 64 MiB"));
  CHECK(must(node.read(reading("echo on"), {})).out == "on\n");
}

// Sanitizers need descriptors themselves: UBSan looks at memory through a pipe, and takes the want
// of it for damage.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a process that is out of descriptors is told so, wherever they end", "[node]") {
  const Sshd sshd;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int free = dup(0);  // the lowest that is free
  REQUIRE(free >= 0);
  close(free);
  bool logged_in = false;
  for (int room = 0; room < 12; ++room) {
    SshNode node(sshd.target());
    rlimit low = before;
    low.rlim_cur = static_cast<rlim_t>(free + room);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    const auto read = node.read(reading("true"), {});
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    INFO("room for " << room << ": " << (read ? "" : read.error().message));
    CHECK((read || read.error().kind != ErrorKind::Internal));
    logged_in = logged_in || read;
  }
  CHECK(logged_in);
}
#endif
