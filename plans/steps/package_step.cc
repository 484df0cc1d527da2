#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// What is still missing to what the step is for; empty when nothing is.
std::vector<std::string> differences(const Step& step, const InstalledPackages& now) {
  std::vector<std::string> missing;
  for (const auto& [name, revision] : read_packages_param(step.param("packages"))) {
    const auto found = now.revisions.find(name);
    if (found == now.revisions.end()) {
      missing.push_back(fmt::format("{} is not installed", name));
    } else if (found->second != revision) {
      missing.push_back(fmt::format("{} is {}, not {}", name, found->second, revision));
    }
  }
  for (const std::string& name : split_words(step.param("held"))) {
    if (now.held.count(name) == 0) missing.push_back(fmt::format("{} is not on hold", name));
  }
  return missing;
}

Notes found(const InstalledPackages& now) {
  std::vector<PackageRevision> packages;
  for (const auto& [name, revision] : now.revisions) packages.push_back({name, revision});
  return {{"revisions", packages_param(packages)},
          {"held", join({now.held.begin(), now.held.end()}, " ")}};
}

std::string changes(const std::vector<PackageRevision>& packages, const Attempt& attempt) {
  if (attempt.ran.empty()) return name_packages(packages) + " already there";
  return "installed " + name_packages(packages);
}

}  // namespace

Step make_package_step(const Scope& scope, const Host& host, Step step,
                       const std::vector<std::string>& names) {
  const std::vector<PackageRevision> packages = wanted_packages(scope, host, names);
  step.title = "install " + name_packages(packages);
  step.timeout = std::chrono::minutes(12);
  step.estimate = std::chrono::seconds(2);
  const PackageManager* manager = manager_of(scope, host);
  if (manager == nullptr || packages.empty()) return step;  // a check blocks this plan
  const auto held = holds_in_the_way(packages, scope.node_facts(host).held);
  step.commands = {manager->install(packages, held)};
  step.params = {{"manager", std::string(manager->name)},
                 {"packages", packages_param(packages)},
                 {"held", join(held, " ")}};
  return step;
}

Queries look_packages(const Step& step, const Attempt&) {
  const PackageManager* manager = manager_of(step);
  if (manager == nullptr) return {};
  std::vector<std::string> names = split_words(step.param("held"));
  for (const PackageRevision& package : read_packages_param(step.param("packages"))) {
    names.push_back(package.name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return {{manager->installed(names)}, {}};
}

Decision decide_packages(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "reading the installed packages")) return *decision;
  const auto now = parse_installed(answers.commands[0]->out);
  if (!now) return fail(on_host(step, now.error()));

  const auto packages = read_packages_param(step.param("packages"));
  const std::vector<std::string> missing = differences(step, *now);
  if (missing.empty()) return done(changes(packages, attempt));
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0, found(*now));
  const std::string what = "installing " + name_packages(packages);
  if (!last->ok()) return fail(step_failed(step, what, *last), passing(*last));
  Error error;
  error.kind = ErrorKind::Command;
  error.host = step.host;
  error.message =
      fmt::format("{}: {} reported success, but {}", step.host, what, join(missing, ", "));
  error.remedy =
      fmt::format("see what holds the packages of {} back, then `drover resume`", step.host);
  return fail(error);
}

}  // namespace drover::plans
