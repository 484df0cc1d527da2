#include "plans/usage/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kTimeout{60};
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kUnavailable = 503;
constexpr std::string_view kMetrics = "/apis/metrics.k8s.io/v1beta1";

ApiRequest list(std::string path, const std::string& labels, const std::string& fields = "") {
  std::vector<std::string> pairs;
  if (!labels.empty()) pairs.push_back("labelSelector=" + percent_encode(labels));
  if (!fields.empty()) pairs.push_back("fieldSelector=" + percent_encode(fields));
  if (!pairs.empty()) path += '?' + join(pairs, "&");
  return {.path = std::move(path), .timeout = kTimeout};
}

std::string in_namespace(std::string_view base, const std::string& ns) {
  return ns.empty() ? fmt::format("{}/pods", base)
                    : fmt::format("{}/namespaces/{}/pods", base, percent_encode(ns));
}

Quantity amount(const std::optional<Resources>& used, UsageOrder order) {
  return order == UsageOrder::Cpu ? used->cpu : used->memory;
}

/// Most used first, or by `name_of`; what was not measured last.
template <class Row, class NameOf>
void sort_rows(std::vector<Row>& rows, UsageOrder order, NameOf name_of) {
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    if (a.used.has_value() != b.used.has_value()) return a.used.has_value();
    if (order != UsageOrder::Name && a.used) {
      const Quantity left = amount(a.used, order);
      const Quantity right = amount(b.used, order);
      if (!(left == right)) return right < left;
    }
    return name_of(a) < name_of(b);
  });
}

}  // namespace

Result<UsageOrder> parse_usage_order(std::string_view text) {
  if (text.empty()) return UsageOrder::Name;
  if (text == "cpu") return UsageOrder::Cpu;
  if (text == "memory") return UsageOrder::Memory;
  return Error{
      .kind = ErrorKind::Usage,
      .message = fmt::format("--sort-by {}: there is no such order", quote(sanitise(text))),
      .remedy = "cpu or memory"};
}

ApiRequest node_usage_request(const UsageQuery& query) {
  return list(fmt::format("{}/nodes", kMetrics), query.selector);
}

ApiRequest pod_usage_request(const UsageQuery& query) {
  return list(in_namespace(kMetrics, query.ns), query.selector);
}

ApiRequest nodes_request(const UsageQuery& query) {
  return list("/api/v1/nodes", query.selector, query.fields);
}

ApiRequest pods_request(const UsageQuery& query) {
  return list(in_namespace("/api/v1", query.ns), query.selector, query.fields);
}

ApiRequest all_pods_request() { return list("/api/v1/pods", ""); }

std::vector<NodeUsageRow> node_usage_rows(const std::vector<NodeRoom>& nodes,
                                          const std::vector<PodClaim>& pods,
                                          const std::vector<NodeUsage>& usage, UsageOrder order) {
  std::map<std::string, Resources> promised;
  for (const PodClaim& pod : pods) {
    if (pod.holds() && !pod.node.empty()) promised[pod.node] += pod.requests;
  }
  std::map<std::string, Resources> measured;
  for (const NodeUsage& node : usage) measured[node.name] = node.used;
  std::vector<NodeUsageRow> rows;
  for (const NodeRoom& node : nodes) {
    NodeUsageRow row{node.name, node.allocatable, promised[node.name], std::nullopt};
    if (const auto found = measured.find(node.name); found != measured.end())
      row.used = found->second;
    rows.push_back(std::move(row));
  }
  sort_rows(rows, order, [](const NodeUsageRow& row) { return row.name; });
  return rows;
}

std::vector<PodUsageRow> pod_usage_rows(const std::vector<PodClaim>& pods,
                                        const std::vector<PodUsage>& usage, UsageOrder order) {
  std::map<std::pair<std::string, std::string>, Resources> measured;
  for (const PodUsage& pod : usage) measured[{pod.ns, pod.name}] = pod.used;
  std::vector<PodUsageRow> rows;
  for (const PodClaim& pod : pods) {
    if (!pod.holds()) continue;
    PodUsageRow row{pod.ns, pod.name, pod.node, pod.requests, pod.limits, std::nullopt};
    if (const auto found = measured.find({pod.ns, pod.name}); found != measured.end())
      row.used = found->second;
    rows.push_back(std::move(row));
  }
  sort_rows(rows, order, [](const PodUsageRow& row) { return std::tie(row.ns, row.name); });
  return rows;
}

Error usage_refusal(const ApiRequest& request, const ApiResponse& answer) {
  Error error = refusal(request, answer);
  if (answer.status == kNotFound) {
    error.message = "metrics-server is not installed: the API has no group metrics.k8s.io (404)";
    error.remedy =
        "install it: drover addon metrics-server install; where kubelets have self-signed "
        "certificates, as kubeadm makes them, with --kubelet-insecure-tls";
  }
  if (answer.status == kUnavailable) {
    error.message = "metrics-server is installed and does not answer: " + error.message;
    error.remedy =
        "after its start it needs up to a minute to measure twice; otherwise look at its pod: "
        "drover events --for deploy/metrics-server -n kube-system";
  }
  return error;
}

std::string usage_refusal_text(const ApiRequest& request, const ApiResponse& answer) {
  const Error error = usage_refusal(request, answer);
  if (answer.status != kForbidden || error.remedy.empty()) return error.message;
  return fmt::format("{}: {}", error.message, error.remedy);
}

}  // namespace drover::plans
