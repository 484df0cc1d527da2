#include "plans/certs/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "inventory/base/text.h"
#include "plans/checks/check.h"

namespace drover::plans {
namespace {

constexpr std::string_view kEtcdAuthority = "etcd-ca";
constexpr std::string_view kConf = ".conf";

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

/// Signed by etcd's authority, or that itself.
bool is_of_etcd(const Certificate& certificate) {
  return certificate.authority == kEtcdAuthority || certificate.name == kEtcdAuthority;
}

/// How kubeadm makes one anew.
std::string phase_of(const std::string& name) {
  return name.ends_with(kConf)
             ? "kubeadm init phase kubeconfig " + name.substr(0, name.size() - kConf.size())
             : "kubeadm init phase certs " + name;
}

/// kubeadm passes over what is missing and calls that a success; an API server that goes on with
/// what it has in memory would not come back from the restart.
void judge_missing(const HostCertificates& seen, bool etcd_elsewhere,
                   std::vector<Verdict>& verdicts) {
  std::vector<std::string> authorities;
  std::vector<std::string> names;
  std::vector<std::string> phases;
  for (const auto& [certificate, stand] : seen.rows) {
    if (stand != CertificateStand::Missing) continue;
    if (etcd_elsewhere && is_of_etcd(certificate)) continue;
    const std::string name = sanitise(certificate.name);
    if (certificate.authority.empty()) {
      authorities.push_back(name);
    } else {
      names.push_back(name);
      phases.push_back('`' + phase_of(name) + '`');
    }
  }
  constexpr std::string_view kWhy =
      "{}: missing: {}; kubeadm passes over it, and what needs it does not come back from a "
      "restart";
  if (!authorities.empty())
    verdicts.push_back(blocker(
        "certs-missing", seen.host, fmt::format(kWhy, seen.host, join(authorities, ", ")),
        fmt::format("copy it, with its key where you keep that there, to {} from another control "
                    "plane or from a backup",
                    seen.host)));
  if (!names.empty())
    verdicts.push_back(blocker(
        "certs-missing", seen.host, fmt::format(kWhy, seen.host, join(names, ", ")),
        fmt::format("on {}: {}, each with --config FILE: the cluster's own, from the ConfigMap "
                    "kube-system/kubeadm-config",
                    seen.host, join(phases, ", "))));
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
  bool any_other = false;
  for (const CertificateRow& row : seen.rows) {
    if (row.certificate.authority.empty()) {
      judge_authority(seen.host, row, verdicts);
    } else if (row.certificate.external) {
      external.push_back(sanitise(row.certificate.name));
    } else if (row.stand != CertificateStand::Missing) {
      any_other = true;
    }
  }
  if (external.empty()) return;
  verdicts.push_back(
      {.check = "certs-external",
       .severity = any_other ? Severity::Warning : Severity::Blocker,
       .subject = seen.host,
       .message = any_other ? fmt::format("{}: kubeadm has no key of the authority of {}, and "
                                          "leaves them as they are",
                                          seen.host, join(external, ", "))
                            : fmt::format("{}: kubeadm has no key of any authority there, and "
                                          "cannot renew anything",
                                          seen.host),
       .remedy = "renew them where that authority is"});
}

/// "apiserver and admin.conf (since 2026-11-27T09:12:44Z)": those of a host, by their end.
std::string expired_of(const HostCertificates& seen) {
  std::map<std::string, std::vector<std::string>> by_end;
  for (const CertificateRow& row : seen.rows) {
    if (is_expired(row))
      by_end[sanitise(row.certificate.expires)].push_back(sanitise(row.certificate.name));
  }
  std::vector<std::string> texts;
  for (const auto& [end, names] : by_end)
    texts.push_back(fmt::format("{} (since {})", join(names, ", "), end));
  return join(texts, "; ");
}

void judge_expired(const RenewInput& input, std::vector<Verdict>& verdicts) {
  for (const HostCertificates& seen : input.certificates) {
    const std::string expired = expired_of(seen);
    if (expired.empty()) continue;
    verdicts.push_back({.check = "certs-expired",
                        .severity = Severity::Warning,
                        .subject = seen.host,
                        .message = fmt::format("{}: expired: {}", seen.host, expired),
                        .remedy = input.api_away.empty()
                                      ? "they are renewed first, by the configuration that the "
                                        "cluster keeps for kubeadm"
                                      : "they are renewed"});
  }
}

/// Of what etcd goes by: neither do its other members believe this one, nor it those that ask.
bool has_expired_in_etcd(const RenewInput& input, const std::string& host) {
  return std::any_of(
      input.certificates.begin(), input.certificates.end(), [&](const HostCertificates& seen) {
        return seen.host == host &&
               std::any_of(seen.rows.begin(), seen.rows.end(), [](const CertificateRow& row) {
                 return is_expired(row) && is_of_etcd(row.certificate);
               });
      });
}

/// The control plane of a member; kubeadm names members as their nodes. "": none.
std::string host_of(const RenewInput& input, const EtcdRow& row) {
  if (!row.host.empty()) return row.host;
  const Host* host = input.inventory.find_node(row.name);
  return host == nullptr ? "" : host->name;
}

/// Of a host, or of the member that it has.
bool is_of_expired(const RenewInput& input, const std::string& subject) {
  if (has_expired_in_etcd(input, subject)) return true;
  return std::any_of(input.etcd.members.begin(), input.etcd.members.end(), [&](const EtcdRow& row) {
    return row.name == subject && has_expired_in_etcd(input, host_of(input, row));
  });
}

/// There is a leader, and whoever votes and is not known to be well is so because of certificates.
bool only_expired_are_ill(const RenewInput& input) {
  return input.etcd.leader != 0 &&
         std::all_of(input.etcd.members.begin(), input.etcd.members.end(), [&](const EtcdRow& row) {
           return row.learner || row.life == EtcdLife::Healthy ||
                  has_expired_in_etcd(input, host_of(input, row));
         });
}

/// A member whose certificates have expired does not show that it is well, and will when they are
/// renewed: the restart waits for that before it stops anything.
bool is_expected(const RenewInput& input, const EtcdFinding& finding) {
  switch (finding.about) {
    case EtcdConcern::Health:
      return is_of_expired(input, finding.subject);
    case EtcdConcern::Quorum:
      return only_expired_are_ill(input);
    case EtcdConcern::Other:
      break;
  }
  return false;
}

void judge_members(const RenewInput& input, std::vector<Verdict>& verdicts) {
  for (const EtcdFinding& finding : input.etcd.findings) {
    const bool expected = is_expected(input, finding);
    const bool warning = finding.weight == EtcdWeight::Warning || expected;
    verdicts.push_back({.check = "etcd-healthy",
                        .severity = warning ? Severity::Warning : Severity::Blocker,
                        .subject = finding.subject,
                        .message = fmt::format("{} {}", finding.subject, finding.message),
                        .remedy = expected ? "certificates have expired there; it is waited for "
                                             "when they are renewed"
                                           : finding.remedy});
  }
}

/// What a kubeconfig of one's own means where Drover cannot choose whom it asks.
void judge_kubeconfig(const RenewInput& input, std::vector<Verdict>& verdicts) {
  if (input.inventory.api.via != ApiVia::Kubeconfig) return;
  const bool all = std::all_of(input.certificates.begin(), input.certificates.end(),
                               [](const HostCertificates& seen) { return seen.expired(); });
  const std::string remedy = "take `api: {via: ssh}` for this";
  if (!all) {
    verdicts.push_back(blocker("certs-kubeconfig", "cluster",
                               "some control planes have certificates that are good, and the "
                               "kubeconfig of yours that the inventory names does not reach the "
                               "API through them",
                               remedy));
    return;
  }
  verdicts.push_back({.check = "certs-kubeconfig",
                      .severity = Severity::Warning,
                      .subject = "cluster",
                      .message = "the inventory has the API reached by a kubeconfig of yours, "
                                 "which nobody renews: with a certificate that has expired, "
                                 "what is waited for at the end is not seen",
                      .remedy = remedy});
}

/// What is otherwise known by the API.
void judge_blind(const RenewInput& input, std::vector<Verdict>& verdicts) {
  verdicts.push_back(
      {.check = "certs-lock",
       .severity = input.without_lock ? Severity::Warning : Severity::Blocker,
       .subject = "cluster",
       .message = "the API does not answer, so that nobody can tell whether another run holds the "
                  "cluster's lock, nor take it: " +
                  sanitise(input.api_away),
       .remedy = input.without_lock
                     ? "be sure that nobody else changes its control planes meanwhile"
                     : "make sure that nobody else changes its control planes, then `drover certs "
                       "renew --without-lock`",
       .override_ = input.without_lock ? "" : "--without-lock"});
  verdicts.push_back(
      {.check = "certs-defaults",
       .severity = Severity::Warning,
       .subject = "cluster",
       .message = "kubeadm cannot read its configuration from the cluster and goes by its "
                  "defaults: certificates in /etc/kubernetes/pki, good for a year",
       .remedy = "where that is not so, use kubeadm's own `certs renew all --config FILE`"});
  judge_kubeconfig(input, verdicts);
}

}  // namespace

bool has_expired(const RenewInput& input, const std::string& host) {
  return std::any_of(
      input.certificates.begin(), input.certificates.end(),
      [&](const HostCertificates& seen) { return seen.host == host && seen.expired(); });
}

std::vector<Verdict> judge_renewal(const RenewInput& input, const UpgradePlan& file) {
  std::vector<Verdict> verdicts;
  for (const HostCertificates& seen : input.certificates) {
    judge_host(seen, verdicts);
    // Without its configuration kubeadm lists those of an etcd of its own, whether there is one.
    judge_missing(seen, input.facts.kubeadm.external_etcd, verdicts);
  }
  judge_expired(input, verdicts);
  if (!input.api_away.empty()) {
    judge_blind(input, verdicts);
    return verdicts;
  }
  judge_members(input, verdicts);
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

}  // namespace drover::plans
