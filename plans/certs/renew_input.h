#pragma once

#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "plans/certs/certificates.h"
#include "plans/etcd/judge.h"

namespace drover::plans {

/// What a renewal is planned from; owns nothing that it refers to.
struct RenewInput {
  const Inventory& inventory;
  const ClusterFacts& facts;  ///< which cluster it is, its lock, and kubeadm's configuration
  const std::vector<HostCertificates>& certificates;  ///< of every control plane
  const EtcdReport& etcd;                             ///< empty where etcd is elsewhere
  std::string created = {};                           ///< RFC 3339
  std::string preamble = {};                          ///< the frame in which node commands run
  std::string run = {};                               ///< its id
  std::string self = {};            ///< holder identity of a lock that is not foreign
  std::string inventory_path = {};  ///< absolute
  std::string api_away = {};        ///< why the API does not answer; "": it does
  bool without_lock = false;        ///< the operator wants it even so
};

}  // namespace drover::plans
