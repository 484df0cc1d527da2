#include "plans/hpa/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "inventory/base/duration.h"
#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::plans {
namespace {

using nlohmann::ordered_json;
using std::chrono::seconds;
using Source = ScaleMetric::Source;

constexpr seconds kTimeout{60};
constexpr seconds kWatchLasts{300};
constexpr seconds kWatchTimeout = kWatchLasts + seconds{30};
constexpr std::string_view kGroup = "/apis/autoscaling/v2";
constexpr int kLongestWindow = 3600;  // the API server allows no longer one
constexpr int kLongestPeriod = 1800;

struct ScalableKind {
  std::string_view kind;
  std::string_view plural;
  std::string_view abbreviation;
  std::string_view api_version;
};

constexpr std::array<ScalableKind, 4> kKinds = {
    {{"Deployment", "deployments", "deploy", "apps/v1"},
     {"StatefulSet", "statefulsets", "sts", "apps/v1"},
     {"ReplicaSet", "replicasets", "rs", "apps/v1"},
     {"ReplicationController", "replicationcontrollers", "rc", "v1"}}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

Error usage(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

std::string autoscalers_path(const std::string& ns) {
  return ns.empty()
             ? fmt::format("{}/horizontalpodautoscalers", kGroup)
             : fmt::format("{}/namespaces/{}/horizontalpodautoscalers", kGroup, percent_encode(ns));
}

std::string query_text(const AutoscalerQuery& query) {
  std::vector<std::string> fields;
  if (!query.name.empty()) fields.push_back("metadata.name=" + query.name);
  if (!query.fields.empty()) fields.push_back(query.fields);
  std::vector<std::string> terms;
  if (!fields.empty()) terms.push_back("fieldSelector=" + percent_encode(join(fields, ",")));
  if (!query.selector.empty()) terms.push_back("labelSelector=" + percent_encode(query.selector));
  return join(terms, "&");
}

ApiRequest list(std::string path, std::string_view parameter = {}, const std::string& value = {}) {
  if (!value.empty()) path += fmt::format("?{}={}", parameter, percent_encode(value));
  return {.path = std::move(path), .timeout = kTimeout};
}

/// A whole number of at least one, and nothing behind it.
std::optional<int> read_number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

/// An amount as it was written: the API keeps how people write them.
ordered_json amount_json(const Quantity& amount, bool memory) {
  return memory ? fmt::format("{}", amount.value()) : fmt::format("{}m", amount.milli());
}

ordered_json metric_json(const ScaleMetric& metric) {
  ordered_json target;
  if (metric.target.utilization) {
    target = {{"type", "Utilization"}, {"averageUtilization", *metric.target.utilization}};
  } else if (metric.target.average_value) {
    target = {{"type", "AverageValue"},
              {"averageValue", amount_json(*metric.target.average_value, metric.name == "memory")}};
  }
  if (metric.source == Source::Pods)
    return {{"type", "Pods"},
            {"pods", {{"metric", {{"name", metric.name}}}, {"target", std::move(target)}}}};
  return {{"type", "Resource"},
          {"resource", {{"name", metric.name}, {"target", std::move(target)}}}};
}

ordered_json rules_json(const ScaleRules& rules) {
  ordered_json json = ordered_json::object();
  if (rules.window) json["stabilizationWindowSeconds"] = rules.window->count();
  if (rules.select == ScaleRules::Select::Disabled) json["selectPolicy"] = "Disabled";
  for (const ScalePolicy& policy : rules.policies) {
    json["policies"].push_back({{"type", policy.percent ? "Percent" : "Pods"},
                                {"value", policy.value},
                                {"periodSeconds", policy.period.count()}});
  }
  return json;
}

Status check(const NewAutoscaler& wish) {
  if (wish.max < 1)
    return usage("--max is missing: how many pods there may be", "`drover help hpa`");
  if (wish.min < 1)
    return usage("--min 0 is not supported: Kubernetes scales nothing to zero by itself",
                 "--min 1");
  if (wish.min > wish.max)
    return usage(fmt::format("--min {} is above --max {}", wish.min, wish.max),
                 "at most as many as --max");
  if (wish.metrics.empty())
    return usage("there is no metric to go by", "--cpu 80%, --memory 512Mi or --metric NAME=VALUE");
  for (const auto& rules : {wish.up, wish.down}) {
    if (!rules || !rules->window || rules->window->count() <= kLongestWindow) continue;
    return usage(fmt::format("a window of {} is too long", format_duration(*rules->window)),
                 "at most 1h");
  }
  return {};
}

}  // namespace

ApiRequest list_autoscalers(const AutoscalerQuery& query) {
  const std::string terms = query_text(query);
  return list(autoscalers_path(query.ns) + (terms.empty() ? "" : "?" + terms));
}

ApiRequest watch_autoscalers(const AutoscalerQuery& query, std::string_view resource_version) {
  const std::string terms = query_text(query);
  return {.path = fmt::format("{}?watch=1&allowWatchBookmarks=true&resourceVersion={}"
                              "&timeoutSeconds={}{}{}",
                              autoscalers_path(query.ns), percent_encode(resource_version),
                              kWatchLasts.count(), terms.empty() ? "" : "&", terms),
          .timeout = kWatchTimeout};
}

ApiRequest get_autoscaler(const std::string& ns, const std::string& name) {
  return list(fmt::format("{}/{}", autoscalers_path(ns), percent_encode(name)));
}

ApiRequest delete_autoscaler(const Autoscaler& hpa) {
  const ordered_json body = {
      {"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"preconditions", {{"uid", hpa.uid}}}};
  return {.verb = Verb::Delete,
          .path = get_autoscaler(hpa.ns, hpa.name).path,
          .body = body.dump(-1, ' ', true, ordered_json::error_handler_t::replace)};
}

Result<ApiRequest> get_scale(const std::string& ns, const Autoscaler::Target& target) {
  const std::string_view version = target.api_version;
  const std::string_view group = version.substr(0, version.find('/'));
  const auto* known = std::find_if(kKinds.begin(), kKinds.end(), [&](const ScalableKind& each) {
    const std::string_view own = each.api_version.substr(0, each.api_version.find('/'));
    return each.kind == target.kind && own == group;
  });
  if (known == kKinds.end())
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("{} {}: only workloads of Kubernetes itself are supported",
                                        sanitise(target.kind), sanitise(target.name)),
                 .remedy = "Deployment, StatefulSet, ReplicaSet or ReplicationController"};
  const std::string_view root = known->api_version == "v1" ? "/api" : "/apis";
  return list(fmt::format("{}/{}/namespaces/{}/{}/{}/scale", root, known->api_version,
                          percent_encode(ns), known->plural, percent_encode(target.name)));
}

ApiRequest pods_of(const std::string& ns, const std::string& selector) {
  return list(fmt::format("/api/v1/namespaces/{}/pods", percent_encode(ns)), "labelSelector",
              selector);
}

ApiRequest measured_pods_of(const std::string& ns, const std::string& selector) {
  return list(fmt::format("/apis/metrics.k8s.io/v1beta1/namespaces/{}/pods", percent_encode(ns)),
              "labelSelector", selector);
}

ApiRequest budgets_of(const std::string& ns) {
  return list(
      fmt::format("/apis/policy/v1/namespaces/{}/poddisruptionbudgets", percent_encode(ns)));
}

ApiRequest events_of(const Autoscaler& hpa) {
  return list(
      fmt::format("/api/v1/namespaces/{}/events", percent_encode(hpa.ns)), "fieldSelector",
      fmt::format("involvedObject.kind=HorizontalPodAutoscaler,involvedObject.name={}", hpa.name));
}

ApiRequest controller_managers() {
  return list("/api/v1/namespaces/kube-system/pods", "labelSelector",
              "component=kube-controller-manager");
}

Result<Autoscaler::Target> parse_scale_target(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string kind = lower(text.substr(0, slash));
  const std::string name(slash == text.npos ? std::string_view() : text.substr(slash + 1));
  const auto* known = std::find_if(kKinds.begin(), kKinds.end(), [&](const ScalableKind& each) {
    return kind == lower(each.kind) || kind == each.plural || kind == each.abbreviation;
  });
  if (known == kKinds.end() || name.empty() || name.find('/') != name.npos)
    return usage(fmt::format("{}: that is no workload to scale", quote(sanitise(text))),
                 "KIND/NAME, for example deploy/web, sts/db");
  return Autoscaler::Target{std::string(known->api_version), std::string(known->kind), name};
}

Result<ScaleMetric> parse_resource_metric(const std::string& resource, std::string_view text) {
  ScaleMetric metric{.name = resource};
  if (text.ends_with('%')) {
    metric.target.utilization = read_number(text.substr(0, text.size() - 1));
  } else if (const auto amount = Quantity::parse(text); amount && Quantity() < *amount) {
    metric.target.average_value = amount;
  }
  if (metric.target.utilization || metric.target.average_value) return metric;
  return usage(fmt::format("--{} {}: that is no target", resource, quote(sanitise(text))),
               resource == "cpu" ? "hundredths of the requests, or of a pod: 80%, 500m"
                                 : "hundredths of the requests, or of a pod: 80%, 512Mi");
}

Result<ScaleMetric> parse_pods_metric(std::string_view text) {
  const size_t equals = text.rfind('=');
  ScaleMetric metric{.source = Source::Pods, .name = std::string(text.substr(0, equals))};
  if (equals != text.npos && equals > 0) {
    if (const auto amount = Quantity::parse(text.substr(equals + 1));
        amount && Quantity() < *amount)
      metric.target.average_value = amount;
  }
  if (metric.target.average_value) return metric;
  return usage(fmt::format("--metric {}: that is no NAME=VALUE", quote(sanitise(text))),
               "an average of the pods, for example requests_per_second=100");
}

Result<ScalePolicy> parse_scale_policy(std::string_view option, std::string_view text) {
  const auto wrong = [&] {
    return usage(fmt::format("--{} {}: that is no N/PERIOD", option, quote(sanitise(text))),
                 "pods, or hundredths of them, within at most 30m: 4/60s, 50%/5m");
  };
  const size_t slash = text.find('/');
  if (slash == text.npos) return wrong();
  std::string_view amount = text.substr(0, slash);
  ScalePolicy policy;
  policy.percent = amount.ends_with('%');
  if (policy.percent) amount.remove_suffix(1);
  const auto value = read_number(amount);
  const auto period = parse_duration(text.substr(slash + 1));
  if (!value || !period || period->count() < 1 || period->count() > kLongestPeriod) return wrong();
  policy.value = *value;
  policy.period = *period;
  return policy;
}

Result<ApiRequest> create_autoscaler(const NewAutoscaler& wish) {
  DROVER_TRY(check(wish));
  ordered_json spec = {{"scaleTargetRef",
                        {{"apiVersion", wish.target.api_version},
                         {"kind", wish.target.kind},
                         {"name", wish.target.name}}},
                       {"minReplicas", wish.min},
                       {"maxReplicas", wish.max}};
  spec["metrics"] = ordered_json::array();
  for (const ScaleMetric& metric : wish.metrics) spec["metrics"].push_back(metric_json(metric));
  if (wish.up) spec["behavior"]["scaleUp"] = rules_json(*wish.up);
  if (wish.down) spec["behavior"]["scaleDown"] = rules_json(*wish.down);
  const ordered_json body = {{"apiVersion", "autoscaling/v2"},
                             {"kind", "HorizontalPodAutoscaler"},
                             {"metadata", {{"name", wish.name}, {"namespace", wish.ns}}},
                             {"spec", std::move(spec)}};
  try {
    return ApiRequest{.verb = Verb::Post, .path = autoscalers_path(wish.ns), .body = body.dump()};
  } catch (const nlohmann::json::exception&) {
    return usage("a name is not UTF-8", "`drover help hpa`");
  }
}

}  // namespace drover::plans
