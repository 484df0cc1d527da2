#pragma once

#include <set>
#include <string>
#include <vector>

#include "examples/sandbox/tools/packages.h"

namespace drover::sandbox {

/// What apt has to do to one package.
struct Change {
  enum class Kind { Upgrade, New, Downgrade, Reinstall };
  Offer offer;
  std::string old;  ///< installed revision, "" when new
  Kind kind = Kind::Upgrade;
};

/// What apt-get install does to the packages, worked out before anything is done.
struct InstallPlan {
  std::vector<Change> changes;       ///< dependencies first, then by name
  std::vector<Offer> newest;         ///< wanted, and installed as they are
  std::set<std::string> additional;  ///< names that nobody asked for
  int not_upgraded = 0;              ///< installed packages with a newer offer that stay

  std::vector<std::string> names(Change::Kind kind) const;
  std::vector<std::string> held() const;
  /// apt's words before it begins: which packages change, and the line of counts.
  std::string summary() const;
};

/// "NAME=REVISION" or "NAME", found among the offers. Ends the call with apt's words when it is not
/// offered.
Offer find_offer(const std::vector<Offer>& offers, const std::string& wanted);

/// kubeadm brings the cri-tools of its own minor along, as its package depends on them.
InstallPlan plan_install(const std::vector<Offer>& offers, const std::vector<std::string>& wanted);

}  // namespace drover::sandbox
