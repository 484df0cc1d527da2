#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "orchestrator/control/control_client.h"
#include "orchestrator/control/control_server.h"
#include "orchestrator/control/control_socket.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;

constexpr auto kSoon = 50ms;

std::unique_ptr<ControlServer> serve(const std::string& folder, Mailbox& mailbox,
                                     std::chrono::milliseconds patience = 10s) {
  auto server = ControlServer::open(folder, mailbox, patience);
  INFO((server ? "" : server.error().message));
  REQUIRE(server);
  return std::move(*server);
}

Fd connected(const std::string& folder) {
  auto fd = connect_in(folder);
  INFO((fd ? "" : fd.error().message));
  REQUIRE(fd);
  return std::move(*fd);
}

void say(const Fd& fd, const std::string& text) {
  REQUIRE(send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

// All that comes until the other side hangs up.
std::string heard(const Fd& fd) {
  std::string text;
  while (true) {
    pollfd in{.fd = fd.get(), .events = POLLIN, .revents = 0};
    REQUIRE(poll(&in, 1, 10'000) == 1);
    char chunk[512];
    const ssize_t got = recv(fd.get(), chunk, sizeof chunk, 0);
    if (got <= 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
  }
}

std::string answer_to(const std::string& folder, const std::string& text) {
  const Fd fd = connected(folder);
  say(fd, text);
  shutdown(fd.get(), SHUT_WR);
  return heard(fd);
}

template <class What>
bool got(Mailbox& mailbox) {
  const auto message = mailbox.take(0ms);
  return message && std::holds_alternative<What>(*message);
}

bool is_empty(Mailbox& mailbox) { return !mailbox.take(0ms); }

}  // namespace

TEST_CASE("what is asked for reaches the coordinator before it is answered", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const auto paused = ask_run(dir.path(), ControlAsk::Pause);
  REQUIRE(paused);
  CHECK(*paused == "the steps that are running are finished, nothing more is started");
  CHECK(got<PauseRun>(mailbox));
  REQUIRE(ask_run(dir.path(), ControlAsk::Cancel));
  CHECK(got<CancelRun>(mailbox));
  CHECK(is_empty(mailbox));
}

TEST_CASE("the socket is for its owner, and goes with the server", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  {
    const auto server = serve(dir.path(), mailbox);
    struct stat info {};
    REQUIRE(stat(dir.file("control").c_str(), &info) == 0);
    CHECK(S_ISSOCK(info.st_mode));
    CHECK((info.st_mode & 0777) == 0600);
  }
  CHECK(!std::filesystem::exists(dir.file("control")));
  const auto nobody = ask_run(dir.path(), ControlAsk::Pause);
  REQUIRE(!nobody);
  CHECK(nobody.error().kind == ErrorKind::State);
  CHECK(nobody.error().message ==
        "cannot connect to " + dir.file("control") + ": No such file or directory");
}

TEST_CASE("a path longer than an address holds is no trouble", "[control]") {
  const test::TempDir dir;
  const std::string folder = dir.file(std::string(200, 'a') + "/" + std::string(200, 'b'));
  std::filesystem::create_directories(folder);
  Mailbox mailbox;
  const auto server = serve(folder, mailbox);
  CHECK(ask_run(folder, ControlAsk::Pause));
  CHECK(got<PauseRun>(mailbox));
}

TEST_CASE("a socket that a dead process left is replaced, a live one is not", "[control]") {
  const test::TempDir dir;
  { REQUIRE(listen_in(dir.path())); }
  REQUIRE(std::filesystem::exists(dir.file("control")));
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const auto second = ControlServer::open(dir.path(), mailbox);
  REQUIRE(!second);
  CHECK(second.error().message == "another process answers on " + dir.file("control"));
  CHECK(ask_run(dir.path(), ControlAsk::Pause));
}

TEST_CASE("a request that comes in pieces is one request", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const Fd fd = connected(dir.path());
  for (const char c : format_ask(ControlAsk::Pause)) say(fd, {c});
  CHECK(heard(fd).starts_with("{\"v\":1,\"ok\":true,"));
  CHECK(got<PauseRun>(mailbox));
}

TEST_CASE("a request cut at any byte is refused and does nothing", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const std::string whole = format_ask(ControlAsk::Cancel);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(answer_to(dir.path(), whole.substr(0, length)) ==
          "{\"v\":1,\"ok\":false,\"message\":\"the line ended before its newline\"}\n");
  }
  CHECK(is_empty(mailbox));
}

TEST_CASE("rubbish is answered and does nothing", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const std::vector<std::pair<std::string, std::string>> table = {
      {"\n", "what was said is no object of JSON"},
      {"pause\n", "what was said is no object of JSON"},
      {"[1]\n", "what was said is no object of JSON"},
      {"\xff\xfe\n", "what was said is no object of JSON"},
      {"{}\n", "what was said has no version"},
      {"{\"v\":2,\"ask\":\"pause\"}\n", "version 2 of the control socket is not known, 1 is"},
      {"{\"v\":\"1\",\"ask\":\"pause\"}\n", "what was said has no version"},
      {"{\"v\":1}\n", "what is asked for is neither pause nor cancel"},
      {"{\"v\":1,\"ask\":7}\n", "what is asked for is neither pause nor cancel"},
      {"{\"v\":1,\"ask\":\"stop\"}\n", "what is asked for is neither pause nor cancel"},
      {std::string(5000, 'x'), "the line is too long"}};
  for (const auto& [line, answer] : table) {
    CAPTURE(line.substr(0, 50));
    CHECK(answer_to(dir.path(), line) ==
          fmt::format("{{\"v\":1,\"ok\":false,\"message\":\"{}\"}}\n", answer));
  }
  CHECK(is_empty(mailbox));
  CHECK(ask_run(dir.path(), ControlAsk::Pause));
}

TEST_CASE("a client that says nothing holds up no other", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  const Fd slow = connected(dir.path());
  say(slow, "{\"v\":1,\"ask\":");
  CHECK(ask_run(dir.path(), ControlAsk::Pause));
  CHECK(got<PauseRun>(mailbox));
  say(slow, "\"cancel\"}\n");
  CHECK(heard(slow).starts_with("{\"v\":1,\"ok\":true,"));
  CHECK(got<CancelRun>(mailbox));
}

TEST_CASE("a client that hangs is left when its time is up", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox, kSoon);
  const Fd fd = connected(dir.path());
  say(fd, "{\"v\":1,");
  CHECK(heard(fd).empty());
}

TEST_CASE("more clients than are served at once get their turn", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox, kSoon);
  std::vector<Fd> hanging;
  for (int i = 0; i < 20; ++i) hanging.push_back(connected(dir.path()));
  CHECK(ask_run(dir.path(), ControlAsk::Pause, 10s));
  CHECK(got<PauseRun>(mailbox));
}

TEST_CASE("a server goes at once, whoever still hangs on it", "[control]") {
  const test::TempDir dir;
  Mailbox mailbox;
  auto server = serve(dir.path(), mailbox, 600s);
  const Fd fd = connected(dir.path());
  CHECK(ask_run(dir.path(), ControlAsk::Pause));  // the first client was taken by then
  server.reset();
  CHECK(heard(fd).empty());
}

TEST_CASE("a process that does not answer is not waited for forever", "[control]") {
  const test::TempDir dir;
  const auto listener = listen_in(dir.path());
  REQUIRE(listener);
  const auto nothing = ask_run(dir.path(), ControlAsk::Pause, kSoon);
  REQUIRE(!nothing);
  CHECK(nothing.error().kind == ErrorKind::Timeout);
  CHECK(nothing.error().message == dir.file("control") + " did not answer in 50 ms");
}

TEST_CASE("S13: an answer of another version, or none, is an error that can be printed",
          "[control]") {
  for (const std::string line : {"", "ok", "{\"v\":1}", "{\"v\":1,\"ok\":1,\"message\":\"\"}",
                                 "{\"v\":7,\"ok\":true,\"message\":\"\"}"}) {
    CAPTURE(line);
    const auto answer = read_answer(line);
    REQUIRE(!answer);
    CHECK(answer.error().kind == ErrorKind::State);
    CHECK(!answer.error().remedy.empty());
  }
  CHECK(read_answer("{\"v\":\"\x1b[31m\"}").error().message.find('\x1b') == std::string::npos);
}

TEST_CASE("another user is turned away", "[control]") {
  if (geteuid() != 0) return;  // only root can be somebody else
  const test::TempDir dir;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  // Before the server has a thread: one that holds a lock just then would hold it in the child
  // for ever.
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ready[1]);
    char go = 0;
    if (read(ready[0], &go, 1) != 1) _exit(9);
    // Without the second, /proc/self would belong to root still.
    if (setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0) _exit(10);
    const auto told = ask_run(dir.path(), ControlAsk::Pause);
    if (told) _exit(11);
    const bool right =
        told.error().message.find("only the user who began this run") != std::string::npos;
    _exit(right ? 0 : 12);
  }
  close(ready[0]);
  Mailbox mailbox;
  const auto server = serve(dir.path(), mailbox);
  // Its mode and its folder keep others out already.
  std::filesystem::permissions(dir.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(dir.file("control"), std::filesystem::perms(0666));
  CHECK(write(ready[1], "g", 1) == 1);
  close(ready[1]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(is_empty(mailbox));
}

}  // namespace drover::orchestrator
