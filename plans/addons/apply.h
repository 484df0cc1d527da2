#pragma once

#include <string>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/cluster/api_resource.h"
#include "inventory/manifest.h"

/// Objects given to the cluster by server-side apply, with Drover as the manager of their fields.
namespace drover::plans {

inline constexpr const char* kFieldManager = "drover";

/// Those first that others need: namespaces, then definitions of kinds; otherwise as they stand.
std::vector<Manifest> in_order(std::vector<Manifest> manifests);

/// Which kinds a group and version has.
ApiRequest resources_request(const Manifest& manifest);

/// The object's own path; of one without a namespace in `ns` where its kind wants one.
std::string object_path(const Manifest& manifest, const ApiResource& resource,
                        const std::string& ns);

/// `force`: fields that others manage are taken over.
ApiRequest apply_request(const Manifest& manifest, const std::string& path, bool force);

/// Only this very object (its UID), whatever bears its name by then.
ApiRequest delete_request(const std::string& path, const std::string& uid);

}  // namespace drover::plans
