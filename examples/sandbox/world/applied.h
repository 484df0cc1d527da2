#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/moment.h"

namespace drover::sandbox {

struct World;

/// An object that was given by server-side apply.
struct Applied {
  nlohmann::json wish;                               ///< as it was sent last
  nlohmann::json others = nlohmann::json::object();  ///< fields that somebody else manages
  std::string uid;
  Moment created;
  long revision = 0;
};

/// Where an object lies, and what it is.
struct Place {
  std::string path;
  std::string resource;  ///< with its group: "clusterroles.rbac.authorization.k8s.io"
  std::string name;
  std::string ns;  ///< "": in none
};

/// Gives it to the cluster. A Deployment gets pods; an APIService is available while a Ready pod
/// stands behind its Service.
Answer apply_object(World& world, const Place& place, const nlohmann::json& wish, bool force,
                    Moment now);
Answer read_applied(const World& world, const Place& place);
Answer delete_applied(World& world, const Place& place, const std::string& uid, Moment now);
/// As `kubectl patch` does it: from now on these fields are somebody else's.
void edit_applied(World& world, const std::string& path, const nlohmann::json& fields);

/// Which aggregated APIs are available by now.
void serve_applied(World& world);
/// As the list of APIServices shows those that were applied.
nlohmann::json applied_json(const World& world, const std::string& path);

}  // namespace drover::sandbox
