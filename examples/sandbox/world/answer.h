#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace drover::sandbox {

/// What the API server says to a request.
struct Answer {
  int status = 200;
  nlohmann::json body;                  ///< a string stands for plain text
  std::optional<int> retry_after = {};  ///< seconds
};

/// A metav1.Status that refuses. `reason`: empty where the server gives none. `details`: its field
/// of that name, or null.
Answer refuse(int code, const std::string& reason, const std::string& message,
              nlohmann::json details = nullptr);

/// `resource`: as in a path, with its group where it has one ("deployments.apps").
Answer not_found(const std::string& resource, const std::string& name);
Answer bad_request(const std::string& message);
/// Somebody else was faster: the resourceVersion of the request is not the newest.
Answer outdated(const std::string& resource, const std::string& name);
/// The UID that a request wants is not the one that is there.
Answer other_uid(const std::string& kind, const std::string& name, const std::string& wanted,
                 const std::string& found);

}  // namespace drover::sandbox
