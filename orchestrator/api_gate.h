#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "inventory/inventory.h"
#include "remote/kube/channel_source.h"
#include "remote/ssh/target.h"

namespace drover::orchestrator {

/// The way to the Kubernetes API that an inventory names (`api:`), shared by all threads.
class ApiGate : public remote::ChannelSource {
 public:
  /// Finds a way that can be dialled, so that what is wrong with it is said early.
  virtual Status open(std::stop_token stop) = 0;
  /// From now on other control planes are taken, where there are any: that of `host` changes (S18).
  virtual void avoid(const std::string&) {}
  /// `host` may be taken again.
  virtual void allow(const std::string&) {}
};

/// How a host is logged in to.
using TargetOf = std::function<remote::SshTarget(const Host&)>;

/// A gate for the inventory, which must outlive it, as must `clock`. Reads the kubeconfig, if there
/// is one, and connects to nothing.
Result<std::unique_ptr<ApiGate>> make_gate(const Inventory& inventory, TargetOf target_of,
                                           remote::Clock& clock);

}  // namespace drover::orchestrator
