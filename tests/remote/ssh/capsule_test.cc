#include "remote/ssh/capsule.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <sstream>
#include <thread>

#include "remote/ssh/ssh_node.h"
#include "tests/support/capsule_bed.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using Catch::EndsWith;
using Kind = CapsuleState::Kind;
using test::await;
using test::change;
using test::must;
using test::Sshd;
using Bed = test::CapsuleBed;

TEST_CASE("S4: a capsule runs its command and keeps what it left", "[capsule]") {
  Bed bed;
  CHECK(bed.kind("a") == Kind::Absent);
  std::string seen;
  const OutputSink sink = [&](Stream stream, std::string_view bytes) {
    if (stream == Stream::Out) seen += bytes;
  };
  const CommandResult result =
      must(bed.node.run("a", change("echo out; printf 'err, no newline' >&2; exit 42"), sink, {}));
  CHECK(result.exit_code == 42);
  CHECK(result.out == "out\n");
  CHECK(result.err == "err, no newline");
  CHECK(seen == "out\n");
  const auto state = bed.node.state("a", {});
  REQUIRE(state);
  CHECK(state->kind == Kind::Done);
  CHECK(state->exit_code == 42);
  struct stat folder {};
  REQUIRE(stat((bed.capsules() + "/a").c_str(), &folder) == 0);
  CHECK((folder.st_mode & 0777) == 0700);
  CHECK(test::read_file(bed.in_capsule("a", "cmd")) ==
        "echo out; printf 'err, no newline' >&2; exit 42");
  CHECK(bed.kind("b") == Kind::Absent);
}

TEST_CASE("a command in a capsule has a fixed environment", "[capsule]") {
  Bed bed;
  test::write_file(bed.sshd.home() + "/.bashrc", "echo noise; export LC_ALL=C.UTF-8; umask 0\n");
  const CommandResult result = must(bed.node.run(
      "a", change("echo $LC_ALL $HOME $PATH; pwd; umask; readlink /proc/self/fd/0; trap"), {}, {}));
  CHECK(
      result.out ==
      "C /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n/\n0022\n/dev/null\n");
  CHECK(result.err.empty());
}

TEST_CASE("S4: a second start of the same id follows the first", "[capsule]") {
  Bed bed;
  const Command command = change(fmt::format("echo x >>{}; echo hello", bed.sshd.file("ran")));
  CHECK(must(bed.node.run("a", command, {}, {})).out == "hello\n");
  CHECK(must(bed.node.run("a", command, {}, {})).out == "hello\n");
  SshNode other = bed.another();
  CHECK(must(other.run("a", command, {}, {})).exit_code == 0);
  CHECK(test::read_file(bed.sshd.file("ran")) == "x\n");
}

TEST_CASE("S4: starts of the same id at the same time run it once", "[capsule]") {
  Bed bed;
  const Command command =
      change(fmt::format("echo x >>{}; sleep 0.3; echo hello; exit 5", bed.sshd.file("ran")));
  std::vector<CommandResult> results(4);
  {
    std::vector<std::jthread> threads;
    for (CommandResult& result : results) {
      threads.emplace_back([&] {
        SshNode node = bed.another();
        if (auto ran = node.run("a", command, {}, {})) result = *ran;
      });
    }
  }
  for (const CommandResult& result : results) {
    CHECK(result.exit_code == 5);
    CHECK(result.out == "hello\n");
  }
  CHECK(test::read_file(bed.sshd.file("ran")) == "x\n");
}

TEST_CASE("S4: a command outlives those who follow it, and is followed again", "[capsule]") {
  Bed bed;
  const std::string go = bed.sshd.file("go");
  const Command command = change(
      fmt::format("echo first; until [ -e {} ]; do sleep 0.01; done; echo second; exit 3", go));
  std::stop_source source;
  std::string seen;
  const auto result = bed.node.run(
      "a", command,
      [&](Stream, std::string_view bytes) {
        seen += bytes;
        source.request_stop();
      },
      source.get_token());
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Cancelled);
  CHECK(seen == "first\n");
  CHECK(bed.kind("a") == Kind::Running);
  bed.node.disconnect();
  test::write_file(go, "");
  SshNode other = bed.another();
  const CommandResult resumed = must(other.run("a", command, {}, {}));
  CHECK(resumed.exit_code == 3);
  CHECK(resumed.out == "first\nsecond\n");
}

