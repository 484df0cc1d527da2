#include "plans/steps/node_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

bool said(const CommandResult& result, std::string_view text) {
  return result.err.find(text) != std::string::npos || result.out.find(text) != std::string::npos;
}

// Texts of apt and dpkg, and what to do about them.
std::string remedy_for(const CommandResult& result, const std::string& host) {
  if (said(result, "Could not get lock") || said(result, "lock was locked by")) {
    return fmt::format("let the other package manager on {} end, then `drover resume`", host);
  }
  if (said(result, "No space left") || said(result, "enough free space")) {
    return fmt::format("make room on {}, then `drover resume`", host);
  }
  if (said(result, "Failed to fetch")) {
    return fmt::format("make the package repository reachable from {}, then `drover resume`", host);
  }
  if (said(result, "was not found")) {
    return "the repository no longer offers that revision: make a new plan";
  }
  if (said(result, "Held packages were changed") || said(result, "held broken packages")) {
    return fmt::format(
        "a package was put on hold on {} after the plan was made: take it off, then "
        "`drover resume`",
        host);
  }
  return fmt::format("put right on {} what is said here, then `drover resume`", host);
}

}  // namespace

Queries look_at_nothing(const Step&, const Attempt&) { return {}; }

Error on_host(const Step& step, Error error) {
  error.host = step.host;
  error.message = fmt::format("{}: {}", step.host, error.message);
  return error;
}

std::optional<Decision> unreadable(const Step& step, const Answers& answers,
                                   const std::string& what) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  if (answers.commands.empty()) {
    Error error;
    error.message =
        fmt::format("step {} has no package manager \"{}\"", step.id, step.param("manager"));
    return fail(error);
  }
  if (!answers.commands[0]->ok()) return fail(step_failed(step, what, *answers.commands[0]));
  return std::nullopt;
}

Error step_failed(const Step& step, const std::string& what, const CommandResult& result,
                  const std::string& remedy) {
  Error error = command_failed(fmt::format("{}: {}", step.host, what), result);
  error.host = step.host;
  error.remedy = remedy.empty() ? remedy_for(result, step.host) : remedy;
  return error;
}

bool passing(const CommandResult& result) {
  constexpr int kTerminated = 128 + 15;
  return said(result, "Failed to fetch") || result.exit_code == kTerminated ||
         said(result, "Transport endpoint is not connected") ||
         said(result, "Failed to connect to bus");
}

const PackageManager* manager_of(const Step& step) {
  return find_package_manager(step.param("manager"));
}

const PackageManager* manager_of(const Scope& scope, const Host& host) {
  return find_package_manager(scope.node_facts(host).package_manager);
}

std::string runtime_endpoint(const Scope& scope, const Host& host) {
  const Node* node = scope.facts.find_node(host.node);
  if (node == nullptr) return "";
  const auto socket = node->annotations.find("kubeadm.alpha.kubernetes.io/cri-socket");
  if (socket == node->annotations.end() || socket->second.empty()) return "";
  return socket->second.front() == '/' ? "unix://" + socket->second : socket->second;
}

std::string cri_function(const Scope& scope, const Host& host) {
  const std::string endpoint = runtime_endpoint(scope, host);
  return fmt::format("cri() {{\n  crictl{} \"$@\"\n}}\n",
                     endpoint.empty() ? "" : " -r " + quote(endpoint));
}

std::vector<PackageRevision> wanted_packages(const Scope& scope, const Host& host,
                                             const std::vector<std::string>& names) {
  std::vector<PackageRevision> wanted;
  for (const std::string& name : names) {
    const std::string revision = scope.revision(host, name);
    if (!revision.empty()) wanted.push_back({name, revision});
  }
  return wanted;
}

std::string name_packages(const std::vector<PackageRevision>& packages) {
  if (packages.empty()) return "nothing";
  const bool alike =
      std::all_of(packages.begin(), packages.end(), [&](const PackageRevision& package) {
        return package.revision == packages.front().revision;
      });
  std::vector<std::string> parts;
  for (const auto& [name, revision] : packages) {
    parts.push_back(alike ? name : name + " " + revision);
  }
  std::string text = parts.back();
  parts.pop_back();
  if (!parts.empty()) text = join(parts, ", ") + " and " + text;
  return alike ? text + " " + packages.front().revision : text;
}

std::string packages_param(const std::vector<PackageRevision>& packages) {
  std::vector<std::string> words;
  for (const auto& [name, revision] : packages) words.push_back(name + "=" + revision);
  return join(words, " ");
}

std::vector<PackageRevision> read_packages_param(const std::string& text) {
  std::vector<PackageRevision> packages;
  for (const std::string& word : split_words(text)) {
    const size_t equals = std::min(word.find('='), word.size() - 1);
    packages.push_back({word.substr(0, equals), word.substr(equals + 1)});
  }
  return packages;
}

}  // namespace drover::plans
