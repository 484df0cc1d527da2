#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/etcd/given.h"
#include "plans/etcd/static_pods.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

const std::vector<std::string> kApiServerOnly = {"kube-apiserver"};

constexpr const char* kRuns = "runs";  // note: worth asking for /readyz
constexpr std::chrono::seconds kReadyPatience{5};

}  // namespace

Step make_api_server_start(const Scope& scope, const Restore& restore,
                           const RestoreMember& member) {
  Step step = scope.step(StepKind::ApiServerStart, member.host,
                         fmt::format("start the API server on {}", member.host->name),
                         "etcd has its quorum, and all members have the same data");
  step.commands = {put_back(restore, member, kApiServerOnly)};
  describe_static_pods(step, restore, kApiServerOnly);
  describe_given(step, restore, member, kApiServerOnly);
  step.timeout = std::chrono::minutes(5);
  step.estimate = std::chrono::seconds(15);
  return step;
}

Queries look_api_server_start(const Step& step, const Attempt& attempt) {
  Queries queries{{look_at_static_pods(step)}, {}};
  if (!attempt.note(kRuns).empty()) queries.requests = {get("/readyz", kReadyPatience)};
  return queries;
}

Decision decide_api_server_start(const Step& step, const Attempt& attempt, const Answers& answers) {
  Decision decision =
      decide_put_back(step, attempt, answers,
                      fmt::format("the API server runs on {}, and the API is ready", step.host));
  if (!std::holds_alternative<Done>(decision.next)) return decision;
  const bool asked = !answers.responses.empty();
  if (asked && answers.responses[0] && answers.responses[0]->ok()) return decision;
  std::string why;
  if (asked) {
    const Result<ApiResponse>& answer = answers.responses[0];
    why = answer ? fmt::format(" (HTTP {})", answer->status)
                 : fmt::format(" ({})", sanitise(answer.error().message, 120));
  }
  decision =
      wait_for("/readyz of the API to say ok" + why, std::chrono::milliseconds(asked ? 1000 : 0));
  std::get<Wait>(decision.next).remedy = fmt::format(
      "see the log of kube-apiserver on {} (crictl ps -a, crictl logs), then `drover "
      "resume`",
      step.host);
  decision.remember[kRuns] = "yes";
  return decision;
}

}  // namespace drover::plans