TEST_CASE("a capsule that was followed to its end leaves nobody who follows it", "[capsule]") {
  Bed bed;
  const std::string out = bed.in_capsule("a", "out");
  const auto followers = [&] {
    int number = 0;
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
      const std::string command = test::read_file(process.path() / "cmdline");
      number += command.starts_with("tail") && command.find(out) != std::string::npos ? 1 : 0;
    }
    return number;
  };
  int while_it_ran = 0;
  const OutputSink sink = [&](Stream, std::string_view) { while_it_ran = followers(); };
  const std::string script = "echo begun; sleep 0.2; exit 3";
  CHECK(must(bed.node.run("a", change(script), sink, {})).exit_code == 3);
  CHECK(while_it_ran == 1);
  CHECK(must(bed.node.read({"echo next", false}, {})).out == "next\n");
  await([&] { return followers() == 0; });
}

TEST_CASE("a command that outlasts its timeout is left running, and its outcome unknown",
          "[capsule]") {
  Bed bed;
  const std::string go = bed.sshd.file("go");
  const Command command = change(fmt::format("until [ -e {} ]; do sleep 0.01; done", go), 1s);
  const auto result = bed.node.run("a", command, {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Unknown);
  CHECK_THAT(result.error().message,
             EndsWith("the outcome of a is not known: it still runs after 1s"));
  CHECK(bed.kind("a") == Kind::Running);
  test::write_file(go, "");
  await([&] { return bed.kind("a") == Kind::Done; });
}

TEST_CASE("a stop is noticed while the host is away", "[capsule]") {
  Bed bed;
  std::stop_source source;
  Instant stopped;
  std::jthread operator_thread;
  const auto result = bed.node.run(
      "a", change("echo begun; sleep 3"),
      [&](Stream, std::string_view) {
        kill(bed.sshd.pid(), SIGSTOP);
        bed.sshd.kill_sessions();
        operator_thread = std::jthread([&] {
          poll(nullptr, 0, 500);
          stopped = std::chrono::steady_clock::now();
          source.request_stop();
        });
      },
      source.get_token());
  const Instant ended = std::chrono::steady_clock::now();
  kill(bed.sshd.pid(), SIGCONT);
  operator_thread.join();
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Cancelled);
  CHECK(ended - stopped < 100ms);
}

