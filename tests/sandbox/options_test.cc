#include "examples/sandbox/options.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "examples/sandbox/control/syntax.h"

using namespace drover::sandbox;
using Catch::Matchers::Contains;
using Command = Invocation::Command;

TEST_CASE("up takes its options, and has a default for each", "[options]") {
  const Invocation plain = read_options({"up"});
  CHECK(plain.command == Command::Up);
  CHECK(plain.up.folder.empty());
  CHECK(plain.up.workers == 3);
  CHECK(plain.up.control_planes == 1);
  CHECK(plain.up.speed == 1);
  CHECK(plain.up.port_base == 0);
  CHECK(plain.up.faults.empty());

  const Invocation full = read_options({"up", "--dir", "/tmp/c", "--workers=7", "--control-planes",
                                        "3", "--speed", "0", "--seed", "9", "--port-base", "2200",
                                        "--fault", "cut w1", "--fault", "slow w2 50"});
  CHECK(full.up.folder == "/tmp/c");
  CHECK(full.up.workers == 7);
  CHECK(full.up.control_planes == 3);
  CHECK(full.up.speed == 0);
  CHECK(full.up.seed == 9);
  CHECK(full.up.port_base == 2200);
  CHECK(full.up.faults == std::vector<std::string>{"cut w1", "slow w2 50"});
}

TEST_CASE("do takes a folder and the words of a command", "[options]") {
  const Invocation asked = read_options({"do", "/tmp/c", "slow", "w1", "50"});
  CHECK(asked.command == Command::Do);
  CHECK(asked.folder == "/tmp/c");
  CHECK(asked.words == std::vector<std::string>{"slow", "w1", "50"});
}

TEST_CASE("What is no command line is refused, with what would be one", "[options]") {
  CHECK_THROWS_WITH(read_options({"down"}), Contains("up, do or help"));
  CHECK_THROWS_WITH(read_options({"do", "/tmp/c"}), Contains("do DIR COMMAND"));
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{"up", "--worker", "3"},
                                             {"up", "--workers", "many"},
                                             {"up", "--workers", "-1"},
                                             {"up", "--control-planes", "0"},
                                             {"up", "--speed", "-1"},
                                             {"up", "--speed", "nan"},
                                             {"up", "--port-base", "65535"},
                                             {"up", "now"}}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(read_options(wrong), std::runtime_error);
  }
}

TEST_CASE("The help explains every command that can be asked for", "[options]") {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"up", "--help"}}) {
    CHECK(read_options(words).command == Command::Help);
  }
  for (const Phrase& phrase : phrases()) {
    CAPTURE(phrase.words);
    CHECK_FALSE(phrase.does.empty());
    CHECK_THAT(help_text(), Contains("  " + usage(phrase)));
  }
}
