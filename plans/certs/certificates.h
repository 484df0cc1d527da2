#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/cluster/certificate.h"

/// The certificates of control planes, and which of them are soon of no use.
namespace drover::plans {

/// Asks kubeadm on a control plane. Reads only.
Command look_at_certificates();

enum class CertificateStand { Good, Soon, Expired, Missing };

struct CertificateRow {
  Certificate certificate;
  CertificateStand stand = CertificateStand::Good;
};

/// What one control plane has, or why that is not known.
struct HostCertificates {
  std::string host;      ///< inventory host name
  std::string no_login;  ///< why it could not be asked; "": it was
  std::string failure;   ///< why kubeadm did not say it; "": it did
  std::vector<CertificateRow> rows;

  bool known() const { return no_login.empty() && failure.empty(); }
  bool well() const;  ///< known, and nothing is to be done
  /// One has expired that kubeadm can renew: neither is its API server believed by others, nor its
  /// admin.conf by them.
  bool expired() const;
};

bool is_expired(const CertificateRow& row);  ///< and kubeadm can renew it

/// `within`: what expires in less than that is Soon. super-admin.conf, which kubeadm leaves on the
/// first control plane only, is no loss elsewhere.
HostCertificates judge_certificates(const std::string& host, const CommandResult& result,
                                    std::chrono::seconds within);

}  // namespace drover::plans
