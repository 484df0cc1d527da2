#include "remote/ssh/session.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using drover::test::Sshd;

namespace {

Instant in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

struct SessionRan {
  Result<Exit> exit;
  std::string out;
  std::string err;
};

SessionRan run(SshSession& session, const std::string& line, const std::string& input = {},
               Instant deadline = in(30s), std::stop_token stop = {}) {
  SessionRan ran{Exit{}, {}, {}};
  const ExecSink collect = [&ran](Stream stream, std::string_view bytes) {
    (stream == Stream::Out ? ran.out : ran.err) += bytes;
    return true;
  };
  ran.exit = session.exec({line, input}, collect, deadline, std::move(stop));
  return ran;
}

SshSession connected(const SshTarget& target) {
  auto session = SshSession::connect(target, {});
  if (!session) throw std::runtime_error(session.error().message);
  return std::move(*session);
}

Error refused_session(const SshTarget& target) {
  const auto session = SshSession::connect(target, {});
  if (session) throw std::runtime_error("the login was not refused");
  return session.error();
}

}  // namespace

TEST_CASE("exec reports how a command ended", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  for (const int code : {0, 1, 7, 126, 255}) {
    const SessionRan ran = run(session, fmt::format("echo out; echo err >&2; exit {}", code));
    REQUIRE(ran.exit);
    CHECK(ran.exit->code == code);
    CHECK(ran.exit->signal.empty());
    CHECK(ran.out == "out\n");
    CHECK(ran.err == "err\n");
  }
  CHECK(run(session, "no-such-command").exit->code == 127);
  const SessionRan killed = run(session, "exec sh -c 'kill -9 $$'");
  CHECK_FALSE(killed.exit->code);
  CHECK(killed.exit->signal == "KILL");
}

TEST_CASE("exec gives a command its input", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  std::string large;
  while (large.size() < 5'000'000) large += fmt::format("{}\n", large.size());
  const SessionRan ran = run(session, "cat", large);
  CHECK(ran.exit->code == 0);
  CHECK((ran.out == large));
  CHECK(run(session, "exit 3", large).exit->code == 3);
}

TEST_CASE("a large stderr does not block stdout", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  const SessionRan ran = run(session, "head -c 52428800 /dev/zero >&2; echo done");
  REQUIRE(ran.exit);
  CHECK(ran.exit->code == 0);
  CHECK(ran.err.size() == 52428800);
  CHECK(ran.out == "done\n");
}

TEST_CASE("a background child that holds the streams does not hold up the result", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  const Instant before = in(0ms);
  const SessionRan ran = run(session, "sleep 5 & echo done; exit 4");
  CHECK(ran.exit->code == 4);
  CHECK(ran.out == "done\n");
  CHECK(in(0ms) - before < 2s);
  CHECK(run(session, "echo again").out == "again\n");
}

TEST_CASE("a command is cancelled within 100 ms", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  std::stop_source source;
  Instant stopped;
  std::jthread operator_thread([&] {
    poll(nullptr, 0, 100);
    stopped = in(0ms);
    source.request_stop();
  });
  const SessionRan ran = run(session, "sleep 5", {}, in(30s), source.get_token());
  const Instant ended = in(0ms);
  operator_thread.join();
  REQUIRE_FALSE(ran.exit);
  CHECK(ran.exit.error().kind == ErrorKind::Cancelled);
  CHECK(ended - stopped < 100ms);
  CHECK_FALSE(session.connected());
}

TEST_CASE("a command that outlasts its deadline is a timeout", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  const SessionRan ran = run(session, "echo first; sleep 5", {}, in(200ms));
  REQUIRE_FALSE(ran.exit);
  CHECK(ran.exit.error().kind == ErrorKind::Timeout);
  CHECK(ran.out == "first\n");
  CHECK_THAT(ran.exit.error().message, Contains(fmt::format("w1 (127.0.0.1:{}): ", sshd.port())));
}

TEST_CASE("a connection that is cut is unreachable, not an exit code", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  std::jthread cutter([&] {
    poll(nullptr, 0, 100);
    sshd.kill_sessions();
  });
  const Instant before = in(0ms);
  const SessionRan ran = run(session, "sleep 5");
  REQUIRE_FALSE(ran.exit);
  CHECK(ran.exit.error().kind == ErrorKind::Unreachable);
  CHECK(in(0ms) - before < 2s);
}

