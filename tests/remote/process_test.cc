#include "remote/process.h"

#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;

namespace {

Result<ProcessResult> run_shell(const std::string& script, std::chrono::milliseconds patience = 20s,
                                std::stop_token stop = {}) {
  return run_process({.command = "sh", .args = {"-c", script}}, patience, std::move(stop));
}

/// True when the process whose id is in the file has gone, or goes within a second.
bool gone(const std::string& pid_file) {
  const pid_t pid = std::stoi(test::read_file(pid_file));
  const auto deadline = std::chrono::steady_clock::now() + 1s;
  while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    if (line.find(") Z ") != std::string::npos) return true;
    std::this_thread::yield();
  }
  return ::kill(pid, 0) != 0;
}

}  // namespace

TEST_CASE("a program gives its exit code and both streams, whatever their size") {
  const auto run = run_shell("head -c 300000 /dev/zero | tr '\\0' o; echo err >&2; exit 3");
  REQUIRE(run);
  CHECK(run->exit_code == 3);
  CHECK(run->out == std::string(300000, 'o'));
  CHECK(run->err == "err\n");
  const auto killed = run_shell("kill -9 $$");
  REQUIRE(killed);
  CHECK_FALSE(killed->exit_code);
}

TEST_CASE("a program gets its words as they are, its variables, no input and no blocked signals") {
  const auto words =
      run_process({.command = "printf", .args = {"<%s>", "a b", "$(id)", "*"}}, 20s, {});
  REQUIRE(words);
  CHECK(words->out == "<a b><$(id)><*>");
  const auto variables = run_process(
      {.command = "/bin/sh", .args = {"-c", "echo $A:$HOME"}, .env = {{"A", "1"}, {"HOME", "/h"}}},
      20s, {});
  REQUIRE(variables);
  CHECK(variables->out == "1:/h\n");
  CHECK(run_shell("cat")->out.empty());
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto mask = run_shell("grep SigBlk /proc/self/status");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(mask);
  CHECK(mask->out == "SigBlk:\t0000000000000000\n");
}

TEST_CASE("a program that does not end in time goes, with what it started") {
  const test::TempDir dir;
  const std::string script =
      "sleep 600 & echo $! >" + dir.file("child") + "; echo x >" + dir.file("ready") + "; wait";
  SECTION("at its deadline") {
    const auto began = std::chrono::steady_clock::now();
    const auto run = run_shell(script, 300ms);
    REQUIRE_FALSE(run);
    CHECK(run.error().kind == ErrorKind::Timeout);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
  }
  SECTION("when it is stopped") {
    std::stop_source stop;
    const std::jthread stopper([&] {
      while (!std::ifstream(dir.file("ready"))) std::this_thread::yield();
      stop.request_stop();
    });
    const auto run = run_shell(script, 20s, stop.get_token());
    REQUIRE_FALSE(run);
    CHECK(run.error().kind == ErrorKind::Cancelled);
  }
  CHECK(gone(dir.file("child")));
}

TEST_CASE("what a program leaves behind is not waited for") {
  const auto began = std::chrono::steady_clock::now();
  const auto run = run_shell("echo done; sleep 30 &");
  REQUIRE(run);
  CHECK(run->out == "done\n");
  CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("a program that is not there, or prints without end, is an error") {
  const auto missing = run_process({.command = "/nonexistent/login"}, 20s, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::File);
  CHECK_THAT(missing.error().message, Catch::Contains("No such file"));
  const auto endless = run_shell("yes");
  REQUIRE_FALSE(endless);
  CHECK(endless.error().kind == ErrorKind::Api);
}
