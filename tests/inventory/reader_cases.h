#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "tests/support/source_dir.h"

namespace drover::test {

inline Read<Inventory> inventory(std::string_view text) {
  return read_inventory(text, "inventory.yaml", "/home/ops", "ops");
}

inline Read<UpgradePlan> upgrade(std::string_view text) {
  return read_upgrade_plan(text, "upgrade.yaml",
                           {"downgrade", "drain", "budget-used", "not-in-inventory", "locked"});
}

/// The diagnostics as they are shown, a line each; "ok" if there are none.
template <class T>
std::string errors(const Read<T>& read) {
  const auto* diagnostics = std::get_if<Diagnostics>(&read);
  if (diagnostics == nullptr) return "ok\n";
  std::string text;
  for (const Diagnostic& each : *diagnostics) {
    text += fmt::format("{}:{}:{}: {}", each.file, each.line, each.column, each.message);
    text += each.remedy.empty() ? "\n" : "; " + each.remedy + "\n";
  }
  return text;
}

/// Each case's text followed by what the reader says to it, for a golden file.
template <class T>
std::string transcript(const std::vector<std::string>& cases, Read<T> (*read)(std::string_view)) {
  std::string text;
  for (const std::string& each : cases) {
    text += "--------\n" + each + (each.empty() || each.back() != '\n' ? "\n" : "");
    text += "--> " + errors(read(each));
  }
  return text;
}

/// Every error has a file, a place and a message.
template <class T>
void check_placed(const Read<T>& read) {
  const auto* diagnostics = std::get_if<Diagnostics>(&read);
  if (diagnostics == nullptr) return;
  REQUIRE_FALSE(diagnostics->empty());
  for (const Diagnostic& each : *diagnostics) {
    REQUIRE_FALSE(each.file.empty());
    REQUIRE(each.line >= 1);
    REQUIRE(each.column >= 1);
    REQUIRE_FALSE(each.message.empty());
  }
}

inline std::string example(const std::string& name) {
  std::ifstream file(drover::test::source_dir() + "/examples/" + name, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  REQUIRE(file);
  return text.str();
}

}  // namespace drover::test
