#include <random>

#include "tests/inventory/reader_cases.h"

namespace drover::test {
namespace {

void read_both(const std::string& text) {
  check_placed(inventory(text));
  check_placed(upgrade(text));
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    for (int rounds = pick(1, 4); rounds > 0; --rounds) once(text);
    return text;
  }

 private:
  int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }
  size_t at(const std::string& text) {
    return static_cast<size_t>(pick(0, static_cast<int>(text.size())));
  }

  void once(std::string& text) {
    static const std::vector<std::string> kPieces = {
        ":",   ": ",  "\n",  "\n  ", "\t",   "{",       "}",    "[",    "]",      ",",
        "\"",  "'",   "#",   "- ",   "? ",   "*a",      "&a ",  "!!x ", "<<: ",   "---",
        "...", "|\n", ">\n", "%",    "@",    "`",       "\r\n", "~",    "\xC3",   "\xFF",
        "ö",   "\\",  "0",   "1.5",  "true", "timeout", "etcd", "-1",   "\x1b[2J"};
    const size_t position = at(text);
    const size_t length = std::min(static_cast<size_t>(pick(0, 12)), text.size() - position);
    switch (pick(0, 4)) {
      case 0:
        text.insert(position,
                    kPieces[static_cast<size_t>(pick(0, static_cast<int>(kPieces.size()) - 1))]);
        break;
      case 1:
        text.erase(position, length);
        break;
      case 2:
        text.insert(at(text), text.substr(position, length * 4));
        break;
      case 3:
        if (position < text.size()) text[position] = static_cast<char>(pick(0, 255));
        break;
      default:
        text.resize(position);
    }
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("mutated examples are read, or refused with a place, and never crash") {
  const std::vector<std::string> examples = {example("inventory.yaml"), example("upgrade.yaml")};
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    INFO("seed " << seed);
    read_both(Mutator(seed).mutate(examples[seed % examples.size()]));
  }
}

TEST_CASE("examples cut at any byte are read, or refused with a place") {
  for (const char* name : {"inventory.yaml", "upgrade.yaml"}) {
    const std::string text = example(name);
    for (size_t size = 0; size <= text.size(); ++size) {
      INFO(name << " cut to " << size);
      read_both(text.substr(0, size));
    }
  }
}

TEST_CASE("random bytes are refused with a place") {
  std::mt19937 random(99);
  std::uniform_int_distribution<int> byte(0, 255);
  std::uniform_int_distribution<int> printable(32, 126);
  for (int round = 0; round < 1000; ++round) {
    std::string text;
    for (int i = 0; i < 80; ++i) {
      text += static_cast<char>(round % 2 == 0 ? byte(random)
                                : i % 16 == 15 ? '\n'
                                               : printable(random));
    }
    INFO("round " << round);
    read_both(text);
  }
}

}  // namespace drover::test
