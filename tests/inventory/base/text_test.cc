#include "inventory/base/text.h"

#include <catch2/catch.hpp>
#include <random>

namespace drover {

using Strings = std::vector<std::string>;

TEST_CASE("splitting, trimming and joining") {
  CHECK(split_lines("a\nb\r\n\nc") == Strings{"a", "b", "", "c"});
  CHECK(split_lines("a\n") == Strings{"a"});
  CHECK(split_lines("").empty());
  CHECK(split_lines("\n") == Strings{""});
  CHECK(split_words("  a\tb \n c ") == Strings{"a", "b", "c"});
  CHECK(split_words(" \n").empty());
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n") == "");
  CHECK(join({"a", "b"}, ", ") == "a, b");
  CHECK(join({}, ", ") == "");
}

TEST_CASE("sanitise shows what would act on a terminal (S13)") {
  struct Row {
    std::string text;
    std::string shown;
  };
  for (const Row& row : {
           Row{"plain text, with öß and 日本", "plain text, with öß and 日本"},
           Row{"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
           Row{"a\nb\rc\td", "a\\nb\\rc d"},
           Row{std::string("nul\0!", 5), "nul\\x00!"},
           Row{"\x7f", "\\x7f"},
           Row{"\xc2\x9b"
               "31m",
               "\\x9b31m"},  // the one-byte CSI
           Row{"\xe2\x80\xae"
               "evil",
               "\\u202eevil"},                               // right-to-left override
           Row{"\xef\xbb\xbf", "\\ufeff"},                   // byte order mark
           Row{"\xff\xfe", "\\xff\\xfe"},                    // no UTF-8
           Row{"\xc0\xaf", "\\xc0\\xaf"},                    // overlong
           Row{"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // surrogate
           Row{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond U+10FFFF
           Row{"\xe2\x82", "\\xe2\\x82"},                    // cut short
           Row{"", ""},
       }) {
    CHECK(sanitise(row.text) == row.shown);
  }
}

TEST_CASE("sanitise cuts at a character boundary within its limit") {
  CHECK(sanitise("abcdef", 6) == "abcdef");
  CHECK(sanitise("abcdefg", 6) == "abc…");
  CHECK(sanitise("ööööö", 9) == "ööö…");
  CHECK(sanitise("ab\x1b\x1b", 9) == "ab\\x1b…");
  CHECK(sanitise("abc", 2) == "");
  CHECK(sanitise(std::string(1000, 'x')).size() == 400);
}

TEST_CASE("sanitised random bytes hold no control character and are never too long (S13)") {
  std::mt19937 random(13);
  std::uniform_int_distribution<int> byte(0, 255);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += static_cast<char>(byte(random));
    const std::string clean = sanitise(text, 50);
    REQUIRE(clean.size() <= 50);
    for (size_t at = 0; at < clean.size();) {
      REQUIRE(static_cast<unsigned char>(clean[at]) >= 0x20);
      const size_t size = utf8_length(std::string_view(clean).substr(at));
      REQUIRE(size > 0);
      at += size;
    }
  }
}

TEST_CASE("nearest finds slips of the pen and nothing else") {
  const Strings keys = {"max_unavailable", "user", "port", "identity_file", "timeout", "canary"};
  struct Row {
    const char* word;
    const char* found;
  };
  for (const Row& row :
       {Row{"max_unavailabel", "max_unavailable"}, Row{"maxUnavailable", "max_unavailable"},
        Row{"max-unavailable", "max_unavailable"}, Row{"usr", "user"}, Row{"prot", "port"},
        Row{"identityfile", "identity_file"}, Row{"Port", "port"}, Row{"timout", "timeout"},
        Row{"user", "user"}}) {
    INFO(row.word);
    CHECK(nearest(row.word, keys) == std::string(row.found));
  }
  for (const char* word : {"", "x", "colour", "maximum", "zz", "sudo"}) {
    INFO(word);
    CHECK_FALSE(nearest(word, keys));
  }
  CHECK_FALSE(nearest(std::string(1000000, 'a'), keys));
  CHECK_FALSE(nearest("port", {}));
}

}  // namespace drover
