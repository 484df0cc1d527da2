#include "plans/certs/renew_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/plan_file.h"
#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

constexpr std::string_view kEtcdServer = "etcd-server";

Verdict blocker(std::string check, const std::string& subject, std::string message,
                std::string remedy) {
  return {.check = std::move(check),
          .severity = Severity::Blocker,
          .subject = subject,
          .message = std::move(message),
          .remedy = std::move(remedy)};
}

void judge_authority(const std::string& host, const CertificateRow& row,
                     std::vector<Verdict>& verdicts) {
  const std::string name = sanitise(row.certificate.name);
  if (row.stand == CertificateStand::Expired)
    verdicts.push_back(blocker("certs-authority", host,
                               fmt::format("{}: the authority {} has expired: what it would sign "
                                           "is of no use",
                                           host, name),
                               "replace the authority by hand, with everything it signed"));
  if (row.stand == CertificateStand::Soon)
    verdicts.push_back({.check = "certs-authority",
                        .severity = Severity::Warning,
                        .subject = host,
                        .message = fmt::format("{}: the authority {} expires soon, and kubeadm "
                                               "does not renew authorities",
                                               host, name),
                        .remedy = "plan to replace it by hand, with everything it signed"});
}

void judge_host(const HostCertificates& seen, std::vector<Verdict>& verdicts) {
  if (!seen.known()) {
    const std::string& why = seen.no_login.empty() ? seen.failure : seen.no_login;
    verdicts.push_back(blocker("certs-known", seen.host, fmt::format("{}: {}", seen.host, why),
                               "every control plane is looked at before one is changed; "
                               "`drover certs status` tries it again"));
    return;
  }
  std::vector<std::string> external;
  for (const CertificateRow& row : seen.rows) {
    if (row.certificate.authority.empty()) {
      judge_authority(seen.host, row, verdicts);
    } else if (row.certificate.external) {
      external.push_back(sanitise(row.certificate.name));
    }
  }
  if (!external.empty())
    verdicts.push_back({.check = "certs-external",
                        .severity = Severity::Warning,
                        .subject = seen.host,
                        .message = fmt::format("{}: kubeadm has no key of the authority of {}, and "
                                               "leaves them as they are",
                                               seen.host, join(external, ", ")),
                        .remedy = "renew them where that authority is"});
}

std::vector<Verdict> judge(const RenewInput& input, const UpgradePlan& file) {
  std::vector<Verdict> verdicts;
  for (const HostCertificates& seen : input.certificates) judge_host(seen, verdicts);
  for (const EtcdFinding& finding : input.etcd.findings) {
    verdicts.push_back(
        {.check = "etcd-healthy",
         .severity = finding.weight == EtcdWeight::Warning ? Severity::Warning : Severity::Blocker,
         .subject = finding.subject,
         .message = fmt::format("{} {}", finding.subject, finding.message),
         .remedy = finding.remedy});
  }
  const CheckInput for_checks{input.inventory, file, input.facts, {}, {}, {}, false, input.self};
  for (Verdict& verdict : check_locked(for_checks)) {
    verdict.check = "locked";
    verdict.remedy = "`drover lock show` tells whether its holder lives";
    verdicts.push_back(std::move(verdict));
  }
  if (input.certificates.size() == 1)
    verdicts.push_back({.check = "single-control-plane",
                        .severity = Severity::Info,
                        .subject = input.certificates.front().host,
                        .message = "there is one control plane: the API answers nobody for about "
                                   "10 seconds while etcd is restarted, and for half a minute "
                                   "while the API server is"});
  return verdicts;
}

bool leads(const EtcdReport& etcd, const std::string& host) {
  return std::any_of(etcd.members.begin(), etcd.members.end(),
                     [&](const EtcdRow& row) { return row.leader && row.host == host; });
}

/// As the inventory has them; the leader last, so that etcd elects once at most.
std::vector<const Host*> hosts_in_order(const RenewInput& input) {
  std::vector<const Host*> hosts;
  for (const HostCertificates& seen : input.certificates)
    hosts.push_back(input.inventory.find(seen.host));
  std::stable_partition(hosts.begin(), hosts.end(),
                        [&](const Host* host) { return !leads(input.etcd, host->name); });
  return hosts;
}

void add_host(const Scope& scope, const Host& host, Plan& plan) {
  std::vector<Step> links = {make_certs_renew(scope, host), make_static_pods_restart(scope, host),
                             make_static_pods_healthy(scope, host)};
  Step& healthy = links.back();
  healthy.params["target"] = "";  // whatever they were before
  healthy.why =
      "the next control plane is touched only when this one serves with its new "
      "certificates";
  for (Step& link : links) {
    if (!plan.steps.empty()) link.needs = {plan.steps.back().id};
    plan.steps.push_back(std::move(link));
  }
}

}  // namespace

bool has_own_etcd(const std::vector<HostCertificates>& certificates) {
  return std::any_of(certificates.begin(), certificates.end(), [](const HostCertificates& seen) {
    return std::any_of(seen.rows.begin(), seen.rows.end(), [](const CertificateRow& row) {
      return row.certificate.name == kEtcdServer;
    });
  });
}

Plan make_renew_plan(const RenewInput& input) {
  const UpgradePlan file;
  Plan plan;
  plan.created = input.created;
  plan.cluster = input.inventory.cluster;
  plan.work = "certs renew";
  plan.inventory = input.inventory_path;
  plan.inventory_sha256 = input.inventory.sha256;
  plan.fingerprint = {{"cluster/uid", input.facts.uid}};
  plan.preamble = input.preamble;
  plan.rollout.on_blocked = OnBlocked::Fail;
  plan.rollout.order = WorkerOrder::Inventory;
  plan.verdicts = judge(input, file);
  if (!plan.blocked()) {
    for (const Host* host : hosts_in_order(input)) {
      Scope scope{input.inventory, file, input.facts, {}, {}, *host};
      scope.node_command = plan.work;
      add_host(scope, *host, plan);
    }
  }
  plan.id = plan_id(plan);
  return plan;
}

}  // namespace drover::plans
