#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/api/query.h"
#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// A request that a route has been found for.
struct Call {
  World& world;
  Moment now;
  std::string control_plane;                 ///< whose API server was asked
  std::map<std::string, std::string> names;  ///< what stands for {name} in the route's path
  Query query;
  nlohmann::json body;  ///< null without one
};

/// One of the request shapes that Drover sends. `handle` throws std::invalid_argument or
/// nlohmann::json::exception when the request is none after all.
struct Route {
  const char* verb;
  const char* path;
  std::vector<std::string> keys;  ///< those that its query may have
  Answer (*handle)(Call&);
};

/// All there are. What a real cluster answered to each lies in examples/sandbox/recorded/api.
const std::vector<Route>& routes();

/// Those of them that autoscalers and add-ons need.
std::vector<Route> addon_routes();

/// The one of a request, or nullptr. std::invalid_argument: its path or query is not encoded
/// rightly.
const Route* find_route(const std::string& verb, const std::string& target);

/// What the API answers to a request; 501: it is none of the routes'. `mistake`: why, when it is a
/// request that Drover should not send.
Answer answer(World& world, Moment now, const std::string& control_plane, const std::string& verb,
              const std::string& target, const std::string& content_type, const std::string& body,
              std::string& mistake);

// The routes' functions: reads.cc, incident_reads.cc, metrics_reads.cc, writes.cc.
Answer get_readyz(Call& call);
Answer get_version(Call& call);
Answer get_metrics(Call& call);
Answer get_namespace(Call& call);
Answer get_config_map(Call& call);
Answer list_nodes(Call& call);
Answer get_node(Call& call);
Answer list_pods(Call& call);
Answer get_pod(Call& call);
Answer get_pod_log(Call& call);
Answer list_events(Call& call);
Answer list_node_metrics(Call& call);
Answer list_pod_metrics(Call& call);
Answer list_budgets(Call& call);
Answer list_deployments(Call& call);
Answer get_deployment(Call& call);
Answer list_replica_sets(Call& call);
Answer list_stateful_sets(Call& call);
Answer list_daemon_sets(Call& call);
Answer get_daemon_set(Call& call);
Answer get_stateful_set(Call& call);
Answer list_replication_controllers(Call& call);
Answer list_attachments(Call& call);
Answer get_volume(Call& call);
Answer list_api_services(Call& call);
Answer list_validating_webhooks(Call& call);
Answer list_mutating_webhooks(Call& call);
Answer list_endpoint_slices(Call& call);
Answer get_lease(Call& call);
Answer get_node_lease(Call& call);

Answer get_resources(Call& call);
Answer list_autoscalers(Call& call);
Answer get_autoscaler(Call& call);
Answer get_scale(Call& call);

Answer patch_node(Call& call);
Answer create_autoscaler(Call& call);
Answer delete_autoscaler(Call& call);
Answer evict_pod(Call& call);
Answer delete_pod(Call& call);
Answer create_lease(Call& call);
Answer replace_lease(Call& call);

// Objects given by server-side apply. `resource`: as in Place.
Answer get_object(Call& call, const std::string& resource);
Answer apply_object(Call& call, const std::string& resource);
Answer delete_object(Call& call, const std::string& resource);

}  // namespace drover::sandbox
