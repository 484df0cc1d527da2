#include "plans/certs/renew_plan.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "plans/certs/judge.h"
#include "plans/plan_file.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kAfterEnding{10 * 60};

bool leads(const EtcdReport& etcd, const std::string& host) {
  return std::any_of(etcd.members.begin(), etcd.members.end(),
                     [&](const EtcdRow& row) { return row.leader && row.host == host; });
}

/// As the inventory has them, those that have expired first; the leader last, so that etcd elects
/// once at most.
std::vector<const Host*> hosts_in_order(const RenewInput& input) {
  std::vector<const Host*> hosts;
  for (const HostCertificates& seen : input.certificates)
    hosts.push_back(input.inventory.find(seen.host));
  std::stable_partition(hosts.begin(), hosts.end(),
                        [&](const Host* host) { return !leads(input.etcd, host->name); });
  std::stable_partition(hosts.begin(), hosts.end(),
                        [&](const Host* host) { return has_expired(input, host->name); });
  return hosts;
}

void add(Step step, Plan& plan) {
  if (!plan.steps.empty()) step.needs = {plan.steps.back().id};
  plan.steps.push_back(std::move(step));
}

Step make_healthy(const Scope& scope, const Host& host, std::string why) {
  Step healthy = make_static_pods_healthy(scope, host);
  healthy.params["target"] = "";  // whatever they were before
  healthy.why = std::move(why);
  return healthy;
}

Renewal renewal_of(const RenewInput& input, const Host& host) {
  Renewal renewal{.by_defaults = !input.api_away.empty(), .run = input.run};
  if (renewal.by_defaults) return renewal;
  const std::string& folder = input.facts.kubeadm.certificates_dir;
  if (!folder.empty()) renewal.folder = folder;
  if (has_expired(input, host.name)) renewal.configuration = input.facts.kubeadm_config;
  return renewal;
}

/// Where one has expired, it was renewed already; and there a container may have ended again and
/// again, which the kubelet starts anew every five minutes only.
void add_host(const RenewInput& input, const Scope& scope, const Host& host, Plan& plan) {
  const bool expired = has_expired(input, host.name);
  if (!expired) add(make_certs_renew(scope, host, renewal_of(input, host)), plan);
  Step restart = make_static_pods_restart(scope, host);
  Step healthy = make_healthy(scope, host,
                              "the next control plane is touched only when this one serves with "
                              "its new certificates");
  if (expired) {
    restart.timeout += kAfterEnding;
    healthy.timeout = std::max(healthy.timeout, kAfterEnding);
  }
  add(std::move(restart), plan);
  add(std::move(healthy), plan);
}

/// All that have expired are renewed before any is restarted: its restart waits for all members of
/// etcd, which believe each other again as soon as they find new certificates in their files.
void add_seen(const RenewInput& input, const std::vector<Scope>& scopes, Plan& plan) {
  for (const Scope& scope : scopes) {
    const Host& host = scope.first_control_plane;
    if (has_expired(input, host.name))
      add(make_certs_renew(scope, host, renewal_of(input, host)), plan);
  }
  for (const Scope& scope : scopes) add_host(input, scope, scope.first_control_plane, plan);
}

void add_blind(const RenewInput& input, const std::vector<Scope>& scopes, Plan& plan) {
  for (const Scope& scope : scopes) {
    const Host& host = scope.first_control_plane;
    add(make_certs_renew(scope, host, renewal_of(input, host)), plan);
  }
  for (const Scope& scope : scopes)
    add(make_static_pods_restart_unseen(scope, scope.first_control_plane), plan);
  for (const Scope& scope : scopes) {
    Step healthy = make_healthy(scope, scope.first_control_plane,
                                "with its new certificates the API is back, and tells");
    // A container that ended again and again is started anew every five minutes only.
    healthy.timeout = std::max(healthy.timeout, kAfterEnding);
    add(std::move(healthy), plan);
  }
}

}  // namespace

bool any_expired(const std::vector<HostCertificates>& certificates) {
  return std::any_of(certificates.begin(), certificates.end(),
                     [](const HostCertificates& seen) { return seen.expired(); });
}

std::vector<std::string> still_expired(const Plan& plan, const std::set<std::string>& done) {
  std::vector<std::string> hosts;
  for (const Step& step : plan.steps) {
    if (renews_expired(step) && !done.contains(sibling(step, StepKind::StaticPodsHealthy)))
      hosts.push_back(step.host);
  }
  return hosts;
}

bool renews_without_api(const Plan& plan) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), restarts_unseen);
}

bool has_own_etcd(const std::vector<HostCertificates>& certificates) {
  constexpr std::array<std::string_view, 3> kOfMembers = {"etcd-server", "etcd-peer",
                                                          "etcd-healthcheck-client"};
  return std::any_of(certificates.begin(), certificates.end(), [&](const HostCertificates& seen) {
    return std::any_of(seen.rows.begin(), seen.rows.end(), [&](const CertificateRow& row) {
      return !row.certificate.missing && std::find(kOfMembers.begin(), kOfMembers.end(),
                                                   row.certificate.name) != kOfMembers.end();
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
  plan.verdicts = judge_renewal(input, file);
  if (!plan.blocked()) {
    std::vector<Scope> scopes;
    for (const Host* host : hosts_in_order(input)) {
      scopes.push_back({input.inventory, file, input.facts, {}, {}, *host});
      scopes.back().node_command = plan.work;
    }
    if (input.api_away.empty()) {
      add_seen(input, scopes, plan);
    } else {
      add_blind(input, scopes, plan);
    }
  }
  plan.id = plan_id(plan);
  return plan;
}

}  // namespace drover::plans
