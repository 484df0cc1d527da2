#include "plans/gates/alerts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "inventory/cluster/json.h"
#include "plans/gates/condition.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kUrl = "prometheus.url";
constexpr const char* kBlockOn = "prometheus.block_on";
constexpr const char* kToken = "prometheus.token";

// As a query, not /api/v1/alerts: what stands before several Prometheuses answers it too.
WebRequest question(const Step& step) {
  return {.url = fmt::format("{}/api/v1/query?query={}", step.param(kUrl),
                             percent_encode(R"(ALERTS{alertstate="firing"})")),
          .token = step.param(kToken)};
}

Error no_answer(const Step& step, std::string_view why) {
  return {.kind = ErrorKind::Api,
          .message = fmt::format("Prometheus at {}: {}", step.param(kUrl), why),
          .remedy =
              "correct health.prometheus in the plan file, or leave it out, then `drover resume`"};
}

// The server may itself have had its pod moved: that passes, and is no silence of the alerts.
std::optional<std::string> away(const Result<ApiResponse>& answer) {
  if (answer) {
    const bool passes = answer->status >= 500 || answer->status == 429;
    return passes ? std::optional(fmt::format("HTTP {}", answer->status)) : std::nullopt;
  }
  const ErrorKind kind = answer.error().kind;
  const bool passes =
      kind == ErrorKind::Unreachable || kind == ErrorKind::Timeout || kind == ErrorKind::Cancelled;
  return passes ? std::optional(sanitise(answer.error().message, 160)) : std::nullopt;
}

// The names of the alerts that fire.
Result<std::set<std::string>> firing(const Step& step, const std::string& body) {
  const auto parsed = parse_json(body, "");
  std::string problem;
  std::set<std::string> names;
  if (!parsed) return no_answer(step, "its answer is no JSON");
  const JsonField answer(&*parsed, "", &problem);
  if (answer["status"].text() != "success") {
    return no_answer(step, "it could not answer: " + sanitise(answer["error"].text(), 160));
  }
  for (const JsonField& alert : answer["data"]["result"].items()) {
    names.insert(alert["metric"]["alertname"].text());
  }
  if (!problem.empty())
    return no_answer(step, "its answer is not one to that: " + sanitise(problem, 160));
  return names;
}

}  // namespace

void put_alerts(Step& step, const std::optional<PrometheusPolicy>& prometheus) {
  for (const char* param : {kUrl, kBlockOn, kToken}) step.params.erase(param);
  if (!prometheus) return;
  step.params[kUrl] = prometheus->url;
  step.params[kBlockOn] = join(prometheus->block_on, " ");
  if (prometheus->token.named()) step.params[kToken] = text_of(prometheus->token);
}

std::vector<std::string> tokens_of(const std::vector<Step>& steps) {
  std::set<std::string> tokens;
  for (const Step& step : steps) {
    if (!step.param(kToken).empty()) tokens.insert(step.param(kToken));
  }
  return {tokens.begin(), tokens.end()};
}

Queries look_at_alerts(const Step& step, const Attempt&) {
  Queries queries;
  queries.pages = {question(step)};
  return queries;
}

Result<Findings> judge_alerts(const GateInput& input) {
  const Result<ApiResponse>& answer = input.seen.of(question(input.step));
  Findings findings;
  if (const auto why = away(answer)) {
    findings.unwell.push_back({"prometheus", fmt::format("Prometheus at {} to answer ({})",
                                                         input.step.param(kUrl), *why)});
    return findings;
  }
  if (!answer) return no_answer(input.step, sanitise(answer.error().message, 200));
  if (!answer->ok()) return no_answer(input.step, fmt::format("HTTP {}", answer->status));
  DROVER_TRY_ASSIGN(const std::set<std::string> names, firing(input.step, answer->body));
  for (const std::string& name : split_words(input.step.param(kBlockOn))) {
    if (names.contains(name)) findings.unwell.push_back({name, "alert " + name});
  }
  findings.to = "to stop firing";
  return findings;
}

}  // namespace drover::plans
