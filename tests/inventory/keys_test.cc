#include "inventory/keys.h"

#include <algorithm>
#include <map>
#include <set>

#include "inventory/base/text.h"
#include "tests/inventory/reader_cases.h"

namespace drover::test {
namespace {

using Keys = std::set<std::string>;

std::string path(const KeySet& set, std::string_view key) {
  return (set.map.empty() ? "" : std::string(set.map) + ".") + std::string(key);
}

Keys keys(const std::vector<KeySet>& sets, std::vector<std::string_view> KeySet::*which) {
  Keys paths;
  for (const KeySet& set : sets) {
    for (std::string_view key : set.*which) paths.insert(path(set, key));
  }
  return paths;
}

// The words in backticks of `line`.
Keys quoted_words(const std::string& line) {
  Keys words;
  size_t begin = line.find('`');
  while (begin != std::string::npos) {
    const size_t end = line.find('`', begin + 1);
    if (end == std::string::npos) break;
    words.insert(line.substr(begin + 1, end - begin - 1));
    begin = line.find('`', end + 1);
  }
  return words;
}

struct Page {
  std::map<std::string, Keys> documented;  // file -> keys with a paragraph
  std::map<std::string, Keys> later;       // file -> keys listed as not supported yet
  Keys empty;                              // keys whose paragraph has no text
};

Page read_page() {
  Page page;
  std::string file;
  bool later = false;
  Keys open;
  for (const std::string& line : split_lines(example("reference.md"))) {
    if (line.rfind("## ", 0) == 0) {
      file = line.substr(3);
      later = line == "## Not supported yet";
    } else if (later && line.rfind("In the ", 0) == 0) {
      file = line == "In the inventory:" ? "inventory.yaml" : "upgrade.yaml";
    } else if (line.rfind("### ", 0) == 0) {
      page.empty.insert(open.begin(), open.end());
      open = quoted_words(line);
      page.documented[file].insert(open.begin(), open.end());
    } else if (later && (line.rfind("- ", 0) == 0 || line.rfind("  ", 0) == 0)) {
      const Keys words = quoted_words(line);
      page.later[file].insert(words.begin(), words.end());
    } else if (line.size() > 20) {
      open.clear();
    }
  }
  return page;
}

// Maps that stand in a list.
const Keys kInLists = {"health.commands"};

// A file in which `path` holds `value`: `*` stands for a host.
std::string file_with(const std::string& path, const std::string& value) {
  std::string text;
  int indent = 0;
  size_t begin = 0;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    const bool item = begin > 0 && kInLists.count(path.substr(0, begin - 1)) > 0;
    text += std::string(static_cast<size_t>(indent), ' ') + (item ? "- " : "");
    text += (key == "*" ? "w1" : key) + ":";
    text += end == path.size() ? " " + value + "\n" : "\n";
    indent += 2;
    begin = end + 1;
  }
  return text;
}

std::string errors_of(const std::string& file, const std::string& text) {
  return file == "inventory.yaml" ? errors(inventory(text)) : errors(upgrade(text));
}

std::string as_shown(std::string path) {
  const size_t star = path.find('*');
  if (star != std::string::npos) path.replace(star, 1, "w1");
  return path;
}

const std::map<std::string, const std::vector<KeySet>*> kFiles = {
    {"inventory.yaml", &inventory_keys()}, {"upgrade.yaml", &upgrade_plan_keys()}};

}  // namespace

TEST_CASE("the reference page has a paragraph for each supported key and for no other") {
  const Page page = read_page();
  CHECK(page.empty == Keys());
  for (const auto& [file, sets] : kFiles) {
    INFO(file);
    CHECK(page.documented.at(file) == keys(*sets, &KeySet::supported));
    CHECK(page.later.at(file) == keys(*sets, &KeySet::later));
  }
}

TEST_CASE("the readers judge the value of each supported key") {
  for (const auto& [file, sets] : kFiles) {
    for (const std::string& key : keys(*sets, &KeySet::supported)) {
      // No key takes a list of lists.
      const std::string said = errors_of(file, file_with(key, "[[]]"));
      INFO(key << "\n" << said);
      CHECK(said.find(": " + as_shown(key) + ": ") != std::string::npos);
      CHECK(said.find(": " + as_shown(key) + ": unknown key") == std::string::npos);
    }
  }
}

TEST_CASE("the readers refuse each key that has no behaviour yet, whatever its value") {
  for (const auto& [file, sets] : kFiles) {
    for (const std::string& key : keys(*sets, &KeySet::later)) {
      for (const char* value : {"", "true", "[a]", "{a: {b: c}}"}) {
        const std::string said = errors_of(file, file_with(key, value));
        INFO(key << "\n" << said);
        CHECK(said.find(": " + as_shown(key) + ": not supported yet; leave it out\n") !=
              std::string::npos);
      }
    }
  }
}

TEST_CASE("no key is both supported and not") {
  for (const auto& [file, sets] : kFiles) {
    const Keys supported = keys(*sets, &KeySet::supported);
    for (const std::string& key : keys(*sets, &KeySet::later)) CHECK(supported.count(key) == 0);
  }
}

}  // namespace drover::test
