#include "orchestrator/files.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "inventory/selection.h"
#include "orchestrator/home.h"
#include "orchestrator/zone_file.h"
#include "plans/checks/check.h"

namespace drover::orchestrator {
namespace {

std::variant<std::string, Diagnostics> read_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Diagnostics{{.file = path, .message = "is a folder", .remedy = "name a YAML file"}};
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (file.bad() || !file.is_open()) {
    return Diagnostics{
        {.file = path, .message = fmt::format("cannot be read: {}", std::strerror(errno))}};
  }
  return text.str();
}

std::string user() {
  const passwd* entry = getpwuid(getuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

/// `path` as written in the plan file at `upgrade_path`: relative to that file's folder, or to the
/// user's home.
std::string beside(const std::string& upgrade_path, const std::string& path) {
  if (path.rfind("~/", 0) == 0) return home_folder() + path.substr(1);
  return (std::filesystem::path(upgrade_path).parent_path() / path).lexically_normal().string();
}

/// Only this machine knows which time zones it knows.
void check_zone(const UpgradePlan& plan, Diagnostics& problems) {
  if (!plan.rollout.window) return;
  const MaintenanceWindow& window = *plan.rollout.window;
  const auto zone = load_time_zone(window.timezone);
  if (zone) return;
  problems.push_back({plan.file, window.timezone_line, window.timezone_column,
                      "window.timezone: " + zone.error().message, zone.error().remedy});
}

}  // namespace

std::variant<Files, Diagnostics> load_files(const std::string& upgrade_path,
                                            const std::string& inventory_path) {
  auto text = read_text(upgrade_path);
  if (auto* problems = std::get_if<Diagnostics>(&text)) return std::move(*problems);
  auto upgrade = read_upgrade_plan(std::get<std::string>(text), upgrade_path, plans::check_ids(),
                                   home_folder());

  Diagnostics problems;
  if (const auto* wrong = std::get_if<Diagnostics>(&upgrade)) problems = *wrong;
  const auto* plan = std::get_if<UpgradePlan>(&upgrade);
  std::string path = inventory_path;
  if (path.empty() && plan != nullptr) path = beside(upgrade_path, plan->inventory);
  if (path.empty()) return problems;

  auto files = load_inventory_file(path);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    problems.insert(problems.end(), wrong->begin(), wrong->end());
  }
  if (!problems.empty()) return problems;
  auto& loaded = std::get<Files>(files);
  problems = check_named_hosts(*plan, loaded.inventory);
  check_zone(*plan, problems);
  if (!problems.empty()) return problems;
  loaded.upgrade = std::get<UpgradePlan>(std::move(upgrade));
  loaded.upgrade_text = std::get<std::string>(std::move(text));
  return files;
}

std::variant<Files, Diagnostics> load_inventory_file(const std::string& inventory_path) {
  auto text = read_text(inventory_path);
  if (auto* problems = std::get_if<Diagnostics>(&text)) return std::move(*problems);
  auto inventory =
      read_inventory(std::get<std::string>(text), inventory_path, home_folder(), user());
  if (auto* problems = std::get_if<Diagnostics>(&inventory)) return std::move(*problems);
  Files files;
  files.inventory = std::get<Inventory>(std::move(inventory));
  files.inventory_text = std::get<std::string>(std::move(text));
  return files;
}

std::variant<std::vector<Manifest>, Diagnostics> load_manifests(const std::string& path) {
  const auto text = read_text(path);
  if (const auto* problems = std::get_if<Diagnostics>(&text)) return *problems;
  return read_manifests(std::get<std::string>(text), path);
}

}  // namespace drover::orchestrator
