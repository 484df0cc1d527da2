#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/api_status.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/with_inventory.h"
#include "orchestrator/cluster_session.h"
#include "orchestrator/hpa_survey.h"
#include "orchestrator/http_status.h"
#include "orchestrator/ui/hpa_text.h"
#include "plans/hpa/request.h"

namespace drover::orchestrator {
namespace {

using plans::NewAutoscaler;

Result<int> number_of(const Invocation& invocation, const std::string& option, int absent) {
  if (!invocation.has(option)) return absent;
  const std::string text = invocation.value(option);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0) return number;
  return Error{
      .kind = ErrorKind::Usage,
      .message = fmt::format("--{} {}: that is no number of pods", option, quote(sanitise(text)))};
}

/// Of one direction; nothing when no option speaks of it.
Result<std::optional<ScaleRules>> rules_of(const Invocation& invocation, const std::string& way) {
  ScaleRules rules;
  const std::string window = way + "-window";
  if (invocation.has(window)) {
    const auto read = parse_duration(invocation.value(window));
    if (!read)
      return Error{.kind = ErrorKind::Usage,
                   .message = fmt::format("--{}: {}", window, read.error().message),
                   .remedy = read.error().remedy};
    rules.window = *read;
  }
  for (const std::string& text : invocation.values(way)) {
    if (text == "off") {
      rules.select = ScaleRules::Select::Disabled;
      continue;
    }
    DROVER_TRY_ASSIGN(const ScalePolicy policy, plans::parse_scale_policy(way, text));
    rules.policies.push_back(policy);
  }
  if (!invocation.has(way) && !invocation.has(window)) return std::optional<ScaleRules>();
  return std::optional(std::move(rules));
}

Result<NewAutoscaler> wish_of(const Invocation& invocation) {
  NewAutoscaler wish;
  DROVER_TRY_ASSIGN(wish.target, plans::parse_scale_target(invocation.arguments.front()));
  wish.name = invocation.has("name") ? invocation.value("name") : wish.target.name;
  if (invocation.has("namespace")) wish.ns = invocation.value("namespace");
  DROVER_TRY_ASSIGN(wish.min, number_of(invocation, "min", 1));
  DROVER_TRY_ASSIGN(wish.max, number_of(invocation, "max", 0));
  for (const std::string resource : {"cpu", "memory"}) {
    if (!invocation.has(resource)) continue;
    DROVER_TRY_ASSIGN(ScaleMetric metric,
                      plans::parse_resource_metric(resource, invocation.value(resource)));
    wish.metrics.push_back(std::move(metric));
  }
  for (const std::string& text : invocation.values("metric")) {
    DROVER_TRY_ASSIGN(ScaleMetric metric, plans::parse_pods_metric(text));
    wish.metrics.push_back(std::move(metric));
  }
  DROVER_TRY_ASSIGN(wish.up, rules_of(invocation, "scale-up"));
  DROVER_TRY_ASSIGN(wish.down, rules_of(invocation, "scale-down"));
  return wish;
}

Error refused(std::string message, std::string remedy = {}) {
  return {.kind = ErrorKind::Refused, .message = std::move(message), .remedy = std::move(remedy)};
}

class Create {
 public:
  Create(const Inventory& inventory, const Console& console, NewAutoscaler wish, ApiRequest request)
      : inventory_(inventory),
        console_(console),
        wish_(std::move(wish)),
        request_(std::move(request)),
        session_(inventory) {}

  Result<int> run() {
    DROVER_TRY(session_.open());
    DROVER_TRY(target_is_there());
    DROVER_TRY(nothing_scales_it());
    DROVER_TRY_ASSIGN(const Autoscaler made, send());
    console_.print(console_.json ? autoscaler_json(inventory_.cluster, made, "created")
                                 : fmt::format("{}/{} now scales {} {} between {} and {}.\n",
                                               sanitise(made.ns), sanitise(made.name),
                                               sanitise(made.target.kind),
                                               sanitise(made.target.name), made.min, made.max));
    return kExitDone;
  }

 private:
  Status target_is_there() {
    DROVER_TRY_ASSIGN(const ApiRequest request, plans::get_scale(wish_.ns, wish_.target));
    DROVER_TRY_ASSIGN(const ApiResponse answer, session_.api().get(request, session_.stop()));
    if (answer.status == kNotFound)
      return refused(fmt::format("there is no {} {} in namespace {}", wish_.target.kind,
                                 sanitise(wish_.target.name), sanitise(wish_.ns)),
                     "-n names its namespace");
    if (!answer.ok()) return refusal(request, answer);
    return {};
  }

  /// Two that pull at one workload make its size swing.
  Status nothing_scales_it() {
    const ApiRequest request = plans::list_autoscalers({.ns = wish_.ns});
    DROVER_TRY_ASSIGN(const ApiResponse answer, session_.api().get(request, session_.stop()));
    if (!answer.ok()) return refusal(request, answer);
    DROVER_TRY_ASSIGN(const AutoscalerList list, parse_autoscaler_list(answer.body));
    for (const Autoscaler& hpa : list.items) {
      if (hpa.name == wish_.name)
        return refused(fmt::format("there is an autoscaler {} already", sanitise(hpa.full_name())),
                       "delete it first, or give the new one another --name");
      if (hpa.target.kind == wish_.target.kind && hpa.target.name == wish_.target.name)
        return refused(fmt::format("{} {} is scaled by {} already", wish_.target.kind,
                                   sanitise(wish_.target.name), sanitise(hpa.full_name())),
                       "delete that one first");
    }
    return {};
  }

  Result<Autoscaler> send() {
    const Result<ApiResponse> answer = session_.api().send(request_, session_.stop());
    // There was none a moment ago: what is there now is what was sent (S4).
    if (!answer && answer.error().kind == ErrorKind::Unknown)
      return read_one_autoscaler(session_.api(), wish_.ns, wish_.name, session_.stop());
    if (!answer) return answer.error();
    if (answer->ok()) return parse_autoscaler(answer->body);
    constexpr int kInvalid = 422;
    if (answer->status == kInvalid || answer->status == kConflict)
      return refused("the API server refuses the autoscaler: " +
                     sanitise(read_api_status(*answer).message, 1000));
    return refusal(request_, *answer);
  }

  const Inventory& inventory_;
  const Console& console_;
  const NewAutoscaler wish_;
  const ApiRequest request_;
  ClusterSession session_;
};

}  // namespace

int hpa_create_command(const Invocation& invocation, const Console& console) {
  const Result<NewAutoscaler> wish = wish_of(invocation);
  const Result<ApiRequest> request =
      wish ? plans::create_autoscaler(*wish) : Result<ApiRequest>(wish.error());
  if (!request) {
    console.complain(request.error());
    return exit_code(request.error().kind);
  }
  if (invocation.dry_run) {
    console.print(request->body + '\n');
    return kExitDone;
  }
  return with_inventory(invocation, console, [&](const Inventory& inventory) {
    return Create(inventory, console, *wish, *request).run();
  });
}

}  // namespace drover::orchestrator
