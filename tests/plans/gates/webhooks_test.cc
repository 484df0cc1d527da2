#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

const std::string kPolicySlices = slices_path("policy", "hook");

WebhookConfiguration configuration(const std::string& name, Webhook webhook) {
  return {"", name, {std::move(webhook)}};
}

struct WebhooksCase {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  explicit WebhooksCase(const std::string& webhooks = "-", const std::string& services = "-") {
    attempt.earlier["v1.34/w1/cordon"] = {{"was:webhooks", webhooks},
                                          {"was:api-services", services}};
  }
  void validating(Webhook webhook) {
    world.paths[kValidating] = ok(list_of<WebhookConfiguration>(
        "ValidatingWebhookConfiguration", {configuration("policy", std::move(webhook))}));
  }
  void endpoints(const std::vector<bool>& ready) {
    world.paths[kPolicySlices] = ok(list_json(
        "EndpointSlice", ready.empty() ? std::vector<std::string>{}
                                       : std::vector{slice_json("policy", "hook", ready)}));
  }
  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  std::string look() { return summary(world.rounds(step(), attempt)); }
};

const Webhook kHook{"check.policy.example", true, "policy", "hook"};
constexpr const char* kWebhooksHeld = "wait: it to stay so for 10 s";
constexpr const char* kMissing =
    "wait: service policy/hook (of ValidatingWebhookConfiguration policy) to have a ready endpoint";

}  // namespace

TEST_CASE("services behind webhooks that fail closed must have a ready endpoint") {
  struct Row {
    const char* what;
    Webhook webhook;
    std::vector<bool> ready;
    const char* before;
    const char* told;
  };
  Webhook open = kHook;
  open.fails_closed = false;
  Webhook by_url = kHook;
  by_url.service_ns = by_url.service_name = "";
  for (const Row& row : {
           Row{"ready", kHook, {true}, "-", kWebhooksHeld},
           Row{"one of several", kHook, {false, true}, "-", kWebhooksHeld},
           Row{"none ready", kHook, {false}, "-", kMissing},
           Row{"none at all", kHook, {}, "-", kMissing},
           Row{"failed before", kHook, {}, "policy/hook=1", kWebhooksHeld},
           Row{"another one failed before", kHook, {}, "policy/other=1", kMissing},
           Row{"fails open", open, {}, "-", kWebhooksHeld},
           Row{"reached by a URL", by_url, {}, "-", kWebhooksHeld},
       }) {
    INFO(row.what);
    WebhooksCase one(row.before);
    one.validating(row.webhook);
    one.endpoints(row.ready);
    CHECK(one.look() == row.told);
  }
}

TEST_CASE("a mutating webhook holds as much up") {
  WebhooksCase one;
  one.world.paths[kMutating] = ok(list_of<WebhookConfiguration>("MutatingWebhookConfiguration",
                                                                {configuration("inject", kHook)}));
  one.endpoints({});
  CHECK(one.look() ==
        "wait: service policy/hook (of MutatingWebhookConfiguration inject) to have a ready "
        "endpoint");
}

TEST_CASE(
    "the endpoints are asked for once it is known of which services, and not those of others") {
  WebhooksCase one;
  one.validating(kHook);
  one.endpoints({true});
  const Decision first = one.world.round(one.step(), one.attempt);
  CHECK(summary(first) == "wait: the endpoints behind webhooks to be listed");
  CHECK(std::get<Wait>(first.next).pause == std::chrono::milliseconds{0});
  CHECK(one.attempt.notes.count("held_since") == 0);
  CHECK(one.attempt.notes.at("webhook_services") == "policy/hook");
  CHECK(summary(one.world.round(one.step(), one.attempt)) == kWebhooksHeld);
}

TEST_CASE("a webhook that came or went meanwhile is followed") {
  WebhooksCase one;
  CHECK(one.look() == kWebhooksHeld);
  one.validating(kHook);
  one.endpoints({});
  CHECK(one.look() == kMissing);
  one.world.paths[kValidating] = none_of("ValidatingWebhookConfiguration");
  CHECK(one.look() == kWebhooksHeld);
}

TEST_CASE("aggregated APIs must be available as before") {
  const auto metrics = [](bool available) {
    return ok(list_of<ApiService>(
        "APIService",
        {{"v1.apps", true, "Local"}, {"v1beta1.metrics.k8s.io", available, "MissingEndpoints"}}));
  };
  const auto told = [&](bool available, const char* before) {
    WebhooksCase one("-", before);
    one.world.paths[kApiServices] = metrics(available);
    return one.look();
  };
  CHECK(told(true, "-") == kWebhooksHeld);
  CHECK(told(false, "-") ==
        "wait: APIService v1beta1.metrics.k8s.io (MissingEndpoints) to be available");
  CHECK(told(false, "v1beta1.metrics.k8s.io=1") == kWebhooksHeld);
}

TEST_CASE("who may not read them learns which key leaves them out") {
  for (const char* path : {kValidating, kMutating, kApiServices}) {
    WebhooksCase one;
    one.world.paths[path] = refusal(403, "Forbidden", "no");
    const Decision decision = one.world.rounds(one.step(), one.attempt);
    const Fail* fail = std::get_if<Fail>(&decision.next);
    REQUIRE(fail != nullptr);
    CHECK(fail->error.remedy.find("health.webhooks: false") != std::string::npos);
  }
}

}  // namespace drover::plans
