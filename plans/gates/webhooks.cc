#include <fmt/format.h>

#include <array>
#include <map>

#include "inventory/base/text.h"
#include "inventory/cluster/endpoint_slice.h"
#include "inventory/cluster/webhook.h"
#include "plans/gates/condition.h"
#include "plans/steps/reading.h"

/// Webhooks that fail closed refuse every request they are asked about while nothing stands behind
/// their service: no pod is made, no eviction goes through.
namespace drover::plans {
namespace {

constexpr const char* kServices = "webhook_services";  // note: of which endpoints are asked for

struct WebhookKind {
  const char* kind;
  const char* path;
};

constexpr std::array<WebhookKind, 2> kWebhookKinds = {
    {{"ValidatingWebhookConfiguration",
      "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"},
     {"MutatingWebhookConfiguration",
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"}}};

std::string slices_path(const std::string& service) {
  const size_t slash = service.find('/');
  return fmt::format("/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices?labelSelector={}",
                     percent_encode(service.substr(0, slash)),
                     percent_encode("kubernetes.io/service-name=" + service.substr(slash + 1)));
}

// Service -> a configuration that relies on it.
Result<std::map<std::string, std::string>> services_of(const Seen& seen) {
  std::map<std::string, std::string> services;
  for (const WebhookKind& kind : kWebhookKinds) {
    const Result<ApiResponse>& answer = seen.get(kind.path);
    if (!answer) return answer.error();
    if (!answer->ok()) return refused(fmt::format("list {}s", kind.kind), *answer);
    DROVER_TRY_ASSIGN(const std::vector<WebhookConfiguration> configurations,
                      parse_webhook_list(answer->body, kind.kind));
    for (const WebhookConfiguration& configuration : configurations) {
      for (const Webhook& webhook : configuration.webhooks) {
        if (!webhook.fails_closed || webhook.service_name.empty()) continue;
        services.emplace(webhook.service(),
                         fmt::format("{} {}", configuration.kind, configuration.name));
      }
    }
  }
  return services;
}

}  // namespace

Queries look_at_webhooks(const Step&, const Attempt& attempt) {
  Queries queries;
  for (const WebhookKind& kind : kWebhookKinds) queries.requests.push_back(get(kind.path));
  for (const std::string& service : split_words(attempt.note(kServices))) {
    queries.requests.push_back(get(slices_path(service)));
  }
  return queries;
}

Result<Findings> judge_webhooks(const GateInput& input) {
  auto services = services_of(input.seen);
  if (!services) {
    Error error = std::move(services).error();
    if (error.remedy.empty()) error.remedy = "`health.webhooks: false` leaves webhooks out";
    return error;
  }
  Findings findings;
  findings.to = "to have a ready endpoint";
  std::vector<std::string> names;
  for (const auto& [service, user] : *services) {
    names.push_back(service);
    const std::string path = slices_path(service);
    if (!input.seen.asked(path)) {
      findings.lacks = "the endpoints behind webhooks to be listed";
      continue;
    }
    DROVER_TRY_ASSIGN(const std::vector<EndpointSlice> slices,
                      read_answer(input.seen.get(path), "list the endpoints of " + service,
                                  parse_endpoint_slice_list));
    int ready = 0;
    for (const EndpointSlice& slice : slices) ready += slice.ready;
    if (ready > 0) continue;
    findings.unwell.push_back({service, fmt::format("service {} (of {})", service, user)});
  }
  findings.remember[kServices] = join(names, " ");
  return findings;
}

}  // namespace drover::plans
