#include "orchestrator/certs_survey.h"

#include <algorithm>
#include <optional>

#include "orchestrator/parallel.h"

namespace drover::orchestrator {

using plans::HostCertificates;

Result<std::vector<HostCertificates>> survey_certificates(const Inventory& inventory, Fleet& fleet,
                                                          std::chrono::seconds within,
                                                          std::stop_token stop) {
  DROVER_TRY(fleet.credentials());
  std::vector<const Host*> hosts;
  for (const Host& host : inventory.hosts) {
    if (host.has(Role::ControlPlane)) hosts.push_back(&host);
  }
  std::vector<HostCertificates> all(hosts.size());
  std::vector<std::optional<Error>> errors(hosts.size());
  in_parallel(hosts.size(), kSessionsAtOnce, [&](size_t i) {
    const std::string& name = hosts[i]->name;
    const auto answer = fleet.node(name)->read(plans::look_at_certificates(), stop);
    if (answer) {
      all[i] = plans::judge_certificates(name, *answer, within);
      return;
    }
    errors[i] = answer.error();
    all[i] = {.host = name, .no_login = answer.error().message};
  });
  if (stop.stop_requested())
    return Error{.kind = ErrorKind::Cancelled, .message = "stopped while looking at certificates"};
  const bool none = std::all_of(errors.begin(), errors.end(),
                                [](const auto& error) { return error.has_value(); });
  if (none && !errors.empty()) return *errors.front();
  return all;
}

}  // namespace drover::orchestrator
