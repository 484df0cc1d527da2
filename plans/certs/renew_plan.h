#pragma once

#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "plans/certs/certificates.h"
#include "plans/etcd/judge.h"
#include "plans/plan.h"

/// `drover certs renew` as a plan: of each control plane, one after the other, the steps
/// `node/<host>/certs-renew`, `static-pods-restart` and `static-pods-healthy`; that of etcd's
/// leader last.
namespace drover::plans {

struct RenewInput {
  const Inventory& inventory;
  const ClusterFacts& facts;  ///< which cluster it is, its lock, and whether etcd is elsewhere
  const std::vector<HostCertificates>& certificates;  ///< of every control plane
  const EtcdReport& etcd;                             ///< empty where etcd is elsewhere
  std::string created = {};                           ///< RFC 3339
  std::string preamble = {};                          ///< the frame in which node commands run
  std::string self = {};            ///< holder identity of a lock that is not foreign
  std::string inventory_path = {};  ///< absolute
};

/// kubeadm lists the certificates of an etcd that it looks after, and of no other.
bool has_own_etcd(const std::vector<HostCertificates>& certificates);

/// With blockers and without steps when what kubeadm has is not known everywhere, an authority has
/// expired, or etcd is not well.
Plan make_renew_plan(const RenewInput& input);

}  // namespace drover::plans
