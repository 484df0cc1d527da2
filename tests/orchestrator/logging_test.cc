#include "orchestrator/logging.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <regex>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

// What `body` writes to stderr.
template <class Body>
std::string stderr_of(Body body) {
  test::TempDir dir;
  const std::string path = dir.file("stderr");
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  std::FILE* file = std::fopen(path.c_str(), "w");
  dup2(fileno(file), STDERR_FILENO);
  body();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::fclose(file);
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("nothing is logged unless asked for", "[logging]") {
  CHECK(stderr_of([] { log_debug("hidden"); }).empty());
  const std::string text = stderr_of([] {
    set_verbose(true);
    log_debug("connected to w1");
    set_verbose(false);
    log_debug("hidden");
  });
  CHECK(std::regex_match(text,
                         std::regex("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} drover: connected to w1\n")));
}

TEST_CASE("S13: what is logged cannot act on the terminal", "[logging]") {
  const std::string text = stderr_of([] {
    set_verbose(true);
    log_debug("banner {} \x1b[31m\nnext");
    set_verbose(false);
  });
  CHECK(text.find("banner {} \\x1b[31m\\nnext\n") != std::string::npos);
}

}  // namespace drover::orchestrator
