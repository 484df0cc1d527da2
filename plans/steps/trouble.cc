#include "plans/steps/trouble.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"

namespace drover::plans {
namespace {

// Refusals of an eviction that carry a status of passing trouble and yet are an answer: a budget
// that allows nothing (429), and a pod under two budgets (500), which never heals by itself.
bool about_budgets(const ApiStatus& status) {
  return status.has_cause("DisruptionBudget") ||
         status.message.find("more than one PodDisruptionBudget") != std::string::npos;
}

// What programs print on the way to failing and what tells nothing once they failed.
bool telling(std::string_view line) {
  return !line.empty() && line.find("delaying package configuration") == std::string_view::npos;
}

// The lines in which apt and kubeadm name a cause, or else the last ones.
std::vector<std::string> causes(std::string_view text) {
  constexpr size_t kMost = 4;
  std::vector<std::string> named;
  std::vector<std::string> last;
  for (const std::string& raw : split_lines(text)) {
    const std::string line(trim(raw));
    if (!telling(line)) continue;
    if (line.rfind("E: ", 0) == 0 || line.rfind("[ERROR ", 0) == 0) named.push_back(line);
    last.push_back(line);
    if (last.size() > kMost) last.erase(last.begin());
  }
  if (named.size() > kMost) named.resize(kMost);
  return named.empty() ? last : named;
}

}  // namespace

std::optional<std::string> api_trouble(const Result<ApiResponse>& answer) {
  if (!answer) return fmt::format("the API server: {}", sanitise(answer.error().message, 200));
  if (answer->status != 429 && answer->status < 500) return std::nullopt;
  const ApiStatus status = read_api_status(*answer);
  if (about_budgets(status)) return std::nullopt;
  std::string what = fmt::format("the API server: HTTP {}", answer->status);
  if (!status.message.empty()) what += fmt::format(", {}", sanitise(status.message, 160));
  return what;
}

std::optional<std::string> node_trouble(const Result<CommandResult>& answer) {
  if (!answer) return fmt::format("the node: {}", sanitise(answer.error().message, 200));
  if (!answer->exit_code) return "the node: its answer was cut off";
  return std::nullopt;
}

std::optional<std::string> any_trouble(const Answers& answers) {
  for (const auto& command : answers.commands) {
    if (auto trouble = node_trouble(command)) return trouble;
  }
  for (const auto& response : answers.responses) {
    if (auto trouble = api_trouble(response)) return trouble;
  }
  return std::nullopt;
}

Error refused(const std::string& what, const ApiResponse& answer) {
  const ApiStatus status = read_api_status(answer);
  Error error;
  error.kind = ErrorKind::Api;
  error.message = fmt::format("cannot {}: HTTP {}", what, answer.status);
  if (!status.reason.empty()) error.message += fmt::format(" {}", sanitise(status.reason, 80));
  if (!status.message.empty()) error.message += fmt::format(", {}", sanitise(status.message, 300));
  error.detail = answer.body;
  return error;
}

Error command_failed(const std::string& what, const CommandResult& result) {
  std::vector<std::string> lines = causes(result.err);
  if (lines.empty()) lines = causes(result.out);
  Error error;
  error.kind = ErrorKind::Command;
  error.message = result.exit_code
                      ? fmt::format("{} failed with exit code {}", what, *result.exit_code)
                      : fmt::format("{} ended without an exit code", what);
  if (!lines.empty()) error.message += ": " + sanitise(join(lines, "; "), 400);
  error.detail = result.err.empty() ? result.out : result.err;
  return error;
}

}  // namespace drover::plans
