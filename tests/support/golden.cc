#include "tests/support/golden.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "inventory/base/text.h"
#include "tests/support/source_dir.h"

namespace drover::test {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

void check_golden(const std::string& name, const std::string& text) {
  const std::string path = source_dir() + "/tests/golden/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    SUCCEED("written: " << name);
    return;
  }
  const std::string wanted = read_all(path);
  if (wanted == text) {
    SUCCEED();
    return;
  }
  const auto want = split_lines(wanted);
  const auto have = split_lines(text);
  size_t line = 0;
  while (line < std::min(want.size(), have.size()) && want[line] == have[line]) ++line;
  FAIL_CHECK("tests/golden/" << name << " differs at line " << line + 1
                             << "\n  golden: " << (line < want.size() ? want[line] : "(ends)")
                             << "\n  now:    " << (line < have.size() ? have[line] : "(ends)")
                             << "\nUPDATE_GOLDEN=1 writes what is printed now.");
}

}  // namespace drover::test
