#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// One webhook of an admissionregistration.k8s.io/v1 configuration.
struct Webhook {
  std::string name;
  bool fails_closed =
      true;                ///< failurePolicy is Fail, the default: without it requests are refused
  std::string service_ns;  ///< of the service behind it; empty when it is reached by a URL
  std::string service_name;

  std::string service() const { return service_ns + "/" + service_name; }
};

/// A ValidatingWebhookConfiguration or MutatingWebhookConfiguration.
struct WebhookConfiguration {
  std::string kind;
  std::string name;
  std::vector<Webhook> webhooks;
};

/// `kind`: one of the two; the items of a list do not say it themselves.
Result<std::vector<WebhookConfiguration>> parse_webhook_list(std::string_view json,
                                                             std::string_view kind);

}  // namespace drover
