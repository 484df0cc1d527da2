#include "plans/certs/renew_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

CertificateRow row(const std::string& name, const std::string& authority,
                   CertificateStand stand = CertificateStand::Good) {
  return {.certificate = {.name = name, .authority = authority}, .stand = stand};
}

HostCertificates host(const std::string& name) {
  return {.host = name,
          .rows = {row("apiserver", "ca"), row("etcd-server", "etcd-ca"), row("ca", "")}};
}

Plan plan_of(const std::vector<HostCertificates>& certificates, const EtcdReport& etcd = {}) {
  const test::Hop hop;
  return make_renew_plan(
      {.inventory = hop.inventory, .facts = hop.facts, .certificates = certificates, .etcd = etcd});
}

bool says(const Plan& plan, const std::string& check, Severity severity) {
  return std::any_of(plan.verdicts.begin(), plan.verdicts.end(), [&](const Verdict& verdict) {
    return verdict.check == check && verdict.severity == severity;
  });
}

}  // namespace

TEST_CASE("S7: control planes are taken one after the other, that of etcd's leader last") {
  EtcdReport etcd{.leader = 1,
                  .members = {{.id = 1, .host = "cp1", .leader = true}, {.id = 2, .host = "w1"}}};
  const Plan plan = plan_of({host("cp1"), host("w1")}, etcd);
  std::vector<std::string> ids;
  for (const Step& step : plan.steps) ids.push_back(step.id);
  CHECK(ids == std::vector<std::string>{"node/w1/certs-renew", "node/w1/static-pods-restart",
                                        "node/w1/static-pods-healthy", "node/cp1/certs-renew",
                                        "node/cp1/static-pods-restart",
                                        "node/cp1/static-pods-healthy"});
  CHECK(plan.steps.front().needs.empty());
  for (size_t i = 1; i < ids.size(); ++i)
    CHECK(plan.steps[i].needs == std::vector<std::string>{ids[i - 1]});
  CHECK(plan.steps.back().param("target").empty());
  CHECK(plan.work == "certs renew");
  CHECK_FALSE(says(plan, "single-control-plane", Severity::Info));
}

TEST_CASE("a single control plane is told of its outage") {
  const Plan plan = plan_of({host("cp1")});
  CHECK(says(plan, "single-control-plane", Severity::Info));
  CHECK_FALSE(plan.blocked());
}

TEST_CASE("S17: what is not known or not well is found before the first change") {
  HostCertificates silent{.host = "cp1", .failure = "kubeadm certs check-expiration failed: no"};
  CHECK(says(plan_of({silent}), "certs-known", Severity::Blocker));
  CHECK(plan_of({silent}).steps.empty());
  HostCertificates away{.host = "cp1", .no_login = "cp1: refused"};
  CHECK(says(plan_of({away}), "certs-known", Severity::Blocker));

  HostCertificates over = host("cp1");
  over.rows.back().stand = CertificateStand::Expired;
  CHECK(says(plan_of({over}), "certs-authority", Severity::Blocker));
  over.rows.back().stand = CertificateStand::Soon;
  CHECK(says(plan_of({over}), "certs-authority", Severity::Warning));
  CHECK_FALSE(plan_of({over}).blocked());
  // What is to be renewed is no reason not to renew it.
  HostCertificates soon = host("cp1");
  soon.rows.front().stand = CertificateStand::Soon;
  CHECK_FALSE(plan_of({soon}).blocked());

  EtcdReport ill{.findings = {{EtcdWeight::Grave, "cp2", "is not healthy"}}};
  CHECK(says(plan_of({host("cp1")}, ill), "etcd-healthy", Severity::Blocker));
}

TEST_CASE("certificates of somebody else's authority stay as they are") {
  HostCertificates mixed = host("cp1");
  mixed.rows.front().certificate.external = true;
  CHECK(says(plan_of({mixed}), "certs-external", Severity::Warning));
  CHECK_FALSE(plan_of({mixed}).blocked());
}

TEST_CASE("an etcd is elsewhere when kubeadm lists no certificate of it") {
  CHECK(has_own_etcd({host("cp1")}));
  CHECK_FALSE(has_own_etcd({{.host = "cp1", .rows = {row("apiserver", "ca")}}}));
}

}  // namespace drover::plans
