#include "orchestrator/ui/certs_text.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

using plans::CertificateRow;
using plans::CertificateStand;

CertificateRow row(const char* name, const char* authority, std::int64_t left,
                   CertificateStand stand) {
  return {{.name = name, .authority = authority, .expires = "2027-11-22T21:08:52Z", .left = left},
          stand};
}

}  // namespace

TEST_CASE("certificates, as text and for programs") {
  std::vector<plans::HostCertificates> all = {
      {.host = "cp1",
       .rows = {row("admin.conf", "ca", 31'535'850, CertificateStand::Good),
                row("apiserver\x1b", "ca", 86'400, CertificateStand::Soon),
                row("etcd-ca", "", 315'359'850, CertificateStand::Good)}},
      {.host = "cp2", .rows = {row("apiserver", "ca", -3, CertificateStand::Expired)}},
      {.host = "cp3", .no_login = "cp3: no route"}};
  test::check_golden("ui/certs.txt", certificates_text(all, false));
  test::check_golden("ui/certs.jsonl", certificates_json("prod", all));
  all.resize(1);
  all[0].rows = {row("ca", "", 5, CertificateStand::Soon)};
  CHECK(certificates_text(all, false).find("kubeadm does not renew authorities") !=
        std::string::npos);
  CHECK(certificates_text(all, false).find("`drover certs renew`") == std::string::npos);
}

TEST_CASE("what renewing certificates asks about, and how it ended") {
  const std::vector<plans::HostCertificates> all = {
      {.host = "cp1", .rows = {row("apiserver", "ca", 86'400, CertificateStand::Soon)}},
      {.host = "cp2", .rows = {row("apiserver", "ca", 86'400, CertificateStand::Soon)}}};
  plans::Plan plan;
  plan.cluster = "prod";
  for (const char* host : {"cp2", "cp1"}) {
    for (const auto& [kind, name] :
         {std::pair(plans::StepKind::CertsRenew, "certs-renew"),
          std::pair(plans::StepKind::StaticPodsRestart, "static-pods-restart")}) {
      plans::Step step;
      step.kind = kind;
      step.id = std::string("node/") + host + "/" + name;
      step.host = step.node = host;
      plan.steps.push_back(step);
    }
  }
  test::check_golden("ui/certs_renew.txt", certs_renew_preview_text(plan, all, {}));
  plans::Plan blocked;
  blocked.cluster = "prod";
  blocked.verdicts = {{"certs-known", plans::Severity::Blocker, "cp2",
                       "cp2: kubeadm certs check-expiration failed: no", "mend it"}};
  test::check_golden("ui/certs_renew_blocked.txt", certs_renew_preview_text(blocked, all, {}));
  plans::Plan unseen = plan;
  for (plans::Step& step : unseen.steps) {
    if (step.kind == plans::StepKind::StaticPodsRestart) step.params["unseen"] = "yes";
  }
  unseen.verdicts = {
      {"certs-lock", plans::Severity::Warning, "cluster", "the API does not answer", "be sure"}};
  std::vector<plans::HostCertificates> over = all;
  over[0].rows[0].stand = CertificateStand::Expired;
  test::check_golden("ui/certs_renew_unseen.txt", certs_renew_preview_text(unseen, over, {}));
  StepFinished done;
  done.status = StepStatus::Succeeded;
  done.message = "11 certificates renewed";
  StepFinished failed;
  failed.status = StepStatus::Failed;
  failed.error.message = "cp2: stopping etcd failed\x1b";
  test::check_golden(
      "ui/certs_renew.jsonl",
      certs_renew_json(plan, all,
                       {{"node/cp2/certs-renew", done}, {"node/cp2/static-pods-restart", failed}},
                       "20261128T065000Z-3f2a", 5) +
          certs_renew_json(blocked, all, {}, "", 4) + certs_renew_json(unseen, over, {}, "", 0));
}

}  // namespace drover::orchestrator
