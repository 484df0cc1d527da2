#include "inventory/cluster/pod_disruption_budget.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

struct Amount {
  std::int64_t value = 0;
  bool percent = false;

  std::int64_t of_ceil(std::int64_t total) const {
    return percent ? (value * total + 99) / 100 : value;
  }
};

std::optional<Amount> amount(std::string_view text) {
  Amount amount;
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 0) return std::nullopt;
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  if (!rest.empty() && rest != "%") return std::nullopt;
  amount.value = value;
  amount.percent = !rest.empty();
  return amount;
}

bool holds(const LabelRequirement& wanted, const std::map<std::string, std::string>& labels) {
  const auto label = labels.find(wanted.key);
  const bool there = label != labels.end();
  const bool listed = there && std::find(wanted.values.begin(), wanted.values.end(),
                                         label->second) != wanted.values.end();
  if (wanted.op == "In") return listed;
  if (wanted.op == "NotIn") return !listed;
  if (wanted.op == "Exists") return there;
  if (wanted.op == "DoesNotExist") return !there;
  return false;
}

LabelSelector read_selector(const JsonField& object) {
  LabelSelector selector;
  selector.present = object.present();
  selector.match_labels = object["matchLabels"].text_map();
  for (const JsonField& item : object["matchExpressions"].items()) {
    LabelRequirement wanted;
    wanted.key = item["key"].text();
    wanted.op = item["operator"].text();
    wanted.values = item["values"].texts();
    const bool known = wanted.op == "In" || wanted.op == "NotIn" || wanted.op == "Exists" ||
                       wanted.op == "DoesNotExist";
    if (!known) item["operator"].refuse("is none of In, NotIn, Exists, DoesNotExist");
    selector.match_expressions.push_back(std::move(wanted));
  }
  return selector;
}

std::string read_count(const JsonField& field) {
  std::string text = field.text_or_number();
  if (!text.empty() && !amount(text)) field.refuse("is neither a number nor a percentage");
  return text;
}

UnhealthyPods read_unhealthy(const std::string& policy) {
  if (policy.empty() || policy == "IfHealthyBudget") return UnhealthyPods::IfHealthyBudget;
  return policy == "AlwaysAllow" ? UnhealthyPods::AlwaysAllow : UnhealthyPods::LikeReady;
}

// "SyncFailed" and what the controller says of it.
std::string read_sync_failed(const JsonField& conditions) {
  for (const JsonField& condition : conditions.items()) {
    if (condition["type"].text() != "DisruptionAllowed") continue;
    if (condition["reason"].text() != "SyncFailed") continue;
    const std::string message = condition["message"].text();
    return message.empty() ? "SyncFailed" : message;
  }
  return "";
}

PodDisruptionBudget read_budget(const JsonField& object) {
  PodDisruptionBudget budget;
  const JsonField metadata = object["metadata"];
  budget.ns = metadata["namespace"].text();
  budget.name = metadata["name"].text();
  const JsonField spec = object["spec"];
  budget.selector = read_selector(spec["selector"]);
  budget.min_available = read_count(spec["minAvailable"]);
  budget.max_unavailable = read_count(spec["maxUnavailable"]);
  budget.unhealthy = read_unhealthy(spec["unhealthyPodEvictionPolicy"].text());
  const JsonField status = object["status"];
  budget.observed =
      status["observedGeneration"].big_number() >= metadata["generation"].big_number();
  budget.sync_failed = read_sync_failed(status["conditions"]);
  budget.disruptions_allowed = status["disruptionsAllowed"].number();
  budget.current_healthy = status["currentHealthy"].number();
  budget.desired_healthy = status["desiredHealthy"].number();
  budget.expected_pods = status["expectedPods"].number();
  return budget;
}

}  // namespace

bool LabelSelector::matches(const std::map<std::string, std::string>& labels) const {
  if (!present) return false;
  for (const auto& [key, value] : match_labels) {
    const auto label = labels.find(key);
    if (label == labels.end() || label->second != value) return false;
  }
  return std::all_of(match_expressions.begin(), match_expressions.end(),
                     [&](const LabelRequirement& wanted) { return holds(wanted, labels); });
}

std::string PodDisruptionBudget::spec_str() const {
  if (!max_unavailable.empty()) return "maxUnavailable " + max_unavailable;
  if (!min_available.empty()) return "minAvailable " + min_available;
  return "no minAvailable and no maxUnavailable";
}

bool PodDisruptionBudget::never_allows() const {
  if (const auto most = amount(max_unavailable)) return most->value == 0;
  const auto least = amount(min_available);
  if (!least) return false;
  if (least->percent && least->value >= 100) return true;
  // No expected pods: none yet, or not counted yet. That is a matter of the moment.
  return expected_pods > 0 && least->of_ceil(expected_pods) >= expected_pods;
}

Result<std::vector<PodDisruptionBudget>> parse_pdb_list(std::string_view json) {
  return parse_list(json, "PodDisruptionBudget", read_budget);
}

}  // namespace drover
