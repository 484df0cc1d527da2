#include "examples/sandbox/world/answer.h"

#include <fmt/format.h>

namespace drover::sandbox {
namespace {

using nlohmann::json;

json details_of(const std::string& resource, const std::string& name) {
  const size_t dot = resource.find('.');
  json details = {{"name", name}, {"kind", resource.substr(0, dot)}};
  if (dot != resource.npos) details["group"] = resource.substr(dot + 1);
  return details;
}

}  // namespace

Answer refuse(int code, const std::string& reason, const std::string& message, json details) {
  json body = {{"kind", "Status"},    {"apiVersion", "v1"}, {"metadata", json::object()},
               {"status", "Failure"}, {"message", message}, {"code", code}};
  if (!reason.empty()) body["reason"] = reason;
  if (!details.is_null()) body["details"] = std::move(details);
  return {code, std::move(body)};
}

Answer not_found(const std::string& resource, const std::string& name) {
  return refuse(404, "NotFound", fmt::format("{} \"{}\" not found", resource, name),
                details_of(resource, name));
}

Answer bad_request(const std::string& message) { return refuse(400, "BadRequest", message); }

Answer outdated(const std::string& resource, const std::string& name) {
  return refuse(409, "Conflict",
                fmt::format("Operation cannot be fulfilled on {} \"{}\": the object has been "
                            "modified; please apply your changes to the latest version and try "
                            "again",
                            resource, name),
                details_of(resource, name));
}

Answer other_uid(const std::string& kind, const std::string& name, const std::string& wanted,
                 const std::string& found) {
  return refuse(409, "Conflict",
                fmt::format("Operation cannot be fulfilled on {} \"{}\": the UID in the "
                            "precondition ({}) does not match the UID in record ({}). The object "
                            "might have been deleted and then recreated",
                            kind, name, wanted, found),
                details_of(kind, name));
}

}  // namespace drover::sandbox
