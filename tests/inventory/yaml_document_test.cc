#include "inventory/yaml_document.h"

#include "tests/inventory/reader_cases.h"
#include "tests/support/golden.h"

namespace drover::test {

TEST_CASE("scalars keep their text as written") {
  Diagnostics diagnostics;
  const auto root =
      read_yaml("a: 1.30\nb: '1.30'\nc: 0x10\nd: yes\ne: \"x\\ty\"\nf: ~\ng: [x, {h: i}]\n", "f",
                diagnostics);
  REQUIRE(root);
  CHECK(diagnostics.empty());
  CHECK(root->find("a")->text == "1.30");
  CHECK_FALSE(root->find("a")->quoted);
  CHECK(root->find("b")->text == "1.30");
  CHECK(root->find("b")->quoted);
  CHECK(root->find("c")->text == "0x10");
  CHECK(root->find("d")->text == "yes");
  CHECK(root->find("e")->text == "x\ty");
  CHECK(root->find("f")->kind == YamlValue::Kind::Null);
  const YamlValue* list = root->find("g");
  REQUIRE(list->kind == YamlValue::Kind::List);
  REQUIRE(list->items.size() == 2);
  CHECK(list->items[1].find("h")->text == "i");
  CHECK(root->find("z") == nullptr);
}

TEST_CASE("places are those an editor shows") {
  Diagnostics diagnostics;
  const auto root = read_yaml(
      "\xEF\xBB\xBF"
      "a: 1\r\nä: {ö: ü, \"日本\": [1, 22]}\r\nb:\r\n",
      "f", diagnostics);
  REQUIRE(root);
  CHECK(root->entries[0].key_place.line == 1);
  CHECK(root->entries[0].key_place.column == 1);
  CHECK(root->entries[0].value.place.column == 4);
  const YamlValue& map = root->entries[1].value;
  CHECK(map.place.line == 2);
  CHECK(map.place.column == 4);
  CHECK(map.entries[1].key == "日本");
  CHECK(map.entries[1].key_place.column == 11);
  CHECK(map.entries[1].value.items[1].place.column == 21);
  CHECK(root->entries[2].value.place.line == 3);  // a missing value stands at its key
  CHECK(root->entries[2].value.place.column == 1);
}

TEST_CASE("a key given twice is reported and the first one stays") {
  Diagnostics diagnostics;
  const auto root = read_yaml("a: 1\nb: {c: 1, c: 2}\n\"a\": 3\n", "f", diagnostics);
  REQUIRE(root);
  CHECK(root->find("a")->text == "1");
  CHECK(root->find("b")->find("c")->text == "1");
  REQUIRE(diagnostics.size() == 2);
  CHECK(diagnostics[0].message == "b.c: given twice");
  CHECK(diagnostics[0].column == 11);
  CHECK(diagnostics[1].line == 3);
  CHECK(diagnostics[1].remedy == "it stands in line 1 already");
}

TEST_CASE("what is no YAML, or not used in these files, is refused with its place") {
  const std::vector<std::string> cases = {
      "a: \"x\nb: 1\n",
      "a: 'x\n",
      "'a: 1\n",
      "a: [\"x]\nb: 1\n",
      "a: \"x\\\n",
      "a: '''\n",
      "a: 1\nb\n",
      "a: 1\nb:2\n",
      "a: {b}\n",
      "a: {b:1}\n",
      "a: [1\n",
      "a: {b\n",
      "a: {b: \n",
      "}",
      "a: ]\n",
      "a: [b}\n",
      "a: b: c\n",
      "a: b\n c: d\n",
      "a:\n    b: 1\n  c: 2\n",
      "a: [1] x\n",
      "a: \"x\" y\n",
      "a:\n\tb: 1\n",
      "a: 1\n\tb: 1\n",
      "a: @x\n",
      "a: `x\n",
      "a: %x\n",
      "a: - 1\n",
      "a: \"\\x\"\n",
      "--- a: 1\n",
      "a: &x 1\nb: *x\nc:\n  <<: *x\n",
      "a: *nope\n",
      "*x : 1\n",
      "a: &x {b: 1}\n",
      "a: !!str 3\n",
      "a: !x [1]\n",
      "a: 1\n---\nb: 2\n",
      "a: 1\n---\n",
      "? [a]\n: 1\n",
      "? {a: b}\n: 1\n",
      ": x\n",
      "~: x\n",
      "a: {,}\n",
      ",",
      "a: 1\n, b\n",
      "a: ,x\n",
      "a: \x01\n",
      std::string("a: \0b: 1\n", 9),
      "a: x\n\xff\n",
      "\xff\xfe"
      "a\0",
      "ä: \xc3\n",
      "a: \x7f\n",
      "a: \x04"
      "b\n",
  };
  std::string text;
  for (const std::string& each : cases) {
    Diagnostics diagnostics;
    INFO(each);
    CHECK_FALSE(read_yaml(each, "f.yaml", diagnostics));
    text += "--------\n";
    for (char c : each)
      text += (c < 0x20 && c != '\n') || c == 0x7F
                  ? fmt::format("<{:02x}>", static_cast<unsigned char>(c))
                  : std::string(1, c);
    text += each.back() == '\n' ? "--> " : "\n--> ";
    text += errors(Read<int>(diagnostics));
  }
  check_golden("inventory/yaml_errors.txt", text);
}

TEST_CASE("size and depth have limits") {
  struct Row {
    std::string text;
    const char* message;
  };
  std::string blocks;
  for (int i = 0; i < 100000; ++i) blocks += "- ";
  for (const Row& row : {
           Row{"a: " + std::string(10u << 20, 'x'), "10485763 bytes: larger than 8 MiB"},
           Row{"a: " + std::string(40, '[') + std::string(40, ']'), "nested more than 32 deep"},
           Row{"a: " + std::string(1000000, '{'), "a key must be a word, not a list or a map"},
           Row{blocks, "nested more than 32 deep"},
           Row{std::string(1000000, '-'), "the file must hold keys and values"},
       }) {
    Diagnostics diagnostics;
    CHECK_FALSE(read_yaml(row.text, "f", diagnostics));
    REQUIRE(diagnostics.size() == 1);
    CHECK(diagnostics[0].message == row.message);
    CHECK(diagnostics[0].line == 1);
  }
  Diagnostics diagnostics;
  CHECK_FALSE(read_yaml("a: " + std::string(1000000, '['), "f", diagnostics));
  CHECK(diagnostics.size() == 1);
}

}  // namespace drover::test