TEST_CASE("a peer that says nothing any more is given up", "[sshd]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  SECTION("not while it answers, as slowly as a busy machine does") {
    target.keepalive = 500ms;
    SshSession session = connected(target);
    CHECK(run(session, "sleep 3").exit->code == 0);
  }
  SECTION("after three signs of life were missed") {
    target.keepalive = 100ms;
    SshSession session = connected(target);
    for (const pid_t pid : sshd.session_pids()) kill(pid, SIGSTOP);
    const Instant before = in(0ms);
    const SessionRan ran = run(session, "true");
    REQUIRE_FALSE(ran.exit);
    CHECK(ran.exit.error().kind == ErrorKind::Unreachable);
    CHECK_THAT(ran.exit.error().message, Contains("no sign of life for 0.3 s"));
    CHECK(in(0ms) - before < 2s);
  }
}

TEST_CASE("a peer that stops reading does not block a cancel", "[sshd]") {
  const Sshd sshd;
  SshSession session = connected(sshd.target());
  std::stop_source source;
  Instant stopped;
  std::jthread operator_thread([&] {
    poll(nullptr, 0, 300);
    stopped = in(0ms);
    source.request_stop();
  });
  for (const pid_t pid : sshd.session_pids()) kill(pid, SIGSTOP);
  const SessionRan ran =
      run(session, "cat >/dev/null", std::string(16'000'000, 'x'), in(30s), source.get_token());
  const Instant ended = in(0ms);
  operator_thread.join();
  REQUIRE_FALSE(ran.exit);
  CHECK(ran.exit.error().kind == ErrorKind::Cancelled);
  CHECK(ended - stopped < 1s);
}

TEST_CASE("one channel at a time is enough", "[sshd]") {
  const Sshd sshd("MaxSessions 1");
  SshSession session = connected(sshd.target());
  const ExecSink enough = [](Stream, std::string_view) { return false; };
  for (int i = 0; i < 20; ++i) {
    const auto exit = session.exec({"echo 1; cat", {}, false}, enough, in(10s), {});
    INFO((exit ? "" : exit.error().message));
    REQUIRE(exit);
    CHECK_FALSE(exit->code);
  }
  CHECK(run(session, "echo 2").out == "2\n");
}

TEST_CASE("a channel that sshd refuses is named", "[sshd]") {
  const Sshd sshd("MaxSessions 0");
  SshSession session = connected(sshd.target());
  const SessionRan ran = run(session, "true");
  REQUIRE_FALSE(ran.exit);
  CHECK(ran.exit.error().kind == ErrorKind::Unreachable);
  CHECK_THAT(ran.exit.error().remedy, Contains("MaxSessions"));
}

TEST_CASE("a host on which nothing listens is unreachable", "[sshd]") {
  SshTarget target;
  target.host = "w9";
  target.address = "127.0.0.1";
  target.port = 1;
  const Error error = refused_session(target);
  CHECK(error.kind == ErrorKind::Unreachable);
  CHECK_THAT(error.message,
             Contains("w9 (127.0.0.1:1): cannot connect: 127.0.0.1: Connection refused"));
  CHECK(error.host == "w9");
}

TEST_CASE("a host may be given by its name", "[sshd]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  target.address = "localhost";
  test::write_file(sshd.known_hosts(),
                   fmt::format("[localhost]:{} {}\n", sshd.port(), sshd.host_key()));
  CHECK(SshSession::connect(target, {}));
}

TEST_CASE("a name that cannot be looked up ends within the deadline", "[sshd]") {
  SshTarget target;
  target.host = "w9";
  target.address = "no-such-host.invalid";
  target.connect_timeout = 500ms;
  const Instant before = in(0ms);
  const Error error = refused_session(target);
  CHECK((error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout));
  CHECK_THAT(error.message, Contains("its address"));
  CHECK(in(0ms) - before < 2s);
}

TEST_CASE("a key that the server does not know is refused, and what was offered is said",
          "[sshd]") {
  const Sshd sshd;
  test::make_key(sshd.file("other"));
  SshTarget target = sshd.target();
  target.identity_files = {sshd.file("missing"), sshd.file("other")};
  const Error error = refused_session(target);
  CHECK(error.kind == ErrorKind::Authentication);
  CHECK_THAT(error.message, Contains("login as root was refused"));
  CHECK_THAT(error.message, Contains("other (ssh-ed25519 SHA256:"));
  CHECK_THAT(error.message, Contains("the server accepts publickey"));
  CHECK_THAT(error.message, Contains("missing (No such file or directory)"));
}

