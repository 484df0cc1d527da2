#pragma once

#include <string>

#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// Tells the control planes' `kubeadm upgrade plan` of the other nodes: the file `cluster` below
/// /var/lib/sandbox of each, lines "NAME control-plane|worker vKUBELET [vCONTROL-PLANE]". Written
/// when that has changed.
class Peers {
 public:
  void publish(const World& world, Moment now);
  /// The lock of the cluster for those files of a control plane that a snapshot of etcd is made of;
  /// and what came back with one.
  void tell_lock(World& world);

 private:
  std::string lock_;
  std::string published_;
};

}  // namespace drover::sandbox
