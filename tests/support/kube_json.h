#pragma once

#include <string>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/cluster/api_service.h"
#include "inventory/cluster/volume.h"
#include "inventory/cluster/webhook.h"
#include "inventory/facts.h"

/// Cluster objects as the JSON that the API prints of them, the fields that Drover reads, and the
/// answers that carry them.
namespace drover::test {

std::string json_of(const Pod& pod);
std::string json_of(const Node& node);
std::string json_of(const Lease& lease);
std::string json_of(const Workload& workload);
std::string json_of(const PodDisruptionBudget& budget);
std::string json_of(const Replicas& replicas);
std::string json_of(const VolumeAttachment& attachment);
std::string json_of(const PersistentVolume& volume);
std::string json_of(const WebhookConfiguration& configuration);
std::string json_of(const ApiService& service);
/// An EndpointSlice of `service` with one endpoint each of these conditions.ready.
std::string slice_json(const std::string& ns, const std::string& service,
                       const std::vector<bool>& ready);
std::string config_map_json(const std::string& name, const std::string& key,
                            const std::string& value);

/// `{"kind": KIND + "List", "items": [...]}`.
std::string list_json(const std::string& kind, const std::vector<std::string>& items);

template <class Object>
std::string list_of(const std::string& kind, const std::vector<Object>& objects) {
  std::vector<std::string> items;
  for (const Object& object : objects) items.push_back(json_of(object));
  return list_json(kind, items);
}

Result<ApiResponse> ok(std::string body);
/// A Status of a refused request; `cause` may be empty.
Result<ApiResponse> refusal(int status, const std::string& reason, const std::string& message,
                            const std::string& cause = "", const std::string& cause_message = "");
/// A broken connection.
Result<ApiResponse> no_answer(const std::string& why = "connection refused");

}  // namespace drover::test