TEST_CASE("S4: capsules run once and byte for byte while connections are cut", "[capsule]") {
  Bed bed;
  std::string expected_out;
  std::string expected_err;
  for (int i = 1; i <= 12; ++i) {
    expected_out += fmt::format("line {}\n{}\n", i, std::string(20'000, 'x'));
    expected_err += fmt::format("err {}\n", i);
  }
  constexpr int kThreads = 4;
  std::atomic<int> cuts{0};
  std::jthread cutter([&](std::stop_token stop) {
    std::minstd_rand random(42);
    while (!stop.stop_requested()) {
      poll(nullptr, 0, std::uniform_int_distribution<int>(5, 155)(random));
      const std::vector<pid_t> pids = bed.sshd.session_pids();
      const size_t victim =
          random() % kThreads;  // a single one that is left gets no more than its share
      if (victim < pids.size()) cuts += kill(pids[victim], SIGKILL) == 0 ? 1 : 0;
    }
  });
  const auto capsule = [&](int number) {
    const std::string id = fmt::format("step-{}", number);
    const Command command = change(fmt::format(
        "echo {} >>{}\ni=0\nwhile [ $i -lt 12 ]; do i=$((i + 1)); echo line $i; echo err $i >&2; "
        "head -c 20000 /dev/zero | tr '\\0' x; echo; sleep 0.06; done; exit 42\n",
        id, bed.sshd.file("ran-" + id)));
    SshNode node = bed.another();
    auto result = node.run(id, command, {}, {});
    while (!result && result.error().kind == ErrorKind::Unreachable) {  // nothing was started yet
      result = node.run(id, command, {}, {});
    }
    return result;
  };
  constexpr int kCapsules = 20;
  std::vector<Result<CommandResult>> results(kCapsules, Error{});
  {
    std::vector<std::jthread> threads;
    for (int first = 0; first < kThreads; ++first) {
      threads.emplace_back([&, first] {
        for (int i = first; i < kCapsules; i += kThreads)
          results[static_cast<size_t>(i)] = capsule(i);
      });
    }
  }
  cutter.request_stop();
  cutter.join();
  CHECK(cuts > kCapsules);
  for (int i = 0; i < kCapsules; ++i) {
    CAPTURE(i);
    const auto& result = results[static_cast<size_t>(i)];
    INFO((result ? "" : result.error().message));
    REQUIRE(result);
    CHECK(result->exit_code == 42);
    CHECK((result->out == expected_out));
    CHECK((result->err == expected_err));
    const std::string id = fmt::format("step-{}", i);
    CHECK(test::read_file(bed.sshd.file("ran-" + id)) == id + "\n");
  }
}

TEST_CASE("S5: a capsule whose supervisor was killed is lost", "[capsule]") {
  Bed bed;
  SECTION("with all its processes") {
    const auto result = bed.node.run("a", change("echo begun; sleep 30"),
                                     [&](Stream, std::string_view) {
                                       const pid_t session = bed.supervisor("a");
                                       kill(-session, SIGKILL);
                                     },
                                     {});
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Unknown);
    CHECK_THAT(result.error().message, Contains("what supervised it was killed"));
  }
  SECTION("alone: not before its children are gone") {
    const std::string go = bed.sshd.file("go");
    std::string seen;
    const auto result = bed.node.run(
        "a", change(fmt::format("echo begun; until [ -e {} ]; do sleep 0.01; done; echo more", go)),
        [&](Stream, std::string_view bytes) {
          seen += bytes;
          if (seen != "begun\n") return;
          kill(bed.supervisor("a"), SIGKILL);
          SshNode other = bed.another();
          CHECK(other.state("a", {}).value().kind == Kind::Running);
          test::write_file(go, "");
        },
        {});
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Unknown);
    CHECK(seen == "begun\nmore\n");
  }
  CHECK(bed.kind("a") == Kind::Lost);
  const Command again = change(fmt::format("touch {}", bed.sshd.file("again")));
  CHECK_FALSE(bed.node.run("a", again, {}, {}));
  CHECK_FALSE(std::filesystem::exists(bed.sshd.file("again")));
}

