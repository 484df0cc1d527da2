#include "orchestrator/hpa_survey.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/pod_command.h"
#include "orchestrator/http_status.h"
#include "plans/hpa/request.h"
#include "plans/usage/usage.h"

namespace drover::orchestrator {
namespace {

using plans::ScaleSituation;

class Survey {
 public:
  Survey(remote::ApiReader& api, std::stop_token stop) : api_(api), stop_(std::move(stop)) {}

  Result<std::string> get(const ApiRequest& request) {
    DROVER_TRY_ASSIGN(ApiResponse answer, api_.get(request, stop_));
    if (!answer.ok()) return refusal(request, answer);
    return std::move(answer.body);
  }

  Result<Scale> scale(const Autoscaler& hpa) {
    DROVER_TRY_ASSIGN(const ApiRequest request, plans::get_scale(hpa.ns, hpa.target));
    DROVER_TRY_ASSIGN(const std::string body, get(request));
    return parse_scale(body);
  }

  /// Without figures there is still something to explain.
  Status measure(ScaleSituation& situation) {
    const ApiRequest request = plans::measured_pods_of(situation.hpa.ns, situation.scale.selector);
    DROVER_TRY_ASSIGN(const ApiResponse answer, api_.get(request, stop_));
    if (!answer.ok()) {
      situation.not_measured = plans::usage_refusal_text(request, answer);
      return {};
    }
    DROVER_TRY_ASSIGN(situation.measured, parse_measured_pods(answer.body));
    if (situation.measured.empty()) situation.not_measured = "no pod has been measured";
    return {};
  }

  /// Best effort: the defaults of Kubernetes where the controller runs elsewhere.
  plans::ScaleSettings settings() {
    const auto body = get(plans::controller_managers());
    if (!body) return {};
    const auto commands = parse_pod_commands(*body);
    return commands && !commands->empty() ? plans::read_scale_settings(commands->front())
                                          : plans::ScaleSettings();
  }

 private:
  remote::ApiReader& api_;
  const std::stop_token stop_;
};

}  // namespace

Result<Autoscaler> read_one_autoscaler(remote::ApiReader& api, const std::string& ns,
                                       const std::string& name, std::stop_token stop) {
  const ApiRequest request = plans::get_autoscaler(ns, name);
  DROVER_TRY_ASSIGN(const ApiResponse answer, api.get(request, stop));
  if (answer.status == kNotFound)
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("there is no autoscaler {} in namespace {}", sanitise(name),
                                        sanitise(ns)),
                 .remedy = "`drover hpa list` shows all; -n names the namespace"};
  if (!answer.ok()) return refusal(request, answer);
  return parse_autoscaler(answer.body);
}

Result<ScaleExplanation> explain_autoscaler(remote::ApiReader& api, remote::Clock& clock,
                                            const std::string& ns, const std::string& name,
                                            std::stop_token stop) {
  Survey survey(api, stop);
  ScaleExplanation explanation;
  ScaleSituation& situation = explanation.situation;
  DROVER_TRY_ASSIGN(situation.hpa, read_one_autoscaler(api, ns, name, stop));
  DROVER_TRY_ASSIGN(situation.scale, survey.scale(situation.hpa));
  if (situation.scale.selector.empty())
    return Error{.kind = ErrorKind::Api,
                 .message = fmt::format("the scale of {} {} does not say which pods it counts",
                                        sanitise(situation.hpa.target.kind),
                                        sanitise(situation.hpa.target.name))};
  DROVER_TRY(survey.measure(situation));
  DROVER_TRY_ASSIGN(const std::string pods,
                    survey.get(plans::pods_of(ns, situation.scale.selector)));
  DROVER_TRY_ASSIGN(situation.pods, parse_scaled_pods(pods));
  DROVER_TRY_ASSIGN(const auto whole_pods, parse_pod_list(pods));
  DROVER_TRY_ASSIGN(const std::string events, survey.get(plans::events_of(situation.hpa)));
  DROVER_TRY_ASSIGN(const EventList list, parse_event_list(events));
  situation.history = plans::scale_history(situation.hpa, list.events);
  DROVER_TRY_ASSIGN(const std::string budget_list, survey.get(plans::budgets_of(ns)));
  DROVER_TRY_ASSIGN(const auto budgets, parse_pdb_list(budget_list));
  situation.settings = survey.settings();
  situation.now = std::chrono::time_point_cast<plans::Timestamp::duration>(clock.wall());
  explanation.decision = plans::decide_scale(situation);
  explanation.fits = plans::drain_fits(situation, explanation.decision, whole_pods, budgets);
  return explanation;
}

}  // namespace drover::orchestrator
