#include "plans/steps/kubeadm_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/steps/trouble.h"

namespace drover::plans {
namespace {

// A check that failed: "\t[ERROR CreateJob]: Job ... did not complete in 15s: ...".
struct FailedCheck {
  std::string name;
  std::string text;
};

// What a client says of an API server, or of its etcd, that restarts (observed.md, trap 1). The two
// refusals come from authorizers that have not read their objects again yet.
constexpr std::array<std::string_view, 16> kPassing = {
    "connection refused",
    "connection reset by peer",
    "no relationship found between node",
    "is forbidden: User \"kubernetes-admin\"",
    "TLS handshake timeout",
    "i/o timeout",
    "context deadline exceeded",
    "Client.Timeout exceeded",
    "http2: client connection lost",
    "unexpected EOF",
    ": EOF",
    "the server is currently unable to handle the request",
    "the server was unable to return a response in the time allotted",
    "apiserver not ready",
    "etcdserver: leader changed",
    "etcdserver: request timed out",
};

bool names_passing(std::string_view text) {
  return std::any_of(kPassing.begin(), kPassing.end(), [&](std::string_view words) {
    return text.find(words) != std::string_view::npos;
  });
}

std::optional<FailedCheck> failed_check(std::string_view line) {
  constexpr std::string_view kFront = "[ERROR ";
  line = trim(line);
  if (line.substr(0, kFront.size()) != kFront) return std::nullopt;
  const size_t close = line.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view text = line.substr(close + 1);
  if (!text.empty() && text.front() == ':') text.remove_prefix(1);
  return FailedCheck{std::string(line.substr(kFront.size(), close - kFront.size())),
                     std::string(trim(text))};
}

std::vector<FailedCheck> failed_checks(const std::vector<std::string>& lines) {
  std::vector<FailedCheck> checks;
  for (const std::string& line : lines) {
    if (auto check = failed_check(line)) checks.push_back(std::move(*check));
  }
  return checks;
}

// The last "error: ..." or "[...] FATAL: ..." line and what follows it, apart from the hint about
// --v=5. Warnings before it may speak of timeouts that harmed nothing.
std::string last_error(const std::vector<std::string>& lines) {
  const auto last = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) {
    return line.rfind("error", 0) == 0 || line.find("] FATAL:") != std::string::npos;
  });
  if (last == lines.rend()) return "";
  std::vector<std::string> told;
  for (auto line = last.base() - 1; line != lines.end(); ++line) {
    const bool hint = line->rfind("To see the stack trace", 0) == 0;
    if (!hint && !trim(*line).empty()) told.emplace_back(trim(*line));
  }
  return join(told, "; ");
}

KubeadmFailure of_checks(const std::string& what, const std::vector<FailedCheck>& checks) {
  KubeadmFailure failure;
  std::vector<std::string> told;
  std::vector<std::string> names;
  failure.passing = true;
  for (const FailedCheck& check : checks) {
    told.push_back(fmt::format("[{}] {}", check.name, check.text));
    names.push_back(check.name);
    if (check.name != "CreateJob" && !names_passing(check.text)) failure.passing = false;
  }
  failure.error.message =
      fmt::format("{} failed its checks: {}", what, sanitise(join(told, "; "), 600));
  failure.error.remedy =
      fmt::format("mend what is named, or let kubeadm pass over it: preflight.ignore: [{}]",
                  sanitise(join(names, ", "), 200));
  return failure;
}

KubeadmFailure of_phase(const std::string& what, const std::string& told) {
  KubeadmFailure failure;
  failure.error.message = fmt::format("{} failed: {}", what, sanitise(told, 600));
  // kubeadm waited its five minutes and put the old manifests back: that is not a passing trouble.
  const bool rolled_back = told.find("tried to recover") != std::string::npos;
  failure.passing = !rolled_back && names_passing(told);
  if (rolled_back) {
    failure.error.remedy =
        "kubeadm put the old control plane back; look at the component it names (crictl ps -a, "
        "journalctl -u kubelet), then `drover resume` runs it again";
  }
  return failure;
}

}  // namespace

KubeadmFailure read_kubeadm_failure(const std::string& what, const CommandResult& result) {
  std::vector<std::string> lines = split_lines(result.err);
  for (std::string& line : split_lines(result.out)) lines.push_back(std::move(line));
  const std::vector<FailedCheck> checks = failed_checks(lines);
  std::string told = last_error(split_lines(result.err));
  if (told.empty()) told = last_error(split_lines(result.out));

  KubeadmFailure failure;
  if (!checks.empty()) {
    failure = of_checks(what, checks);
  } else if (!told.empty()) {
    failure = of_phase(what, told);
  } else {
    failure.error = command_failed(what, result);
  }
  failure.error.kind = ErrorKind::Command;
  failure.error.detail = result.err + result.out;
  return failure;
}

std::string ignore_preflight_option(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  return " --ignore-preflight-errors=" + quote(join(names, ","));
}

std::optional<std::string> printed_value(std::string_view out, std::string_view name) {
  for (const std::string& line : split_lines(out)) {
    const bool named = line.size() > name.size() && line.compare(0, name.size(), name) == 0 &&
                       line[name.size()] == '=';
    if (named) return std::string(trim(std::string_view(line).substr(name.size() + 1)));
  }
  return std::nullopt;
}

}  // namespace drover::plans
