#include "plans/certs/certificates.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kAskingTimeout{
    60};  // it asks the API for a configuration, if it can
constexpr std::string_view kSuperAdmin = "super-admin.conf";

CertificateStand stand_of(const Certificate& certificate, std::chrono::seconds within) {
  if (certificate.missing) return CertificateStand::Missing;
  if (certificate.left <= 0) return CertificateStand::Expired;
  return certificate.left < within.count() ? CertificateStand::Soon : CertificateStand::Good;
}

std::string last_line(const CommandResult& result) {
  const std::vector<std::string> lines =
      split_lines(trim(result.err.empty() ? result.out : result.err));
  return lines.empty() ? "it said nothing" : lines.back();
}

}  // namespace

Command look_at_certificates() {
  return {.script = "kubeadm certs check-expiration -o json\n", .timeout = kAskingTimeout};
}

bool HostCertificates::well() const {
  return known() && std::all_of(rows.begin(), rows.end(), [](const CertificateRow& row) {
           return row.stand == CertificateStand::Good;
         });
}

bool is_expired(const CertificateRow& row) {
  return row.stand == CertificateStand::Expired && !row.certificate.authority.empty() &&
         !row.certificate.external;
}

bool HostCertificates::expired() const { return std::any_of(rows.begin(), rows.end(), is_expired); }

HostCertificates judge_certificates(const std::string& host, const CommandResult& result,
                                    std::chrono::seconds within) {
  HostCertificates seen{.host = host};
  if (!result.ok()) {
    seen.failure = "kubeadm certs check-expiration failed: " + last_line(result);
    return seen;
  }
  const auto certificates = parse_certificates(result.out);
  if (!certificates) {
    seen.failure = certificates.error().message;
    return seen;
  }
  for (const Certificate& certificate : *certificates) {
    if (certificate.missing && certificate.name == kSuperAdmin) continue;
    seen.rows.push_back({certificate, stand_of(certificate, within)});
  }
  return seen;
}

}  // namespace drover::plans
