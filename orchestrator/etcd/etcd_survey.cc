#include "orchestrator/etcd/etcd_survey.h"

#include <algorithm>
#include <optional>

#include "orchestrator/parallel.h"

namespace drover::orchestrator {

Result<std::vector<plans::EtcdSeen>> survey_etcd(const Inventory& inventory, Fleet& fleet,
                                                 std::stop_token stop) {
  DROVER_TRY(fleet.credentials());
  std::vector<const Host*> hosts;
  for (const Host& host : inventory.hosts) {
    if (host.has(Role::ControlPlane)) hosts.push_back(&host);
  }
  std::vector<plans::EtcdSeen> seen(hosts.size());
  std::vector<std::optional<Error>> errors(hosts.size());
  in_parallel(hosts.size(), kSessionsAtOnce, [&](size_t i) {
    const std::string& name = hosts[i]->name;
    const auto answer = fleet.node(name)->read(plans::look_at_etcd(), stop);
    if (answer) {
      seen[i] = plans::read_etcd_look(name, *answer);
      return;
    }
    errors[i] = answer.error();
    seen[i] = {.host = name, .no_login = answer.error().message};
  });
  if (stop.stop_requested()) {
    return Error{.kind = ErrorKind::Cancelled, .message = "stopped while looking at etcd"};
  }
  const bool none = std::all_of(errors.begin(), errors.end(),
                                [](const auto& error) { return error.has_value(); });
  if (none) return *errors.front();
  return seen;
}

}  // namespace drover::orchestrator
