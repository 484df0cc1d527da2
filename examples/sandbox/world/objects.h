#pragma once

#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// Cluster objects as the API server prints them: the fields that a tool for operators reads, in
/// the form in which a real cluster showed them (examples/sandbox/recorded/api). A single object
/// says its kind and apiVersion, an item of a list does not: `whole` adds both.

nlohmann::json node_json(const ClusterNode& node);
nlohmann::json pod_json(const Pod& pod);
nlohmann::json budget_json(const World& world, const Budget& budget);
nlohmann::json workload_json(const World& world, const Workload& workload);
/// Those that Deployments and bare ReplicaSets have.
nlohmann::json replica_set_json(const World& world, const Workload& workload);
nlohmann::json attachment_json(const Attachment& attachment);
nlohmann::json volume_json(const World& world, const std::string& name, const std::string& ns);
/// Of an aggregated API, whose Service has endpoints or not.
nlohmann::json api_service_json(const World& world, const std::string& name, bool available);
/// Those that the API server itself serves.
std::vector<nlohmann::json> local_api_services(const World& world);

/// Of the webhook that relies on a Service, and that Service's endpoints.
nlohmann::json webhook_json(const World& world, const std::string& kind, const std::string& ns,
                            const std::string& service);
nlohmann::json endpoint_slice_json(const World& world, const std::string& ns,
                                   const std::string& service);

/// A Lease of a component, a leader's or a node's.
nlohmann::json lease_json(const std::string& name, const std::string& ns, const std::string& holder,
                          int seconds, Moment acquired, Moment renewed, long revision);
nlohmann::json config_map_json(const std::string& name, const nlohmann::json& data, Moment created,
                               long revision);
nlohmann::json namespace_json(const World& world, const std::string& name);

nlohmann::json whole(nlohmann::json object, const std::string& kind,
                     const std::string& api_version);

}  // namespace drover::sandbox
