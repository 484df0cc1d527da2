#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/api_service.h"
#include "plans/gates/condition.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kPath = "/apis/apiregistration.k8s.io/v1/apiservices";

}  // namespace

Queries look_at_api_services(const Step&, const Attempt&) {
  Queries queries;
  queries.requests = {get(kPath)};
  return queries;
}

Result<Findings> judge_api_services(const GateInput& input) {
  auto services = read_answer(input.seen.get(kPath), "list APIServices", parse_api_service_list);
  if (!services) {
    Error error = std::move(services).error();
    if (error.remedy.empty()) error.remedy = "`health.webhooks: false` leaves aggregated APIs out";
    return error;
  }
  Findings findings;
  findings.to = "to be available";
  for (const ApiService& service : *services) {
    if (service.available) continue;
    const std::string why =
        service.reason.empty() ? "" : fmt::format(" ({})", sanitise(service.reason, 60));
    findings.unwell.push_back({service.name, fmt::format("APIService {}{}", service.name, why)});
  }
  return findings;
}

}  // namespace drover::plans
