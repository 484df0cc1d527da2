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

 private:
  std::string published_;
};

}  // namespace drover::sandbox
