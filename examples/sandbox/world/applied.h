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

/// Which object.
struct Place {
  std::string resource;  ///< with its group: "clusterroles.rbac.authorization.k8s.io"
  std::string ns;        ///< "": in none
  std::string name;

  std::string key() const { return resource + '/' + ns + '/' + name; }
};

/// Gives it to the cluster. A Deployment gets pods; an APIService is available while a Ready pod
/// stands behind its Service. std::invalid_argument: it is not the object of that place.
Answer apply_object(World& world, const Place& place, const nlohmann::json& wish, bool force,
                    Moment now);
Answer read_applied(const World& world, const Place& place);
Answer delete_applied(World& world, const Place& place, const std::string& uid, Moment now);
/// As `kubectl patch` does it: from now on these fields are somebody else's. std::runtime_error:
/// nothing was applied there.
void edit_applied(World& world, const Place& place, const nlohmann::json& fields);

/// Which aggregated APIs are available by now.
void serve_applied(World& world);

}  // namespace drover::sandbox