TEST_CASE("S5: a capsule of an earlier boot without an end is rebooted", "[capsule]") {
  Bed bed;
  must(bed.node.run("a", change("true"), {}, {}));
  const std::string started = test::read_file(bed.in_capsule("a", "started"));
  test::write_file(bed.in_capsule("a", "started"),
                   "0b3fb6b0-0000-4000-8000-000000000000" + started.substr(started.find(' ')));
  CHECK(bed.kind("a") == Kind::Done);
  test::write_file(bed.in_capsule("a", "end"), std::string(64, ' '));
  CHECK(bed.kind("a") == Kind::Rebooted);
  const auto result = bed.node.run("a", change("true"), {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Unknown);
  CHECK_THAT(result.error().message, Contains("rebooted"));
}

TEST_CASE("an exit code counts only from a whole line", "[capsule]") {
  Bed bed;
  must(bed.node.run("a", change("exit 12"), {}, {}));
  CHECK(test::read_file(bed.in_capsule("a", "end")).substr(0, 6) == "rc=12\n");
  for (const std::string end : {"", "r", "rc=", "rc=1", "rc=12"}) {
    CAPTURE(end);
    test::write_file(bed.in_capsule("a", "end"), end);
    await([&] { return bed.kind("a") != Kind::Running; });  // it is still syncing the files
    CHECK(bed.kind("a") == Kind::Lost);
  }
  test::write_file(bed.in_capsule("a", "end"), "rc=12\n");
  CHECK(bed.kind("a") == Kind::Done);
}

TEST_CASE("a capsule that was prepared and never started can be started", "[capsule]") {
  Bed bed;
  const Command command = change("echo hello");
  must(bed.node.run("a", command, {}, {}));
  std::filesystem::remove(bed.in_capsule("a", "started"));
  test::write_file(bed.in_capsule("a", "end"), std::string(64, ' '));
  test::write_file(bed.in_capsule("a", "out"), "");
  test::write_file(bed.in_capsule("a", "err"), "");
  CHECK(bed.kind("a") == Kind::Prepared);
  CHECK(must(bed.node.run("a", command, {}, {})).out == "hello\n");
}

TEST_CASE("a signal to the whole group ends the command, and its end is still known", "[capsule]") {
  Bed bed;
  const CommandResult result = must(
      bed.node.run("a", change("echo begun; exec sleep 30"),
                   [&](Stream, std::string_view) { kill(-bed.supervisor("a"), SIGTERM); }, {}));
  CHECK(result.exit_code == 143);
}

TEST_CASE("nothing is started where no folder can be made", "[capsule]") {
  const Sshd sshd;
  SshNode node(sshd.target(), "/proc/drover/steps");
  const auto result = node.run("a", change("touch " + sshd.file("ran")), {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Command);
  CHECK_THAT(result.error().message, Contains("nothing was started") &&
                                         Contains("/proc/drover/steps: mkdir: cannot create"));
  CHECK_FALSE(std::filesystem::exists(sshd.file("ran")));
}

TEST_CASE("nothing is started on a full disk", "[capsule]") {
  const test::TempDir disk;
  // Before sshd, which sees the mounts of its beginning only. Room for the folders and one file.
  REQUIRE(mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=4k") == 0);
  const Sshd sshd;
  SshNode node(sshd.target(), disk.file("steps"));
  const auto result = node.run("a", change("touch " + sshd.file("ran")), {}, {});
  const auto state = node.state("a", {});
  umount2(disk.path().c_str(), MNT_DETACH);
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Command);
  CHECK_THAT(result.error().message, Contains("nothing was started"));
  CHECK_THAT(result.error().detail, Contains("100%"));
  CHECK_FALSE(std::filesystem::exists(sshd.file("ran")));
  REQUIRE(state);
  CHECK(state->kind == Kind::Absent);
}

TEST_CASE("a host that cannot be reached has started nothing", "[capsule]") {
  Bed bed;
  SshTarget target = bed.sshd.target();
  target.port = 1;
  SshNode node(target, bed.capsules());
  const auto result = node.run("a", change("true"), {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Unreachable);
}

TEST_CASE("a channel that sshd closes because it is quiet is opened again", "[capsule]") {
  Bed bed("ChannelTimeout session:command=1s");
  const CommandResult result = must(bed.node.run("a", change("sleep 2.5; echo done"), {}, {}));
  CHECK(result.exit_code == 0);
  CHECK(result.out == "done\n");
}

TEST_CASE("a connection that went stale between two commands is made again", "[capsule]") {
  Bed bed;
  must(bed.node.run("a", change("true"), {}, {}));
  bed.sshd.kill_sessions();
  CHECK(must(bed.node.run("b", change("echo hello"), {}, {})).out == "hello\n");
}

TEST_CASE("S19: a name that is no plain word names no capsule", "[capsule]") {
  Bed bed;
  const auto result = bed.node.run("../a", change("true"), {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Internal);
  CHECK_FALSE(bed.node.state("a b", {}));
}
