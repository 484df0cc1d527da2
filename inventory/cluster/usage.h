#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"
#include "inventory/cluster/quantity.h"

/// What pods ask for, what nodes have to give, and what metrics-server measured of both.
namespace drover {

struct Resources {
  Quantity cpu;
  Quantity memory;

  Resources& operator+=(const Resources& other);
};

/// Of `cpu` and `memory`; what is not there is zero.
Resources read_resources(const JsonField& field);

struct NodeRoom {
  std::string name;
  std::map<std::string, std::string> labels;
  Resources allocatable;
};
Result<std::vector<NodeRoom>> parse_node_rooms(std::string_view node_list);

/// What the scheduler counts for a pod: its containers and those beside them that keep running, or
/// the largest of the containers that run before them, and the overhead of its runtime class.
struct PodClaim {
  std::string ns;
  std::string name;
  std::string node;   ///< "": not on any
  std::string phase;  ///< a finished one holds nothing any more
  std::map<std::string, std::string> labels;
  Resources requests;
  Resources limits;  ///< zero where at least one container has none
  bool holds() const { return phase != "Succeeded" && phase != "Failed"; }
};
Result<std::vector<PodClaim>> parse_pod_claims(std::string_view pod_list);

/// Of metrics.k8s.io/v1beta1.
struct NodeUsage {
  std::string name;
  std::string time;  ///< RFC 3339
  Resources used;
};
Result<std::vector<NodeUsage>> parse_node_usage(std::string_view node_metrics_list);

struct PodUsage {
  std::string ns;
  std::string name;
  std::string time;
  Resources used;  ///< of all its containers
};
Result<std::vector<PodUsage>> parse_pod_usage(std::string_view pod_metrics_list);

}  // namespace drover
