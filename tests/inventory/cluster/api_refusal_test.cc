#include "inventory/cluster/api_refusal.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

struct Row {
  Verb verb;
  const char* path;
  AccessRule rule;
};

}  // namespace

TEST_CASE("the rule of RBAC that a request needs") {
  const auto row = GENERATE(values<Row>({
      {Verb::Get, "/api/v1/events", {"list", "", "events", ""}},
      {Verb::Get, "/api/v1/events?fieldSelector=a&watch=1", {"watch", "", "events", ""}},
      {Verb::Get, "/api/v1/namespaces/shop/events?limit=5", {"list", "", "events", "shop"}},
      {Verb::Get, "/api/v1/nodes/w1", {"get", "", "nodes", ""}},
      {Verb::Get, "/api/v1/namespaces/shop", {"get", "", "namespaces", ""}},
      {Verb::Get, "/api/v1/namespaces/a/pods/b/log?follow=true", {"get", "", "pods/log", "a"}},
      {Verb::Post, "/api/v1/namespaces/a/pods/b/eviction", {"create", "", "pods/eviction", "a"}},
      {Verb::Get, "/apis/metrics.k8s.io/v1beta1/nodes", {"list", "metrics.k8s.io", "nodes", ""}},
      {Verb::Patch,
       "/apis/apps/v1/namespaces/a/deployments/web",
       {"patch", "apps", "deployments", "a"}},
      {Verb::Put, "/api/v1/nodes/w1/status", {"update", "", "nodes/status", ""}},
      {Verb::Delete, "/api/v1/namespaces/a/pods/b", {"delete", "", "pods", "a"}},
      {Verb::Get, "/version", {"get", "", "", ""}},
      {Verb::Get, "/apis/apps/v1", {"get", "", "", ""}},
  }));
  CAPTURE(row.path);
  const AccessRule rule = access_rule(row.verb, row.path);
  CHECK(rule.verb == row.rule.verb);
  CHECK(rule.group == row.rule.group);
  CHECK(rule.resource == row.rule.resource);
  CHECK(rule.ns == row.rule.ns);
}

TEST_CASE("a refusal has the server's words, and of 403 the rule that is missing") {
  const ApiRequest request{.path = "/apis/metrics.k8s.io/v1beta1/namespaces/a/pods?limit=1"};
  const Error error = refusal(request, {.status = 403, .body = R"({"kind":"Status","message":
      "pods.metrics.k8s.io is forbidden\u001b[2J"})"});
  CHECK(error.kind == ErrorKind::Api);
  CHECK(error.message.find("GET /apis/metrics.k8s.io/v1beta1/namespaces/a/pods: HTTP 403 pods.") ==
        0);
  CHECK(error.message.find('\x1b') == std::string::npos);  // S13
  CHECK(
      error.remedy ==
      "the user of this connection lacks the rule: verbs [\"list\"], apiGroups "
      "[\"metrics.k8s.io\"], resources [\"pods\"], in namespace a; add it to a role of that user");
  const ApiRequest apply{
      .verb = Verb::Patch, .path = "/api/v1/namespaces/a/services/b?x=y", .apply = true};
  CHECK(refusal(apply, {.status = 403})
            .remedy.find("verbs [\"patch\", \"create\"], apiGroups [\"\"], resources "
                         "[\"services\"], in namespace a;") != std::string::npos);
  CHECK(refusal(request, {.status = 400, .body = "<html>"}).remedy.empty());
}

}  // namespace drover
