#include <stdexcept>

#include "examples/sandbox/api/route.h"
#include "examples/sandbox/world/eviction.h"
#include "examples/sandbox/world/lock.h"
#include "examples/sandbox/world/patch.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

// The UID that DeleteOptions want; "" when they want none.
std::string uid_of(const json& options) {
  const json conditions = options.value("preconditions", json::object());
  for (const auto& [key, value] : conditions.items())
    if (key != "uid") throw std::invalid_argument("preconditions." + key + " is sent by nobody");
  return conditions.value("uid", "");
}

void check_grace(const json& options) {
  if (options.contains("gracePeriodSeconds") && options["gracePeriodSeconds"].get<int>() < 0)
    throw std::invalid_argument("gracePeriodSeconds is less than 0");
}

}  // namespace

Answer patch_node(Call& call) {
  const std::string& name = call.names["name"];
  return call.body.is_array() ? patch_node(call.world, name, call.body, call.now)
                              : merge_into_node(call.world, name, call.body, call.now);
}

Answer evict_pod(Call& call) {
  const json& body = call.body;
  const std::string& ns = call.names["namespace"];
  const std::string& name = call.names["name"];
  if (body.at("kind") != "Eviction" || body.at("apiVersion") != "policy/v1")
    throw std::invalid_argument("no Eviction of policy/v1");
  if (body.at("metadata") != json{{"namespace", ns}, {"name", name}})
    throw std::invalid_argument("name in URL does not match name in Eviction object");
  const json options = body.value("deleteOptions", json::object());
  check_grace(options);
  return evict(call.world, ns, name, uid_of(options), call.now);
}

Answer delete_pod(Call& call) {
  const json options = call.body.is_null() ? json::object() : call.body;
  if (options.value("kind", "DeleteOptions") != "DeleteOptions")
    throw std::invalid_argument("no DeleteOptions");
  check_grace(options);
  return delete_pod(call.world, call.names["namespace"], call.names["name"], uid_of(options),
                    call.now);
}

Answer create_lease(Call& call) { return create_lock(call.world, call.body, call.now); }

Answer replace_lease(Call& call) {
  if (call.body.at("metadata").at("name") != call.names["name"])
    throw std::invalid_argument("the name of the object does not match the name on the URL");
  return replace_lock(call.world, call.body, call.now);
}

}  // namespace drover::sandbox
