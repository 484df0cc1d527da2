#include "inventory/base/quote.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <random>
#include <vector>

#include "tests/support/temp_dir.h"

namespace drover {
namespace {

// What sh takes `words` for, each followed by a NUL.
std::string as_sh_reads(const std::vector<std::string>& words) {
  std::string script = "printf '%s\\000'";
  for (const std::string& word : words) script += " " + word;
  const test::TempDir folder;
  const std::string path = folder.file("script");
  std::ofstream(path, std::ios::binary) << script;
  FILE* pipe = popen(("LC_ALL=C /bin/sh " + path).c_str(), "r");
  std::string out;
  char buffer[4096];
  size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0) out.append(buffer, got);
  CHECK(pclose(pipe) == 0);
  return out;
}

}  // namespace

TEST_CASE("quote leaves plain words bare and quotes the rest (S19)") {
  struct Row {
    const char* text;
    const char* word;
  };
  for (const Row& row : {
           Row{"w1.example", "w1.example"},
           Row{"/var/lib/drover", "/var/lib/drover"},
           Row{"1.34.4-1.1", "1.34.4-1.1"},
           Row{"", "''"},
           Row{"a b", "'a b'"},
           Row{"it's", "'it'\\''s'"},
           Row{"kubeadm=1.34.4-1.1", "'kubeadm=1.34.4-1.1'"},
           Row{"~ops", "'~ops'"},
           Row{"$(reboot)", "'$(reboot)'"},
           Row{"a\nb", "'a\nb'"},
       }) {
    CHECK(quote(row.text) == row.word);
  }
}

TEST_CASE("sh reads a quoted word as exactly the text, whatever is in it (S19)") {
  std::mt19937 random(20260801);
  std::uniform_int_distribution<int> byte(1, 255);
  std::uniform_int_distribution<int> length(0, 40);
  const std::string hostile = "'\"\\$`!*?[]{}()<>|&;#~= \t\n-";
  std::vector<std::string> words;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int left = length(random); left > 0; --left) {
      const auto pick = static_cast<size_t>(byte(random));
      text += i % 2 == 0 ? hostile[pick % hostile.size()] : static_cast<char>(pick);
    }
    words.push_back(quote(text));
    expected += text + '\0';
  }
  CHECK(as_sh_reads(words) == expected);
}

TEST_CASE("quote leaves out NUL, which no word can hold") {
  CHECK(quote(std::string("a\0b", 3)) == "'ab'");
}

}  // namespace drover