TEST_CASE("the first key that fits is taken", "[sshd]") {
  const Sshd sshd;
  test::make_key(sshd.file("other"));
  test::make_key(sshd.file("ecdsa"), "ecdsa");
  SshTarget target = sshd.target();
  target.identity_files = {sshd.file("missing"), sshd.file("other"), sshd.file("ecdsa"),
                           sshd.identity()};
  CHECK(SshSession::connect(target, {}));
}

TEST_CASE("a server that hangs up on too many keys has refused them", "[sshd]") {
  const Sshd sshd("MaxAuthTries 2");
  SshTarget target = sshd.target();
  target.identity_files.clear();
  for (const char* name : {"a", "b", "c", "d"}) {
    test::make_key(sshd.file(name));
    target.identity_files.push_back(sshd.file(name));
  }
  const Error error = refused_session(target);
  CHECK(error.kind == ErrorKind::Authentication);
  CHECK_THAT(error.message, Contains("Too many authentication failures"));
}

TEST_CASE("S12: no credential is offered to a host whose key is not on record", "[sshd]") {
  const Sshd sshd("LogLevel DEBUG1");
  const SshTarget target = sshd.target();
  test::make_key(sshd.file("stranger"));
  const std::string stranger = test::read_file(sshd.file("stranger.pub"));
  const std::string name = fmt::format("[127.0.0.1]:{}", sshd.port());
  std::string expected;
  SECTION("unknown") {
    test::write_file(sshd.known_hosts(), "");
    expected = "its host key is not known";
  }
  SECTION("no file") {
    std::filesystem::remove(sshd.known_hosts());
    expected = "known_hosts (No such file or directory)";
  }
  SECTION("changed") {
    test::write_file(sshd.known_hosts(), name + " " + stranger);
    expected = "its host key has changed";
  }
  SECTION("of another type only") {
    test::make_key(sshd.file("ecdsa"), "ecdsa");
    test::write_file(sshd.known_hosts(), name + " " + test::read_file(sshd.file("ecdsa.pub")));
    expected = "on record is ecdsa-sha2-nistp256 SHA256:";
  }
  SECTION("revoked") {
    test::write_file(sshd.known_hosts(),
                     fmt::format("{0} {1}\n@revoked * {1}\n", name, sshd.host_key()));
    expected = "its host key is revoked";
  }
  const Error error = refused_session(target);
  CHECK(error.kind == ErrorKind::HostKey);
  CHECK_THAT(error.message, Contains(expected));
  CHECK_THAT(error.message, Contains(fmt::format("w1 (127.0.0.1:{})", sshd.port())));
  CHECK_THAT(error.message, Contains(sshd.known_hosts()));
  CHECK_THAT(error.message, Contains("SHA256:"));
  CHECK_THAT(error.remedy, Contains("ssh-keyscan -p"));
  CHECK_THAT(sshd.log(), !Contains("userauth-request"));
  CHECK_THAT(sshd.log(), !Contains("publickey"));
}

TEST_CASE("the key that is on record decides which of its keys a host shows", "[sshd]") {
  const test::TempDir folder;
  test::make_key(folder.file("preferred"), "ed25519");
  const Sshd sshd("HostKey " + folder.file("preferred"), "ecdsa");
  CHECK(SshSession::connect(sshd.target(), {}));
}

TEST_CASE("a host that accepts connections and says nothing is a timeout", "[sshd]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  target.connect_timeout = 300ms;
  kill(sshd.pid(), SIGSTOP);
  const Instant before = in(0ms);
  const Error error = refused_session(target);
  CHECK(error.kind == ErrorKind::Timeout);
  CHECK(in(0ms) - before < 1s);
  SECTION("and can be cancelled") {
    target.connect_timeout = 30s;
    std::stop_source source;
    std::jthread operator_thread([&] {
      poll(nullptr, 0, 100);
      source.request_stop();
    });
    const auto session = SshSession::connect(target, source.get_token());
    REQUIRE_FALSE(session);
    CHECK(session.error().kind == ErrorKind::Cancelled);
    CHECK(in(0ms) - before < 2s);
  }
  kill(sshd.pid(), SIGCONT);
}
