#include "inventory/cluster/webhook.h"

#include "inventory/cluster/json.h"

namespace drover {
namespace {

Webhook read_webhook(const JsonField& object) {
  Webhook webhook;
  webhook.name = object["name"].text();
  webhook.fails_closed = object["failurePolicy"].text() != "Ignore";
  const JsonField service = object["clientConfig"]["service"];
  webhook.service_ns = service["namespace"].text();
  webhook.service_name = service["name"].text();
  return webhook;
}

WebhookConfiguration read_configuration(const JsonField& object, std::string_view kind) {
  WebhookConfiguration configuration;
  configuration.kind = kind;
  configuration.name = object["metadata"]["name"].text();
  for (const JsonField& webhook : object["webhooks"].items()) {
    configuration.webhooks.push_back(read_webhook(webhook));
  }
  return configuration;
}

}  // namespace

Result<std::vector<WebhookConfiguration>> parse_webhook_list(std::string_view json,
                                                             std::string_view kind) {
  return parse_list(json, kind,
                    [kind](const JsonField& object) { return read_configuration(object, kind); });
}

}  // namespace drover
