#include "remote/local_programs.h"

#include <catch2/catch.hpp>

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;

namespace {

LocalProgram shell(std::string text) {
  return {.argv = {"sh", "-c", std::move(text)}, .timeout = 20s};
}

}  // namespace

TEST_CASE("a program here gives its exit code, both streams, and sees its environment") {
  LocalPrograms programs({});
  LocalProgram program = shell("echo \"$DROVER_NODE\"; echo no >&2; exit 3");
  program.env = {{"DROVER_NODE", "w 1'"}};
  const auto result = programs.run(program, {});
  REQUIRE(result);
  CHECK(result->exit_code == 3);
  CHECK(result->out == "w 1'\n");
  CHECK(result->err == "no\n");
  const auto killed = programs.run(shell("kill -9 $$"), {});
  REQUIRE(killed);
  CHECK_FALSE(killed->exit_code);
}

TEST_CASE("S13: what programs print is freed of secrets") {
  Redaction passwords;
  Redaction tokens;
  passwords.add("hunter2-hunter2");
  tokens.add("prom-t0ken");
  LocalPrograms programs({&passwords, &tokens});
  const auto result = programs.run(shell("echo a hunter2-hunter2; echo b prom-t0ken >&2"), {});
  REQUIRE(result);
  CHECK(result->out == "a [secret]\n");
  CHECK(result->err == "b [secret]\n");
}

TEST_CASE("a program that cannot be run, or does not end, is an error") {
  LocalPrograms programs({});
  CHECK(programs.run({.argv = {"/no/such/program"}}, {}).error().kind == ErrorKind::File);
  CHECK(programs.run({}, {}).error().kind == ErrorKind::Internal);
  LocalProgram endless = shell("while :; do sleep 1; done");
  endless.timeout = 1s;
  CHECK(programs.run(endless, {}).error().kind == ErrorKind::Timeout);
  std::stop_source stop;
  stop.request_stop();
  CHECK(programs.run(endless, stop.get_token()).error().kind == ErrorKind::Cancelled);
}
