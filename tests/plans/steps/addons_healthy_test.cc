#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "plans/steps/image_tag.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kDns = "/apis/apps/v1/namespaces/kube-system/deployments/coredns";
constexpr const char* kProxy = "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy";

struct AddonsHealthyCase {
  Hop hop;
  Workload dns{.kind = "Deployment",
               .ns = "kube-system",
               .name = "coredns",
               .images = {"registry.k8s.io/coredns/coredns:v1.12.1"},
               .wanted = 2,
               .updated = 2,
               .available = 2,
               .observed = true};
  Workload proxy{.kind = "DaemonSet",
                 .ns = "kube-system",
                 .name = "kube-proxy",
                 .images = {"registry.k8s.io/kube-proxy:v1.34.4"},
                 .wanted = 3,
                 .updated = 3,
                 .available = 3,
                 .observed = true};

  GateWorld world = quiet_world();
  Attempt attempt;

  Step step() const { return make_addons_healthy(hop.scope()); }
  Decision look() { return world.rounds(step(), attempt); }
  Decision decide() {
    world.paths[kDns] = ok(json_of(dns));
    world.paths[kProxy] = ok(json_of(proxy));
    return look();
  }
};

}  // namespace

TEST_CASE("add-ons are well when both are rolled out and kube-proxy is at the hop") {
  AddonsHealthyCase one;
  CHECK(summary(one.decide()) == "wait: it to be seen 2 times");
  CHECK(summary(one.decide()) == "done: CoreDNS and kube-proxy rolled out");
  one.proxy.images = {"registry.k8s.io/kube-proxy:v1.33.13"};
  CHECK(summary(one.decide()) == "wait: kube-proxy at v1.34.4 (v1.33.13 now)");
}

TEST_CASE("a roll-out under way is waited for, with its numbers") {
  AddonsHealthyCase one;
  one.dns.available = 1;
  one.proxy.updated = 2;
  CHECK(summary(one.decide()) ==
        "wait: kube-system/coredns to roll out (2 of 2 updated, 1 available), "
        "kube-system/kube-proxy to roll out (2 of 3 updated, 3 available)");
  one.dns.available = 2;
  one.proxy.updated = 3;
  one.proxy.observed = false;
  CHECK(summary(one.decide()) ==
        "wait: kube-system/kube-proxy to roll out (3 of 3 updated, 3 available)");
}

TEST_CASE("a node that was down before the run keeps its kube-proxy down") {
  AddonsHealthyCase one;
  one.hop.facts.nodes[2].ready = false;
  one.proxy.updated = one.proxy.available = 2;
  CHECK(summary(one.decide()) == "wait: it to be seen 2 times");
  one.proxy.available = 1;
  CHECK(summary(one.decide()) ==
        "wait: kube-system/kube-proxy to roll out (2 of 3 updated, 1 available)");
}

TEST_CASE("an add-on that the cluster does not have is told once and passed over") {
  AddonsHealthyCase one;
  one.decide();
  one.attempt = {};
  one.world.paths[kProxy] = refusal(404, "NotFound", "none");
  Decision decision = one.look();
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "addon-missing");
  decision = one.look();
  CHECK(decision.notices.empty());
  CHECK(summary(decision) == "done: rolled out; this cluster has no kube-proxy");
  one.world.paths[kDns] = refusal(404, "NotFound", "none");
  CHECK(one.look().notices[0].message ==
        "this cluster has no coredns and no kube-proxy in kube-system: not checked");
}

TEST_CASE("trouble is waited for, a refusal is not") {
  AddonsHealthyCase one;
  one.decide();
  one.world.paths[kDns] = no_answer("reset");
  CHECK(summary(one.look()) == "wait: the API server: reset");
  one.world.paths[kDns] = refusal(403, "Forbidden", "no");
  CHECK(summary(one.look()) == "fail: cannot read coredns: HTTP 403 Forbidden, no");
}

TEST_CASE("the tag of an image is what follows its name") {
  CHECK(image_tag("registry.k8s.io/kube-proxy:v1.34.4") == "v1.34.4");
  CHECK(image_tag("registry:5000/kube-proxy") == "");
  CHECK(image_tag("registry:5000/a/kube-proxy:v1@sha256:00ff") == "v1");
  CHECK(image_tag("kube-proxy@sha256:00ff") == "");
  CHECK(image_tag("kube-proxy:") == "");
  CHECK(image_tag("") == "");
}

}  // namespace drover::plans
