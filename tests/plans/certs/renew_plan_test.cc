#include "plans/certs/renew_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
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

const Verdict* found(const Plan& plan, const std::string& check) {
  const auto verdict = std::find_if(plan.verdicts.begin(), plan.verdicts.end(),
                                    [&](const Verdict& one) { return one.check == check; });
  return verdict == plan.verdicts.end() ? nullptr : &*verdict;
}

CertificateRow missing(const std::string& name, const std::string& authority) {
  CertificateRow absent = row(name, authority, CertificateStand::Missing);
  absent.certificate.missing = true;
  return absent;
}

EtcdFinding ill(const std::string& subject) {
  return {.weight = EtcdWeight::Grave,
          .subject = subject,
          .message = "is not healthy",
          .about = EtcdConcern::Health};
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

TEST_CASE("with the API away all are renewed, then all restarted, and only then is waited") {
  HostCertificates one = host("cp1");
  one.rows.front().stand = CertificateStand::Expired;
  one.rows.front().certificate.expires = "2026-11-27T09:12:44Z";
  const std::vector<HostCertificates> both = {one, host("w1")};
  CHECK(any_expired(both));
  CHECK_FALSE(any_expired({host("cp1")}));
  const test::Hop hop;
  const EtcdReport ill{.findings = {{EtcdWeight::Grave, "cp1", "does not answer"}}};
  RenewInput input{.inventory = hop.inventory,
                   .facts = hop.facts,
                   .certificates = both,
                   .etcd = ill,
                   .api_away = "no connection\x1b"};
  const Plan refused = make_renew_plan(input);
  CHECK(says(refused, "certs-lock", Severity::Blocker));
  CHECK(says(refused, "certs-expired", Severity::Warning));
  CHECK(refused.steps.empty());
  for (const Verdict& verdict : refused.verdicts) {
    CHECK(verdict.message.find('\x1b') == std::string::npos);
    if (verdict.check == "certs-lock") CHECK(verdict.override_ == "--without-lock");
    if (verdict.check == "certs-expired")
      CHECK(verdict.message == "cp1: expired: apiserver (since 2026-11-27T09:12:44Z)");
  }

  input.without_lock = true;
  const Plan plan = make_renew_plan(input);
  CHECK_FALSE(plan.blocked());
  CHECK(says(plan, "certs-lock", Severity::Warning));
  std::vector<std::string> ids;
  for (const Step& step : plan.steps) ids.push_back(step.id);
  CHECK(ids ==
        std::vector<std::string>{"node/cp1/certs-renew", "node/w1/certs-renew",
                                 "node/cp1/static-pods-restart", "node/w1/static-pods-restart",
                                 "node/cp1/static-pods-healthy", "node/w1/static-pods-healthy"});
  for (size_t i = 1; i < ids.size(); ++i)
    CHECK(plan.steps[i].needs == std::vector<std::string>{ids[i - 1]});
  CHECK(renews_without_api(plan));
  CHECK_FALSE(renews_without_api(plan_of(both)));
  // A kubeconfig of one's own is not renewed.
  CHECK_FALSE(says(plan, "certs-kubeconfig", Severity::Warning));
}

TEST_CASE("S7: of several control planes those that have expired are renewed and restarted first") {
  HostCertificates over = host("w1");
  over.rows[1].stand = CertificateStand::Expired;
  test::Hop hop;
  hop.facts.kubeadm_config = "kind: ClusterConfiguration\n";
  const std::vector<HostCertificates> both = {host("cp1"), over};
  EtcdReport etcd{.leader = 2,
                  .members = {{.id = 1, .name = "one", .host = "cp1"},
                              {.id = 2, .name = "two", .host = "w1", .leader = true}},
                  .findings = {ill("two"), ill("w1")}};
  RenewInput input{
      .inventory = hop.inventory, .facts = hop.facts, .certificates = both, .etcd = etcd};
  const Plan plan = make_renew_plan(input);
  CHECK(says(plan, "etcd-healthy", Severity::Warning));
  CHECK_FALSE(plan.blocked());
  std::vector<std::string> ids;
  for (const Step& step : plan.steps) ids.push_back(step.id);
  CHECK(ids == std::vector<std::string>{"node/w1/certs-renew", "node/w1/static-pods-restart",
                                        "node/w1/static-pods-healthy", "node/cp1/certs-renew",
                                        "node/cp1/static-pods-restart",
                                        "node/cp1/static-pods-healthy"});
  CHECK(renews_expired(plan.steps.front()));
  CHECK_FALSE(renews_expired(plan.steps[3]));
  CHECK_FALSE(renews_without_api(plan));
  CHECK(still_expired(plan, {}) == std::vector<std::string>{"w1"});
  // Renewed is not yet served.
  CHECK(still_expired(plan, {ids[0], ids[1]}) == std::vector<std::string>{"w1"});
  CHECK(still_expired(plan, {ids[0], ids[1], ids[2]}).empty());
  // A container that ended again and again comes back late.
  CHECK(plan.steps[1].timeout >= plan.steps[4].timeout + std::chrono::minutes{10});
  CHECK(plan.steps[2].timeout >= std::chrono::minutes{10});

  // What is wrong with the others, or is no matter of certificates, is as grave as ever.
  for (const std::string subject : {"one", "cp1"}) {
    etcd.findings = {ill(subject)};
    CHECK(says(make_renew_plan(input), "etcd-healthy", Severity::Blocker));
  }
  for (const std::string subject : {"two", "w1", "etcd"}) {
    etcd.findings = {{EtcdWeight::Grave, subject, "has the alarm CORRUPT"}};
    CHECK(says(make_renew_plan(input), "etcd-healthy", Severity::Blocker));
  }
}

TEST_CASE("a member of etcd is expected to be ill only where its own certificates have expired") {
  HostCertificates over = host("w1");
  over.rows.front().stand = CertificateStand::Expired;
  const EtcdReport etcd{.leader = 1, .findings = {ill("w1")}};
  CHECK(says(plan_of({host("cp1"), over}, etcd), "etcd-healthy", Severity::Blocker));
}

TEST_CASE("S17: without a known quorum it goes on when certificates explain it, and one leads") {
  HostCertificates over = host("w1");
  over.rows[1].stand = CertificateStand::Expired;
  const std::vector<HostCertificates> both = {host("cp1"), over};
  const auto with = [&](const EtcdReport& etcd) { return plan_of(both, etcd); };
  EtcdReport etcd{
      .leader = 1,
      // kubeadm names a member as its node; who does not answer has no host.
      .members = {{.id = 1, .name = "cp1", .host = "cp1", .life = EtcdLife::Healthy},
                  {.id = 2, .name = "w1"}},
      .findings = {{.weight = EtcdWeight::Grave,
                    .subject = "etcd",
                    .message = "1 of 2 voting members are known to be healthy, a quorum is 2",
                    .about = EtcdConcern::Quorum}}};
  CHECK_FALSE(with(etcd).blocked());
  CHECK(says(with(etcd), "etcd-healthy", Severity::Warning));
  etcd.members[0].life = EtcdLife::Unknown;
  CHECK(with(etcd).blocked());
  etcd.members[0].life = EtcdLife::Healthy;
  etcd.leader = 0;
  CHECK(with(etcd).blocked());
}

TEST_CASE("a kubeconfig that does not reach the good ones is told to be left for SSH") {
  HostCertificates over = host("w1");
  over.rows.front().stand = CertificateStand::Expired;
  test::Hop hop;
  hop.inventory.api.via = ApiVia::Kubeconfig;
  const EtcdReport none;
  std::vector<HostCertificates> all = {host("cp1"), over};
  RenewInput input{.inventory = hop.inventory,
                   .facts = hop.facts,
                   .certificates = all,
                   .etcd = none,
                   .api_away = "no",
                   .without_lock = true};
  CHECK(says(make_renew_plan(input), "certs-kubeconfig", Severity::Blocker));
  all.front().rows.front().stand = CertificateStand::Expired;
  CHECK(says(make_renew_plan(input), "certs-kubeconfig", Severity::Warning));
  CHECK_FALSE(make_renew_plan(input).blocked());
}

TEST_CASE("an authority that has expired is not renewed without the API either") {
  HostCertificates over = host("cp1");
  over.rows.front().stand = over.rows.back().stand = CertificateStand::Expired;
  const test::Hop hop;
  const std::vector<HostCertificates> all = {over};
  const EtcdReport none;
  const Plan plan = make_renew_plan({.inventory = hop.inventory,
                                     .facts = hop.facts,
                                     .certificates = all,
                                     .etcd = none,
                                     .api_away = "no",
                                     .without_lock = true});
  CHECK(says(plan, "certs-authority", Severity::Blocker));
  CHECK(plan.steps.empty());
}

TEST_CASE("what is missing blocks: kubeadm would pass over it, and a restart end what runs") {
  HostCertificates lost = host("cp1");
  lost.rows.push_back(missing("apiserver-kubelet-client", "ca"));
  lost.rows.push_back(missing("controller-manager.conf", "ca"));
  const Plan plan = plan_of({lost});
  CHECK(plan.steps.empty());
  const Verdict* verdict = found(plan, "certs-missing");
  REQUIRE(verdict != nullptr);
  CHECK(verdict->severity == Severity::Blocker);
  CHECK(verdict->message.find("cp1: missing: apiserver-kubelet-client, controller-manager.conf;") ==
        0);
  CHECK(
      verdict->remedy.find("on cp1: `kubeadm init phase certs apiserver-kubelet-client`, `kubeadm "
                           "init phase kubeconfig controller-manager`,") == 0);

  HostCertificates no_authority = host("cp1");
  no_authority.rows.push_back(missing("front-proxy-ca", ""));
  const Plan blocked = plan_of({no_authority});
  CHECK(blocked.blocked());
  REQUIRE(found(blocked, "certs-missing") != nullptr);
  CHECK(found(blocked, "certs-missing")->remedy.find("copy it") == 0);
}

TEST_CASE("without its configuration kubeadm misses what an external etcd does not need") {
  HostCertificates one{
      .host = "cp1",
      .rows = {row("apiserver", "ca", CertificateStand::Expired), row("ca", ""),
               missing("etcd-server", "etcd-ca"), missing("etcd-peer", "etcd-ca"),
               missing("apiserver-etcd-client", "etcd-ca"), missing("etcd-ca", "")}};
  test::Hop hop;
  const EtcdReport none;
  std::vector<HostCertificates> all = {one};
  hop.facts.kubeadm.external_etcd = !has_own_etcd(all);
  RenewInput input{.inventory = hop.inventory,
                   .facts = hop.facts,
                   .certificates = all,
                   .etcd = none,
                   .api_away = "no",
                   .without_lock = true};
  CHECK_FALSE(make_renew_plan(input).blocked());
  // One of another host tells that etcd is kubeadm's.
  all.push_back(host("w1"));
  hop.facts.kubeadm.external_etcd = !has_own_etcd(all);
  CHECK(says(make_renew_plan(input), "certs-missing", Severity::Blocker));
}

TEST_CASE("certificates of somebody else's authority stay as they are") {
  HostCertificates mixed = host("cp1");
  mixed.rows.front().certificate.external = true;
  CHECK(says(plan_of({mixed}), "certs-external", Severity::Warning));
  CHECK_FALSE(plan_of({mixed}).blocked());
  // But to restart all for nothing is no renewal.
  for (CertificateRow& one : mixed.rows) one.certificate.external = true;
  CHECK(says(plan_of({mixed}), "certs-external", Severity::Blocker));
  CHECK(plan_of({host("w1"), mixed}).steps.empty());
}

TEST_CASE("an etcd is elsewhere when kubeadm lists no certificate of it") {
  CHECK(has_own_etcd({host("cp1")}));
  CHECK_FALSE(has_own_etcd({{.host = "cp1", .rows = {row("apiserver", "ca")}}}));
  // Without its configuration kubeadm looks for them all the same.
  HostCertificates absent = host("cp1");
  absent.rows[1].certificate.missing = true;
  CHECK_FALSE(has_own_etcd({absent}));
  absent.rows.push_back(missing("etcd-peer", "etcd-ca"));
  CHECK_FALSE(has_own_etcd({absent}));
}

}  // namespace drover::plans
