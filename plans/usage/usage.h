#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/cluster/usage.h"

/// `top`: what is asked of the API, and which rows its answers make.
namespace drover::plans {

enum class UsageOrder { Name, Cpu, Memory };
/// "cpu", "memory", "" for the name; Usage otherwise.
Result<UsageOrder> parse_usage_order(std::string_view text);

struct UsageQuery {
  std::string selector;  ///< as kubectl takes it; "": all
  std::string ns;        ///< pods: "": all namespaces
  std::string fields;    ///< a field selector of nodes or pods, which metrics do not know; "": all
  UsageOrder order = UsageOrder::Name;
};

ApiRequest node_usage_request(const UsageQuery& query);
ApiRequest pod_usage_request(const UsageQuery& query);
ApiRequest nodes_request(const UsageQuery& query);
ApiRequest pods_request(const UsageQuery& query);  ///< for `top pods`: what these requested
ApiRequest all_pods_request();                     ///< for `top nodes`: what nodes have promised

struct NodeUsageRow {
  std::string name;
  Resources allocatable;
  Resources requests;             ///< of the pods on it that have not finished
  std::optional<Resources> used;  ///< nothing: not measured
};
/// Ordered; nodes that were not measured come last.
std::vector<NodeUsageRow> node_usage_rows(const std::vector<NodeRoom>& nodes,
                                          const std::vector<PodClaim>& pods,
                                          const std::vector<NodeUsage>& usage, UsageOrder order);

struct PodUsageRow {
  std::string ns;
  std::string name;
  std::string node;
  Resources requests;
  Resources limits;
  std::optional<Resources> used;
};
/// Ordered; pods that were not measured come last, and finished ones not at all.
std::vector<PodUsageRow> pod_usage_rows(const std::vector<PodClaim>& pods,
                                        const std::vector<PodUsage>& usage, UsageOrder order);

/// Why metrics.k8s.io did not answer with a list: it is not installed (404), it does not answer yet
/// or any more (503), or the answer's own words.
Error usage_refusal(const ApiRequest& request, const ApiResponse& answer);
/// The same in one line, with the rule that is missing when that is why.
std::string usage_refusal_text(const ApiRequest& request, const ApiResponse& answer);

}  // namespace drover::plans
