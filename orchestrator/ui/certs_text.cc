#include "orchestrator/ui/certs_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"

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

}  // namespace

std::string certificates_text(const std::vector<HostCertificates>& all, bool color) {
  std::vector<std::vector<Cell>> rows = {
      text_row({"HOST", "CERTIFICATE", "AUTHORITY", "EXPIRES", "LEFT", "STAND"})};
  std::string trouble;
  for (const HostCertificates& host : all) {
    for (const CertificateRow& row : host.rows) rows.push_back(row_of(host.host, row));
    const std::string& why = host.no_login.empty() ? host.failure : host.no_login;
    if (!why.empty()) trouble += fmt::format("{}: {}\n", sanitise(host.host), sanitise(why));
  }
  std::string text = rows.size() > 1 ? table(rows, color) + trouble : trouble;
  if (any(all, false))
    text +=
        "An upgrade renews what kubeadm looks after; without one: `kubeadm certs renew all` on "
        "that control plane, then restart its static pods.\n";
  if (any(all, true))
    text +=
        "kubeadm does not renew authorities: they are replaced by hand, with everything that "
        "they signed.\n";
  return text;
}

std::string certificates_json(const std::string& cluster,
                              const std::vector<HostCertificates>& all) {
  ordered_json json = {{"v", 1}, {"kind", "Certificates"}, {"cluster", cluster}};
  json["hosts"] = ordered_json::array();
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
    json["hosts"].push_back(std::move(one));
  }
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
