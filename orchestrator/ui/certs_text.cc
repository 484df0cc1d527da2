#include "orchestrator/ui/certs_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/json_line.h"
#include "orchestrator/ui/step_end_json.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"
#include "plans/certs/renew_plan.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::CertificateRow;
using plans::CertificateStand;
using plans::HostCertificates;

const char* name_of(CertificateStand stand) {
  switch (stand) {
    case CertificateStand::Good:
      return "good";
    case CertificateStand::Soon:
      return "soon";
    case CertificateStand::Expired:
      return "expired";
    case CertificateStand::Missing:
      return "missing";
  }
  return "";
}

Colour colour_of(CertificateStand stand) {
  if (stand == CertificateStand::Good) return Colour::Plain;
  return stand == CertificateStand::Soon ? Colour::Yellow : Colour::Red;
}

std::vector<Cell> row_of(const std::string& host, const CertificateRow& row) {
  const Certificate& one = row.certificate;
  const bool there = row.stand != CertificateStand::Missing;
  const bool over = row.stand == CertificateStand::Expired;
  return text_row(
      {sanitise(host), sanitise(one.name), one.authority.empty() ? "-" : sanitise(one.authority),
       there ? clock_text(one.expires) : "-",
       there && !over ? age_text(std::chrono::seconds(one.left)) : "-",
       std::string(name_of(row.stand)) + (one.external ? ", not kubeadm's" : "")},
      colour_of(row.stand));
}

bool any(const std::vector<HostCertificates>& all, bool of_authorities) {
  return std::any_of(all.begin(), all.end(), [&](const HostCertificates& host) {
    return std::any_of(host.rows.begin(), host.rows.end(), [&](const CertificateRow& row) {
      return row.stand != CertificateStand::Good &&
             row.certificate.authority.empty() == of_authorities;
    });
  });
}

std::string rows_text(const std::vector<HostCertificates>& all, bool color) {
  std::vector<std::vector<Cell>> rows = {
      text_row({"HOST", "CERTIFICATE", "AUTHORITY", "EXPIRES", "LEFT", "STAND"})};
  std::string trouble;
  for (const HostCertificates& host : all) {
    for (const CertificateRow& row : host.rows) rows.push_back(row_of(host.host, row));
    const std::string& why = host.no_login.empty() ? host.failure : host.no_login;
    if (!why.empty()) trouble += fmt::format("{}: {}\n", sanitise(host.host), sanitise(why));
  }
  return rows.size() > 1 ? table(rows, color) + trouble : trouble;
}

ordered_json hosts_json(const std::vector<HostCertificates>& all) {
  ordered_json hosts = ordered_json::array();
  for (const HostCertificates& host : all) {
    ordered_json one = {{"host", sanitise(host.host)},
                        {"error", sanitise(host.no_login.empty() ? host.failure : host.no_login)},
                        {"certificates", ordered_json::array()}};
    for (const CertificateRow& row : host.rows) {
      one["certificates"].push_back({{"name", sanitise(row.certificate.name)},
                                     {"authority", sanitise(row.certificate.authority)},
                                     {"expires", sanitise(row.certificate.expires)},
                                     {"left_s", row.certificate.left},
                                     {"external", row.certificate.external},
                                     {"stand", name_of(row.stand)}});
    }
    hosts.push_back(std::move(one));
  }
  return hosts;
}

}  // namespace

std::string certificates_text(const std::vector<HostCertificates>& all, bool color) {
  std::string text = rows_text(all, color);
  if (any(all, false))
    text +=
        "`drover certs renew` renews what kubeadm looks after and restarts what uses it; an "
        "upgrade does so, too.\n";
  if (any(all, true))
    text +=
        "kubeadm does not renew authorities: they are replaced by hand, with everything that "
        "they signed.\n";
  return text;
}

std::string certificates_json(const std::string& cluster,
                              const std::vector<HostCertificates>& all) {
  const ordered_json json = {
      {"v", 1}, {"kind", "Certificates"}, {"cluster", cluster}, {"hosts", hosts_json(all)}};
  return json_line(json);
}

std::string certs_renew_preview_text(const plans::Plan& plan,
                                     const std::vector<HostCertificates>& all,
                                     const TextStyle& style) {
  std::string text = rows_text(all, style.color) + '\n' + verdicts_text(plan.verdicts, style);
  if (plan.blocked())
    return fmt::format("Cluster {}: its certificates cannot be renewed as it is.\n", plan.cluster) +
           text;
  std::vector<std::string> hosts;
  for (const plans::Step& step : plan.steps) {
    if (step.kind == plans::StepKind::CertsRenew) hosts.push_back(step.host);
  }
  if (plans::renews_without_api(plan))
    return text + fmt::format(
                      "To be renewed without the cluster's lock, then all static pods restarted, "
                      "and then is waited for the API: {}.\n",
                      join(hosts, ", "));
  return text + fmt::format(
                    "To be renewed, whatever time is left, and then the static pods restarted, "
                    "each when the one before is well: {}.\n",
                    join(hosts, ", "));
}

std::string certs_renew_json(const plans::Plan& plan, const std::vector<HostCertificates>& all,
                             const std::map<std::string, StepFinished>& ends,
                             const std::string& run, int code) {
  ordered_json json = {{"v", 1},
                       {"kind", "CertsRenew"},
                       {"cluster", plan.cluster},
                       {"run", run.empty() ? ordered_json(nullptr) : ordered_json(run)},
                       {"hosts", hosts_json(all)},
                       {"steps", ordered_json::array()},
                       {"blockers", ordered_json::array()},
                       {"warnings", ordered_json::array()},
                       {"exit_code", code}};
  for (const plans::Step& step : plan.steps)
    json["steps"].push_back(
        step_end_json(ordered_json{{"step", step.id}, {"host", step.host}}, step.id, ends));
  for (const plans::Verdict& verdict : plan.verdicts) {
    if (verdict.severity == plans::Severity::Info) continue;
    const bool blocks = verdict.severity == plans::Severity::Blocker;
    json[blocks ? "blockers" : "warnings"].push_back({{"check", verdict.check},
                                                      {"subject", verdict.subject},
                                                      {"message", verdict.message},
                                                      {"remedy", verdict.remedy}});
  }
  return json_line(json);
}

}  // namespace drover::orchestrator
